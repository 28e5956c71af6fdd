/** The plot: uPlot gives axes, scales, pointer and selection; the curves are drawn by `draw.ts` on its canvas. */
import uPlot from "uplot";
import { drawScene, type Scene, scaledFont } from "./draw.ts";
import { formatX } from "./format.ts";
import type { XAxis } from "./messages.ts";
import type { Range } from "./ranges.ts";
import type { Theme } from "./theme.ts";
import { isLabelled, logTicks } from "./ticks.ts";

export interface PlotFrame {
  readonly axis: XAxis;
  readonly logX: boolean;
  readonly logY: boolean;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly scene: Scene;
  readonly theme: Theme;
}

export interface PlotListener {
  /** The user drew a frame; an axis that it covers hardly is null. */
  readonly onSelect: (x: Range | null, y: Range | null) => void;
  /** The pointer is here, in CSS pixels of the plotting area; null: it has left. */
  readonly onPoint: (place: { readonly left: number; readonly top: number } | null) => void;
}

export class Plot {
  readonly #container: HTMLElement;
  readonly #listener: PlotListener;
  #frame: PlotFrame | null = null;
  #plot: uPlot | null = null;
  /** Changes of these need another uPlot. */
  #shape = "";

  constructor(container: HTMLElement, listener: PlotListener) {
    this.#container = container;
    this.#listener = listener;
  }

  /** The plotting area, for what listens to the pointer. */
  get over(): HTMLElement | null {
    return this.#plot?.over ?? null;
  }
  get canvas(): HTMLCanvasElement | null {
    return this.#plot?.ctx.canvas ?? null;
  }

  draw(frame: PlotFrame): void {
    const { clientWidth: width, clientHeight: height } = this.#container;
    if (width < 50 || height < 50) return;
    this.#frame = frame;
    const shape = JSON.stringify([frame.axis, frame.logX, frame.logY, frame.xLabel, frame.yLabel, frame.theme]);
    if (this.#plot === null || shape !== this.#shape) {
      this.#plot?.destroy();
      this.#plot = new uPlot(this.#options(frame, width, height), [[frame.scene.x[0]], [null]], this.#container);
      this.#shape = shape;
      return;
    }
    if (this.#plot.width !== width || this.#plot.height !== height) this.#plot.setSize({ width, height });
    // Both scales take their limits from the frame; setting x makes uPlot ask for them and draw.
    this.#plot.setScale("x", { min: frame.scene.x[0], max: frame.scene.x[1] });
  }

  toLeft(x: number): number {
    return this.#plot?.valToPos(x, "x") ?? 0;
  }
  toTop(bpb: number): number {
    return this.#plot?.valToPos(bpb, "y") ?? 0;
  }
  toValue(left: number): number {
    return this.#plot?.posToVal(left, "x") ?? 0;
  }
  /** Moves the cross-hair without a pointer. */
  moveCursor(left: number, top: number): void {
    this.#plot?.setCursor({ left, top }, false);
  }

  #options(frame: PlotFrame, width: number, height: number): uPlot.Options {
    const { theme } = frame;
    const range = (pick: (scene: Scene) => Range) => (): uPlot.Range.MinMax => {
      const [min, max] = pick(this.#frame?.scene ?? frame.scene);
      return [min, max];
    };
    const axis = {
      stroke: theme.foreground,
      grid: { stroke: theme.lines, width: theme.isHighContrast ? 0.25 : 0.18 },
      ticks: { stroke: theme.lines, width: 0.5, size: 5 },
      font: scaledFont(theme.font, 1),
      labelFont: scaledFont(theme.font, 1),
      labelSize: 20,
      labelGap: 0,
    };
    const labels = (isLog: boolean, scale: string, format: (value: number) => string) => ({
      ...(isLog && {
        splits: (_plot: uPlot, _axis: number, low: number, high: number) => logTicks(low, high),
        filter: keepAll,
      }),
      values: (plot: uPlot, ticks: (number | null)[]) => {
        const { min, max } = plot.scales[scale] ?? {};
        const shows = (tick: number) => !isLog || isLabelled(tick, min ?? 1, max ?? 10);
        return ticks.map((tick) => (tick === null || !shows(tick) ? null : format(tick)));
      },
    });
    const xLabels = labels(frame.logX, "x", (value) => formatX(frame.axis, value));
    const yLabels = labels(frame.logY, "y", (value) => String(Number(value.toPrecision(4))));
    return {
      width,
      height,
      legend: { show: false },
      padding: [8, 16, 0, 0],
      scales: {
        x: { time: false, distr: frame.logX ? 3 : 1, range: range(({ x }) => x) },
        y: { distr: frame.logY ? 3 : 1, range: range(({ y }) => y) },
      },
      series: [{}, { scale: "y", paths: () => null, points: { show: false } }],
      axes: [
        { ...axis, label: frame.xLabel, size: 30, space: 70, ...xLabels },
        { ...axis, label: frame.yLabel, size: 56, ...yLabels },
      ],
      cursor: {
        points: { show: false },
        drag: { x: true, y: true, uni: 24, setScale: false },
        bind: { dblclick: () => null, mousedown: ignoreShift },
      },
      hooks: {
        draw: [(plot) => this.#drawScene(plot)],
        setSelect: [(plot) => this.#select(plot)],
        setCursor: [({ cursor: { left, top } }) => this.#point(left, top)],
      },
    };
  }

  #drawScene(plot: uPlot): void {
    if (this.#frame === null) return;
    const canvas = {
      ctx: plot.ctx,
      box: plot.bbox,
      toX: pixelsOf(this.#frame.scene.x, this.#frame.logX, plot.bbox.left, plot.bbox.width),
      toY: pixelsOf(this.#frame.scene.y, this.#frame.logY, plot.bbox.top + plot.bbox.height, -plot.bbox.height),
      scale: uPlot.pxRatio,
    };
    drawScene(canvas, this.#frame.scene, this.#frame.theme);
  }

  #select(plot: uPlot): void {
    const { left, top, width, height } = plot.select;
    if (width === 0 && height === 0) return;
    const isWide = width > 4 && width < plot.over.clientWidth;
    const isHigh = height > 4 && height < plot.over.clientHeight;
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.#listener.onSelect(
      isWide ? [plot.posToVal(left, "x"), plot.posToVal(left + width, "x")] : null,
      isHigh ? [plot.posToVal(top + height, "y"), plot.posToVal(top, "y")] : null,
    );
  }

  #point(left: number | undefined, top: number | undefined): void {
    const isInside = left !== undefined && top !== undefined && left >= 0 && top >= 0;
    this.#listener.onPoint(isInside ? { left, top } : null);
  }
}

/** uPlot hides ticks of logarithmic axes by its own rule; ours are chosen already. */
function keepAll(_plot: uPlot, ticks: (number | null)[]): (number | null)[] {
  return ticks;
}

/** Shift starts a pan, which is not uPlot's. */
function ignoreShift(_plot: uPlot, _target: HTMLElement, handler: (event: MouseEvent) => null) {
  return (event: MouseEvent): null => (event.shiftKey ? null : handler(event));
}

/** Value to canvas pixel; uPlot's own conversion is too slow for a million points. */
function pixelsOf([low, high]: Range, isLog: boolean, start: number, length: number): (value: number) => number {
  if (!isLog) {
    const perUnit = length / (high - low);
    return (value) => start + (value - low) * perUnit;
  }
  const from = Math.log(low);
  const perUnit = length / (Math.log(high) - from);
  return (value) => start + (Math.log(Math.max(value, Number.MIN_VALUE)) - from) * perUnit;
}
