/** Bootstrap of a mean: percentile and BCa intervals (Efron 1987), and a paired test for two or more seeds. */
import { normalCdf, normalQuantile } from "./normal.ts";
import { faultOf, good, type Outcome } from "./outcome.ts";
import { mean, sum } from "./sample.ts";

/** Uniform in [0, 1); the same function gives the same interval. */
export type Uniform = () => number;

export interface Interval {
  readonly low: number;
  readonly high: number;
}

export interface BootstrapOptions {
  readonly uniform: Uniform;
  readonly resamples: number;
  /** In (0, 1). */
  readonly level: number;
}

/** Means of resamples, ascending. */
function resampledMeans(values: readonly number[], { uniform, resamples }: BootstrapOptions): Float64Array {
  const means = new Float64Array(resamples);
  for (let k = 0; k < resamples; k++) {
    let total = 0;
    for (let i = 0; i < values.length; i++) total += values[Math.floor(uniform() * values.length)] ?? 0;
    means[k] = total / values.length;
  }
  return means.sort();
}

/** The value below which a share of the sorted list lies, between neighbours by proportion. */
function quantile(sorted: Float64Array, share: number): number {
  const at = Math.min(Math.max(share, 0), 1) * (sorted.length - 1);
  const below = Math.floor(at);
  const [a = Number.NaN, b = a] = [sorted[below], sorted[below + 1]];
  return a + (at - below) * (b - a);
}

export function percentileInterval(values: readonly number[], options: BootstrapOptions): Outcome<Interval> {
  const fault = faultOf(values, 2);
  if (fault !== null) return fault;
  const means = resampledMeans(values, options);
  const tail = (1 - options.level) / 2;
  return good({ low: quantile(means, tail), high: quantile(means, 1 - tail) });
}

/** Bias-corrected and accelerated; the percentile interval where every value is the same. */
export function bcaInterval(values: readonly number[], options: BootstrapOptions): Outcome<Interval> {
  const fault = faultOf(values, 2);
  if (fault !== null) return fault;
  const means = resampledMeans(values, options);
  const observed = mean(values);
  const below = means.reduce((count, one) => count + (one < observed ? 1 : one === observed ? 0.5 : 0), 0);
  const bias = normalQuantile(Math.min(Math.max(below / means.length, 0.5 / means.length), 1 - 0.5 / means.length));
  const acceleration = jackknifeSkew(values);
  const share = (tail: number): number => {
    const z = bias + normalQuantile(tail);
    return normalCdf(bias + z / (1 - acceleration * z));
  };
  const tail = (1 - options.level) / 2;
  return good({ low: quantile(means, share(tail)), high: quantile(means, share(1 - tail)) });
}

/** A sixth of the skewness of the means that leave one value out. */
function jackknifeSkew(values: readonly number[]): number {
  const centre = mean(values);
  // Leaving one out moves the mean by its distance from the centre, up to a factor that cancels.
  const moves = values.map((value) => value - centre);
  const squares = sum(moves.map((move) => move ** 2));
  return squares === 0 ? 0 : sum(moves.map((move) => move ** 3)) / (6 * squares ** 1.5);
}

/** Share of resamples of the differences whose mean is at least `against`: small when the differences lie below it. */
export function pairedBootstrapP(
  differences: readonly number[],
  against: number,
  options: Omit<BootstrapOptions, "level">,
): Outcome<number> {
  const fault = faultOf([...differences, against], 0) ?? faultOf(differences, 2);
  if (fault !== null) return fault;
  const means = resampledMeans(differences, { ...options, level: 0.5 });
  const reached = means.reduce((count, one) => count + (one >= against ? 1 : 0), 0);
  // One more in both: what was observed is one of its own resamples, and a p of 0 would claim too much.
  return good((reached + 1) / (means.length + 1));
}
