/** What lies under the plot: what a line and a marker mean, and the plotted trials with their last numbers. */
import { html, nothing, svg, type TemplateResult } from "lit";
import { formatBpb, statusText } from "./format.ts";
import { svgPoints } from "./markers.ts";
import type { SavedView } from "./messages.ts";
import { type ChartModel, isActive, type Series } from "./model.ts";
import { type ChartStrings, fill } from "./strings.ts";
import { type SeriesStyle, seriesStyle, type Theme } from "./theme.ts";

/** More chips than these would push the plot off the screen; the table has all. */
const mostChips = 12;

export interface LegendState {
  readonly model: ChartModel;
  readonly view: SavedView;
  readonly strings: ChartStrings;
  readonly theme: Theme;
  readonly target: number | null;
  readonly focused: string | null;
  readonly focus: (trialId: string | null) => void;
}

export function legend(state: LegendState): TemplateResult {
  const series = byValidation(state.model);
  const rest = series.length - mostChips;
  return html`
    <ul class="keys">${keys(state)}</ul>
    <ul class="chips">
      ${series.slice(0, mostChips).map((one) => chip(one, state))}
      ${rest > 0 ? html`<li class="rest">${fill(state.strings.moreTrials, rest)}</li>` : nothing}
    </ul>
  `;
}

/** Plotted trials, best last validation result first; those without one in order of their slots. */
export function byValidation(model: ChartModel): readonly Series[] {
  const last = ({ facts }: Series) => facts.results.at(-1)?.valBpb ?? Infinity;
  const order = (a: Series, b: Series) => (last(a) === last(b) ? a.slot - b.slot : last(a) - last(b));
  return [...model.series.values()].sort(order);
}

function keys({ model, view, strings, theme, target }: LegendState): TemplateResult[] {
  const protocols = [...new Set(model.groups().map(({ protocol }) => protocol))].join(", ");
  const ink = theme.foreground;
  const entry = (key: string, swatch: TemplateResult, text: string) =>
    html`<li data-key=${key}>${swatch}<span>${text}</span></li>`;
  const train = view.smoothing === 0 ? strings.train : fill(strings.trainSmoothed, view.smoothing);
  const entries = [
    entry("train", swatch({ color: ink, dash: [], marker: "circle" }, "line"), train),
    entry(
      "validation",
      swatch({ color: ink, dash: [], marker: "circle" }, "marker"),
      fill(strings.validation, protocols || "–"),
    ),
    entry("inactive", swatch({ color: theme.inactive, dash: [], marker: "circle" }, "hollow"), strings.inactive),
  ];
  if (view.bestSoFar && model.bestSoFar("steps").length > 0) {
    entries.push(
      entry("best", swatch({ color: theme.best, dash: [6, 3], marker: "circle" }, "line"), strings.bestSoFar),
    );
  }
  if (target !== null) {
    const text = `${strings.target} ${formatBpb(target)}`;
    entries.push(entry("target", swatch({ color: theme.target, dash: [10, 4], marker: "circle" }, "line"), text));
  }
  return entries;
}

function chip(series: Series, { strings, theme, focused, focus }: LegendState): TemplateResult {
  const { facts, line, slot } = series;
  const isOn = isActive(facts.status);
  const own = seriesStyle(slot, theme);
  const style = isOn ? own : { ...own, color: theme.inactive };
  const isFocused = focused === facts.trialId;
  const valBpb = facts.results.at(-1)?.valBpb ?? null;
  return html`<li>
    <button
      class="chip"
      data-trial=${facts.trialId}
      aria-pressed=${isFocused ? "true" : "false"}
      title=${`${facts.label} · ${statusText(facts.status, strings)}`}
      @click=${() => focus(isFocused ? null : facts.trialId)}
    >
      ${swatch(style, "both")}<span class=${isOn ? "name" : "name inactive"}>${facts.label}</span>
      <span class="number">${formatBpb(line?.lastBpb ?? null)}</span>
      <span class="number val">● ${formatBpb(valBpb)}</span>
    </button>
  </li>`;
}

/** A short piece of the line, its marker, or both. */
export function swatch(
  { color, dash, marker }: SeriesStyle,
  kind: "line" | "marker" | "hollow" | "both",
): TemplateResult {
  const line = svg`<line x1="1" y1="7" x2="27" y2="7" stroke=${color} stroke-width="2" stroke-dasharray=${dash.join(" ")} />`;
  const filling = kind === "hollow" ? "none" : color;
  const points = svgPoints(marker, 14, 7, 4);
  const mark =
    points === null
      ? svg`<circle cx="14" cy="7" r="4" fill=${filling} stroke=${color} />`
      : svg`<polygon points=${points} fill=${filling} stroke=${color} />`;
  return html`<svg class="swatch" viewBox="0 0 28 14" aria-hidden="true">
    ${kind === "marker" ? nothing : line}${kind === "line" ? nothing : mark}
  </svg>`;
}
