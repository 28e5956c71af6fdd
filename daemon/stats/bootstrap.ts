/**
 * Bootstrap of a mean: percentile and BCa intervals (Efron 1987, Better bootstrap confidence intervals), and a paired
 * test. The values are sorted first, so that with the same random numbers their order changes nothing.
 */
import { normalCdf, normalQuantile } from "./normal.ts";
import { bad, faultOf, good, type Outcome } from "./outcome.ts";
import { mean, sum } from "./sample.ts";

/** Uniform in [0, 1); the same function gives the same interval. */
export type Uniform = () => number;

export interface Interval {
  readonly low: number;
  readonly high: number;
}

export interface BootstrapOptions {
  readonly uniform: Uniform;
  /** A whole number, at least 1. */
  readonly resamples: number;
  /** In (0, 1). */
  readonly level: number;
}

/**
 * Mean of a resample that holds each value so many times. Resamples of the same values give the same bits: the share of
 * means that equal the observed one, large in small samples, would otherwise be up to rounding.
 */
function meanOf(sorted: readonly number[], counts: readonly number[]): number {
  let total = 0;
  for (const [i, count] of counts.entries()) total += count * (sorted[i] ?? 0);
  return total / sorted.length;
}

/** Means of resamples, ascending, and that of the sample itself, formed in the same way. */
function resample(values: readonly number[], uniform: Uniform, resamples: number) {
  const sorted = [...values].sort((a, b) => a - b);
  const means = new Float64Array(resamples);
  const counts = new Array<number>(sorted.length);
  for (let k = 0; k < resamples; k++) {
    counts.fill(0);
    for (let draw = 0; draw < sorted.length; draw++) {
      const i = Math.floor(uniform() * sorted.length);
      counts[i] = (counts[i] ?? 0) + 1;
    }
    means[k] = meanOf(sorted, counts);
  }
  return { means: means.sort(), observed: meanOf(sorted, counts.fill(1)) };
}

/** The value below which a share of the sorted list lies, between neighbours by proportion. */
function quantile(sorted: Float64Array, share: number): number {
  const at = Math.min(Math.max(share, 0), 1) * (sorted.length - 1);
  const below = Math.floor(at);
  const [a = Number.NaN, b = a] = [sorted[below], sorted[below + 1]];
  return a + (at - below) * (b - a);
}

export function percentileInterval(values: readonly number[], options: BootstrapOptions): Outcome<Interval> {
  const fault = faultOf(values, 2) ?? faultOfOptions(options);
  if (fault !== null) return fault;
  const { means } = resample(values, options.uniform, options.resamples);
  const tail = (1 - options.level) / 2;
  return good({ low: quantile(means, tail), high: quantile(means, 1 - tail) });
}

/** Bias-corrected and accelerated; one point where every value is the same. */
export function bcaInterval(values: readonly number[], options: BootstrapOptions): Outcome<Interval> {
  const fault = faultOf(values, 2) ?? faultOfOptions(options);
  if (fault !== null) return fault;
  const [first = 0] = values;
  if (isFlat(values)) return good({ low: first, high: first });
  const { means, observed } = resample(values, options.uniform, options.resamples);
  const below = means.reduce((count, one) => count + (one < observed ? 1 : one === observed ? 0.5 : 0), 0);
  const bias = normalQuantile(Math.min(Math.max(below / means.length, 0.5 / means.length), 1 - 0.5 / means.length));
  const acceleration = jackknifeSkew(values);
  const share = (tail: number): number => {
    const z = bias + normalQuantile(tail);
    const slowed = 1 - acceleration * z;
    // Past the pole of the correction every further tail is the last one.
    return slowed > 0 ? normalCdf(bias + z / slowed) : z < 0 ? 0 : 1;
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

/**
 * Share of resamples of the differences whose mean is at least `against`: small when the differences lie below it. Never
 * below 2^-n: so often n differences that are symmetric about `against` all fall below it by chance, and no resample of
 * those would reach it. Of few differences it is still too sure (normal ones, simulated: 0.05 is 0.10 for 5 to 7 and 0.07
 * for 10; 0.01 is 0.05 for 7): a t test decides, this one accompanies it.
 */
export function pairedBootstrapP(
  differences: readonly number[],
  against: number,
  { uniform, resamples }: Omit<BootstrapOptions, "level">,
): Outcome<number> {
  const fault =
    faultOf([...differences, against], 0) ?? faultOf(differences, 2) ?? faultOfOptions({ resamples, level: 0.5 });
  if (fault !== null) return fault;
  if (isFlat(differences)) return bad("no-variance", "All differences are the same, so chance cannot be measured.");
  const { means } = resample(differences, uniform, resamples);
  const reached = means.reduce((count, one) => count + (one >= against ? 1 : 0), 0);
  // One more in both: what was observed is one of its own resamples, and a p of 0 would claim too much.
  return good(Math.max((reached + 1) / (resamples + 1), 2 ** -differences.length));
}

/** All n^n resamples of n values, each once, instead of drawn ones: for samples so small that chance adds only noise. */
export function everyResample(n: number): Omit<BootstrapOptions, "level"> {
  let draw = 0;
  const uniform = () => {
    const [which, place] = [Math.floor(draw / n), draw % n];
    draw += 1;
    // In the middle of its share, so that rounding cannot move it into the next.
    return ((Math.floor(which / n ** place) % n) + 0.5) / n;
  };
  return { uniform, resamples: n ** n };
}

const isFlat = (values: readonly number[]): boolean => values.every((value) => value === values[0]);

function faultOfOptions({ resamples, level }: Omit<BootstrapOptions, "uniform">): Outcome<never> | null {
  if (!(Number.isSafeInteger(resamples) && resamples >= 1)) {
    return bad("bad-argument", "The number of resamples is a whole number above 0.");
  }
  return level > 0 && level < 1 ? null : bad("bad-argument", "The level lies between 0 and 1.");
}
