/** The chart: messages change the model, gestures change the view, and at most once a frame both are drawn. */
import { html, nothing, render } from "lit";
import { formatBpb, parseTarget } from "./format.ts";
import { bindGestures } from "./gestures.ts";
import { Latency } from "./latency.ts";
import { type ChartParts, layOut } from "./layout.ts";
import { legend } from "./legend.ts";
import { type ChartMessage, defaultView, type HostMessage, type SavedView } from "./messages.ts";
import { ChartModel } from "./model.ts";
import { Picker } from "./picker.ts";
import { Plot } from "./plot.ts";
import { toPng } from "./png.ts";
import { Queries } from "./queries.ts";
import { adjustRange, type Range, viewRanges } from "./ranges.ts";
import { buildScene } from "./scene.ts";
import { type ChartStrings, englishStrings, fill } from "./strings.ts";
import { trialTable } from "./table.ts";
import { bannerText, groupText, isAway, pickedText, seriesFacts, summaryText } from "./texts.ts";
import { readTheme, type Theme } from "./theme.ts";
import { toolbar } from "./toolbar.ts";

export interface VsCodeApi {
  readonly postMessage: (message: ChartMessage) => void;
  readonly getState: () => unknown;
  readonly setState: (state: SavedView) => void;
}

/** Texts around the plot follow this slowly; the curves follow every frame. */
const textIntervalMs = 200;

