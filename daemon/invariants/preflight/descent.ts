/** INV-1: with a real gradient the training loss falls. Judged on the points of a curve up to its first rung. Pure. */

export interface DescentPoint {
  readonly step: number;
  /** Mean training loss since the previous point, nats per byte; null when it was not finite. */
  readonly lossNats: number | null;
  readonly gradNorm: number | null;
}

export interface Descent {
  readonly falls: boolean;
  /** Means over the first and the last quarter of the points, at least one of each. */
  readonly firstNats: number;
  readonly lastNats: number;
  readonly toStep: number;
}

/** Two points are a difference, not yet a tendency. */
const fewest = 3;

/** @returns null when nothing can be said: too few points, a loss that is not finite, or a gradient that is zero */
export function judgeDescent(points: readonly DescentPoint[]): Descent | null {
  const losses = points.flatMap(({ lossNats }) => (lossNats === null ? [] : [lossNats]));
  const hasGradient = points.some(({ gradNorm }) => gradNorm !== null && gradNorm > 0);
  if (losses.length < Math.max(fewest, points.length) || !hasGradient) return null;
  const quarter = Math.max(1, Math.floor(losses.length / 4));
  const firstNats = mean(losses.slice(0, quarter));
  const lastNats = mean(losses.slice(-quarter));
  return { falls: lastNats < firstNats, firstNats, lastNats, toStep: points.at(-1)?.step ?? 0 };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
