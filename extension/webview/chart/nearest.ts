/** Finds what the pointer or the keyboard points at. Pure. */
import { firstAtLeast } from "./curve-line.ts";
import type { XAxis } from "./messages.ts";
import type { ChartModel, Series } from "./model.ts";
import type { Range } from "./ranges.ts";

export interface Picked {
  readonly series: Series;
  readonly kind: "train" | "validation";
  readonly x: number;
  readonly bpb: number;
  readonly step: number;
}

interface Place {
  readonly axis: XAxis;
  readonly x: Range;
  /** CSS pixels of values. */
  readonly toLeft: (x: number) => number;
  readonly toTop: (bpb: number) => number;
}

/** How near, in CSS pixels, the pointer must come. */
const reach = 40;
/** Markers are small and lie over lines: the pointer prefers them. */
const markBonus = 6;

/** The point or marker nearest to a place on the screen, or null. */
export function pickAt(model: ChartModel, place: Place, left: number, top: number): Picked | null {
  let best: Picked | null = null;
  let bestDistance = reach;
  const consider = (picked: Picked, bonus: number) => {
    const distance = Math.hypot(place.toLeft(picked.x) - left, place.toTop(picked.bpb) - top) - bonus;
    if (distance >= bestDistance) return;
    bestDistance = distance;
    best = picked;
  };
  for (const series of model.series.values()) {
    for (const { x, step, valBpb } of model.marks(series, place.axis)) {
      consider({ series, kind: "validation", x, bpb: valBpb, step }, markBonus);
    }
    for (const picked of neighbours(model, series, place, left)) consider(picked, 0);
  }
  return best;
}

/** The points of a curve around a horizontal place: the nearest one and its neighbours. */
function neighbours(model: ChartModel, series: Series, place: Place, left: number): Picked[] {
  const line = model.lineFor(series, place.axis, place.x[0], place.x[1]);
  if (line === null) return [];
  const xs = model.xs(series, line, place.axis);
  let low = 0;
  let high = xs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (place.toLeft(xs[middle] ?? 0) < left) low = middle + 1;
    else high = middle;
  }
  return [low - 1, low, low + 1].flatMap((index) => {
    const [x, bpb, step] = [xs[index], line.bpb[index], line.steps[index]];
    if (x === undefined || bpb === undefined || step === undefined || Number.isNaN(bpb)) return [];
    return [{ series, kind: "train" as const, x, bpb, step }];
  });
}

/** The training point of a series nearest to a place on the axis. */
export function pointNear(model: ChartModel, series: Series, axis: XAxis, x: Range, at: number): Picked | null {
  const line = model.lineFor(series, axis, x[0], x[1]);
  if (line === null || line.steps.length === 0) return null;
  const xs = model.xs(series, line, axis);
  const index = Math.min(firstAtLeast(xs, at), xs.length - 1);
  return { series, kind: "train", x: xs[index] ?? 0, bpb: line.bpb[index] ?? Number.NaN, step: line.steps[index] ?? 0 };
}

/** The point `by` points further on the same curve (negative: before), within the curve. */
export function pointBeside(model: ChartModel, picked: Picked, axis: XAxis, x: Range, by: number): Picked | null {
  const line = model.lineFor(picked.series, axis, x[0], x[1]);
  if (line === null) return null;
  const index = firstAtLeast(line.steps, picked.step) + by;
  const clamped = Math.max(0, Math.min(line.steps.length - 1, index));
  const xs = model.xs(picked.series, line, axis);
  return pointNear(model, picked.series, axis, x, xs[clamped] ?? 0);
}
