/** The row of controls above the plot. */
import "@vscode-elements/elements/dist/vscode-button/index.js";
import "@vscode-elements/elements/dist/vscode-checkbox/index.js";
import "@vscode-elements/elements/dist/vscode-option/index.js";
import "@vscode-elements/elements/dist/vscode-single-select/index.js";
import "@vscode-elements/elements/dist/vscode-textfield/index.js";
import { html, type TemplateResult } from "lit";
import { formatBpb, parseTarget } from "./format.ts";
import type { SavedView, XAxis } from "./messages.ts";
import type { ChartStrings } from "./strings.ts";

export interface ToolbarActions {
  readonly change: (part: Partial<SavedView>) => void;
  readonly reset: () => void;
  readonly savePng: () => void;
  readonly saveCsv: () => void;
}

/** Where the slider stands for each share of smoothing: even steps would crowd the useful ones at the end. */
const smoothingSteps = [0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98, 0.99, 0.995] as const;

export function toolbar(
  view: SavedView,
  strings: ChartStrings,
  settingTarget: number | null,
  actions: ToolbarActions,
): TemplateResult {
  const box = (name: "logX" | "logY" | "bestSoFar" | "rungLines", label: string) =>
    html`<vscode-checkbox
      data-control=${name}
      .checked=${view[name]}
      label=${label}
      @change=${(event: Event) => actions.change({ [name]: (event.target as HTMLInputElement).checked })}
    ></vscode-checkbox>`;
  return html`
    ${axisSelect(view, strings, actions)} ${box("logX", strings.logX)} ${box("logY", strings.logY)}
    ${smoothingSlider(view, strings, actions)} ${box("bestSoFar", strings.bestSoFar)} ${box("rungLines", strings.rungs)}
    ${targetField(view, strings, settingTarget, actions)}
    <span class="actions">
    <vscode-button secondary data-control="reset" @click=${actions.reset}>${strings.reset}</vscode-button>
    <vscode-button
      secondary
      data-control="table"
      aria-pressed=${view.table ? "true" : "false"}
      @click=${() => actions.change({ table: !view.table })}
      >${view.table ? strings.chart : strings.table}</vscode-button
    >
    <vscode-button secondary data-control="png" title=${strings.savePng} ?disabled=${view.table} @click=${actions.savePng}
      >${strings.png}</vscode-button
    >
    <vscode-button secondary data-control="csv" title=${strings.saveCsv} @click=${actions.saveCsv}>${strings.csv}</vscode-button></span>
  `;
}

function axisSelect(view: SavedView, strings: ChartStrings, { change }: ToolbarActions): TemplateResult {
  const choose = (event: Event) => change({ xAxis: (event.target as HTMLSelectElement).value as XAxis, zoomX: null });
  const option = (axis: XAxis, label: string) =>
    html`<vscode-option value=${axis} ?selected=${view.xAxis === axis}>${label}</vscode-option>`;
  return html`<vscode-single-select
    data-control="x-axis"
    aria-label=${strings.xAxis}
    .value=${view.xAxis}
    @change=${choose}
    >${option("steps", strings.steps)}${option("tokens", strings.tokens)}${option("time", strings.time)}</vscode-single-select
  >`;
}

function smoothingSlider(view: SavedView, strings: ChartStrings, { change }: ToolbarActions): TemplateResult {
  const position = Math.max(
    0,
    smoothingSteps.findLastIndex((share) => share <= view.smoothing),
  );
  const choose = (event: Event) =>
    change({ smoothing: smoothingSteps[Number((event.target as HTMLInputElement).value)] ?? 0 });
  return html`<label class="slider"
    >${strings.smoothing}
    <input
      type="range"
      data-control="smoothing"
      min="0"
      max=${smoothingSteps.length - 1}
      step="1"
      .value=${String(position)}
      aria-valuetext=${String(view.smoothing)}
      @input=${choose}
    /><output>${view.smoothing}</output></label
  >`;
}

function targetField(
  view: SavedView,
  strings: ChartStrings,
  settingTarget: number | null,
  { change }: ToolbarActions,
): TemplateResult {
  const isWrong = Number.isNaN(parseTarget(view.target));
  return html`<label class="target"
    >${strings.target}
    <vscode-textfield
      data-control="target"
      aria-label=${strings.target}
      placeholder=${settingTarget === null ? strings.targetHint : formatBpb(settingTarget)}
      .value=${view.target}
      ?invalid=${isWrong}
      aria-invalid=${isWrong ? "true" : "false"}
      @input=${(event: Event) => change({ target: (event.target as HTMLInputElement).value })}
    ></vscode-textfield
  ></label>`;
}
