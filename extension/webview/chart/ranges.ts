/** Which part of the plane is on the screen. Pure. */
import { firstAtLeast } from "./curve-line.ts";
import type { SavedView, XAxis } from "./messages.ts";
import type { ChartModel } from "./model.ts";

export type Range = readonly [number, number];

/** Share of the span that stays free above and below the curves. */
const margin = 0.04;

/** Start of a logarithmic time axis: nothing is recorded within the first tenth of a second. */
const smallest: Record<XAxis, number> = { steps: 1, tokens: 1, time: 0.1 };

/** From the origin (on a log axis: the first point) to the last point. */
export function fitX(model: ChartModel, axis: XAxis, isLog: boolean): Range {
  let low = Infinity;
  let high = 0;
  for (const series of model.series.values()) {
    const xs = series.line === null ? [] : model.xs(series, series.line, axis);
    low = Math.min(low, xs[0] ?? Infinity);
    high = Math.max(high, xs.at(-1) ?? 0, model.marks(series, axis).at(-1)?.x ?? 0);
  }
  if (high === 0) return isLog ? [1, 10] : [0, 1];
  const start = isLog ? Math.max(smallest[axis], Math.min(low, high / 2)) : 0;
  return [start, isLog ? high * 1.05 : high * (1 + margin / 2)];
}

/** Share of a linear axis whose points do not stretch the vertical one: there the loss falls from that of chance. */
const fallingShare = 0.03;

/**
 * Curves, validation results and the target between two places. On a linear axis the first moments of training leave
 * at the top: they would press everything else into the bottom of the plot. The end of every curve stays in sight.
 */
export function fitY(model: ChartModel, axis: XAxis, x: Range, isLog: boolean, target: number | null): Range {
  let low = Infinity;
  let high = -Infinity;
  const include = (value: number) => {
    if (value < low) low = value;
    if (value > high) high = value;
  };
  const settled = x[0] === 0 && !isLog ? x[1] * fallingShare : x[0];
  for (const series of model.series.values()) {
    const line = model.lineFor(series, axis, x[0], x[1]);
    const xs = line === null ? [] : model.xs(series, line, axis);
    const start = Math.max(0, firstAtLeast(xs, settled) - 1);
    const end = Math.min(xs.length, firstAtLeast(xs, x[1]) + 1);
    for (let index = start; index < end; index++) include(line?.bpb[index] ?? Number.NaN);
    for (const mark of model.marks(series, axis)) if (mark.x >= x[0] && mark.x <= x[1]) include(mark.valBpb);
  }
  if (low === Infinity) return isLog ? [1, 8] : [0, 8];
  if (target !== null) include(target);
  if (isLog) return [Math.max(low, 1e-3) / (1 + margin), high * (1 + margin)];
  const free = Math.max((high - low) * margin, 0.01);
  return [low - free, high + free];
}

export function viewRanges(model: ChartModel, view: SavedView, target: number | null): { x: Range; y: Range } {
  const x = view.zoomX ?? fitX(model, view.xAxis, view.logX);
  return { x, y: view.zoomY ?? fitY(model, view.xAxis, x, view.logY, target) };
}

/**
 * A range made wider (`factor` above 1) or narrower around the place that lies at `share` of it, or moved by
 * `shift` of its width. On a logarithmic axis all of that happens to the logarithms.
 */
export function adjustRange(
  [low, high]: Range,
  isLog: boolean,
  change: { factor?: number; share?: number; shift?: number },
): Range {
  const { factor = 1, share = 0.5, shift = 0 } = change;
  const to = isLog ? Math.log : (value: number) => value;
  const back = isLog ? Math.exp : (value: number) => value;
  const [a, b] = [to(low), to(high)];
  const fixed = a + (b - a) * share;
  const moved = (b - a) * shift;
  return [back(fixed - (fixed - a) * factor + moved), back(fixed + (b - fixed) * factor + moved)];
}