export class ChartApp {
  readonly #api: VsCodeApi;
  readonly #parts: ChartParts;
  readonly #area: HTMLElement;
  readonly #plot: Plot;
  readonly #model = new ChartModel();
  readonly #queries: Queries;
  readonly #picker: Picker;
  readonly #latency = new Latency();
  #view: SavedView;
  #strings: ChartStrings = englishStrings;
  #settingTarget: number | null = null;
  #theme: Theme;
  #ranges: { x: Range; y: Range } = { x: [0, 1], y: [0, 8] };
  #focused: string | null = null;
  #frame = 0;
  #textsAt = 0;
  #textTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(root: HTMLElement, api: VsCodeApi) {
    this.#api = api;
    this.#view = { ...defaultView, ...(api.getState() as Partial<SavedView> | undefined) };
    this.#parts = layOut(root);
    this.#area = this.#parts.plot;
    this.#queries = new Queries(this.#model, (message) => api.postMessage(message));
    this.#theme = readTheme(document.body);
    this.#plot = new Plot(this.#area, {
      onSelect: (x, y) => this.#change({ ...(x && { zoomX: x }), ...(y && { zoomY: y }) }),
      onPoint: (place) => this.#picker.pointAt(place),
    });
    this.#picker = new Picker(this.#model, this.#plot, this.#parts.readout, {
      view: () => ({ axis: this.#view.xAxis, range: this.#ranges.x }),
      describe: (picked) => pickedText(picked, this.#view, this.#strings),
      focus: (trialId) => {
        this.#focused = trialId;
        this.#drawSoon();
      },
    });
    this.#bind();
  }

  receive(message: HostMessage): void {
    if (message.kind === "init") {
      this.#strings = message.strings;
      this.#settingTarget = message.targetBpb;
      document.documentElement.lang = message.locale;
      this.#writeTexts();
      this.#drawSoon();
      return;
    }
    const hasChanged = this.#model.apply(message);
    if (message.kind === "points" && hasChanged) for (const { atMs } of message.points) this.#latency.arrived(atMs);
    if (message.kind === "plotted" || message.kind === "points") this.#queries.refresh(this.#view);
    if (message.kind === "plotted" && this.#focused !== null && !this.#model.series.has(this.#focused))
      this.#focus(null);
    if (hasChanged) this.#drawSoon();
  }

  #bind(): void {
    bindGestures(this.#area, {
      pan: (dx, dy) => this.#move({ shift: dx }, { shift: dy }),
      zoom: (factor, shareX, shareY) =>
        this.#move({ factor, share: shareX }, shareY === null ? null : { factor, share: shareY }),
      reset: () => this.#change({ zoomX: null, zoomY: null }),
      walk: (points, curves) => this.#picker.walk(points, curves),
      leave: () => this.#picker.pick(null),
      over: () => this.#plot.over,
    });
    new ResizeObserver(() => this.#drawSoon()).observe(this.#area);
    new MutationObserver(() => {
      this.#theme = readTheme(document.body);
      this.#drawSoon();
    }).observe(document.documentElement, {
      attributes: true,
      subtree: true,
      attributeFilter: ["class", "style", "data-vscode-theme-id"],
    });
  }

  get #target(): number | null {
    const typed = parseTarget(this.#view.target);
    return typed === null || Number.isNaN(typed) ? this.#settingTarget : typed;
  }

  #change(part: Partial<SavedView>): void {
    const linear = part.logX !== undefined || part.logY !== undefined ? { zoomX: null, zoomY: null } : {};
    this.#view = { ...this.#view, ...linear, ...part };
    this.#api.setState(this.#view);
    this.#queries.refresh(this.#view);
    this.#writeTexts();
    this.#drawSoon();
  }

  #move(x: Parameters<typeof adjustRange>[2], y: Parameters<typeof adjustRange>[2] | null): void {
    const zoomX = adjustRange(this.#ranges.x, this.#view.logX, x);
    const changesY = y !== null && (y.shift !== 0 || y.factor !== undefined);
    const zoomY = changesY ? adjustRange(this.#ranges.y, this.#view.logY, y) : this.#view.zoomY;
    this.#change({ zoomX, zoomY });
  }

  #drawSoon(): void {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#draw();
    });
  }

  #draw(): void {
    const { xAxis, logX, logY, table } = this.#view;
    const target = this.#target;
    this.#ranges = viewRanges(this.#model, this.#view, target);
    this.#queries.refine(this.#view, this.#ranges.x);
    if (!table) {
      const startMs = performance.now();
      const options = { view: this.#view, target, focused: this.#focused, theme: this.#theme };
      const scene = buildScene(this.#model, this.#ranges, options);
      const xLabel = this.#strings[xAxis];
      this.#plot.draw({ axis: xAxis, logX, logY, xLabel, yLabel: this.#strings.bpbAxis, scene, theme: this.#theme });
      // uPlot commits in a microtask; the figure includes it.
      queueMicrotask(() => {
        document.body.dataset.drawMs = (performance.now() - startMs).toFixed(1);
      });
    }
    this.#latency.drawn(Date.now());
    this.#textsSoon();
  }

  #textsSoon(): void {
    const wait = this.#textsAt + textIntervalMs - performance.now();
    if (this.#textTimer !== undefined) return;
    this.#textTimer = setTimeout(
      () => {
        this.#textTimer = undefined;
        this.#writeTexts();
      },
      Math.max(0, wait),
    );
  }

  #writeTexts(): void {
    this.#textsAt = performance.now();
    const [model, strings, view] = [this.#model, this.#strings, this.#view];
    const { header, toolbar: bar, banner, legend: below, table, live } = this.#parts;
    const groups = model.groups();
    render(
      html`<h1>${strings.title}</h1>${groups.map((group) => html`<span class="group">${groupText(group, strings)}</span>`)}`,
      header,
    );
    render(toolbar(view, strings, this.#settingTarget, this.#actions), bar);
    const warning = bannerText(model, strings);
    banner.hidden = warning === null;
    render(warning ?? nothing, banner);
    this.#area.setAttribute("aria-label", `${strings.title}. ${summaryText(model, strings)} ${strings.help}`);
    this.#area.title = strings.help;
    const focus = (trialId: string | null) => this.#focus(trialId);
    render(
      legend({ model, view, strings, theme: this.#theme, target: this.#target, focused: this.#focused, focus }),
      below,
    );
    render(view.table ? trialTable(model, strings) : nothing, table);
    document.body.classList.toggle("show-table", view.table);
    document.body.classList.toggle("away", isAway(model));
    const summary = summaryText(model, strings);
    if (live.textContent !== summary) live.textContent = summary;
    this.#publish();
  }

  /** Facts for tests: what is drawn, and how long after its event. */
  #publish(): void {
    const { dataset } = document.body;
    dataset.series = seriesFacts(this.#model);
    dataset.ranges = JSON.stringify(this.#ranges);
    const { medianMs, count } = this.#latency;
    if (medianMs !== null) dataset.latencyMs = String(Math.round(medianMs));
    dataset.latencyCount = String(count);
  }

  readonly #actions = {
    change: (part: Partial<SavedView>) => this.#change(part),
    reset: () => this.#change({ zoomX: null, zoomY: null }),
    savePng: () => this.#savePng(),
    saveCsv: () => this.#api.postMessage({ kind: "save-csv" }),
  };

  #savePng(): void {
    const { canvas } = this.#plot;
    if (canvas === null) return;
    const [strings, target] = [this.#strings, this.#target];
    const header = this.#model.groups().map((group) => groupText(group, strings));
    const train = this.#view.smoothing === 0 ? strings.train : fill(strings.trainSmoothed, this.#view.smoothing);
    const protocols = [...new Set(this.#model.groups().map(({ protocol }) => protocol))].join(", ");
    const keys = [`— ${train}`, `● ${fill(strings.validation, protocols)}`];
    if (target !== null) keys.push(`${strings.target} ${formatBpb(target)}`);
    const scale = canvas.width / this.#area.clientWidth;
    const base64 = toPng(canvas, { model: this.#model, theme: this.#theme, header, keys: keys.join("    "), scale });
    this.#api.postMessage({ kind: "save-png", base64 });
  }

  #focus(trialId: string | null): void {
    this.#focused = trialId;
    if (trialId === null) this.#picker.pick(null);
    this.#writeTexts();
    this.#drawSoon();
  }
}
