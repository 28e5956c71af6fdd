/** What an experiment can find: power of the one-sided t test on n values or n pairs, by the noncentral t distribution. */
import { logGamma } from "./beta.ts";
import { normalCdf } from "./normal.ts";
import { tUpperQuantile } from "./student-t.ts";

/**
 * Probability that the one-sided t test finds an effect.
 * @param effect true difference in standard deviations of the values (of the differences, for pairs), 0 or more
 * @param n values or pairs, at least 2 @param alpha level of the test, in (0, 1)
 */
export function powerOfT(effect: number, n: number, alpha: number): number {
  const df = n - 1;
  return noncentralTail(tUpperQuantile(alpha, df), df, effect * Math.sqrt(n));
}

/** P(T' > t) for the noncentral t: the normal tail, averaged over the sample's standard deviation. */
function noncentralTail(t: number, df: number, shift: number): number {
  const half = df / 2;
  const logFront = Math.log(2) + half * Math.log(half) - logGamma(half);
  const at = (s: number): number => {
    if (s <= 0) return 0;
    return Math.exp(logFront + (df - 1) * Math.log(s) - half * s * s) * normalCdf(shift - t * s);
  };
  // The standard deviation, in units of the true one, is within this many of its own deviations.
  const high = 1 + 14 / Math.sqrt(2 * df) + 8 / df;
  // For df = 1 the density does not vanish at 0.
  const start = df === 1 ? Math.exp(logFront) * normalCdf(shift) : 0;
  return simpson(at, high, start);
}

/** So many keep eight digits for two values, where the integrand is steepest. */
const intervals = 12_000;

function simpson(f: (x: number) => number, high: number, atZero: number): number {
  const width = high / intervals;
  let total = atZero + f(high);
  for (let k = 1; k < intervals; k++) total += (k % 2 === 1 ? 4 : 2) * f(k * width);
  return (total * width) / 3;
}

/** The smallest effect, in standard deviations, that is found with probability `power`. */
export function minimumDetectableEffect(n: number, alpha: number, power: number): number {
  let high = 1;
  while (powerOfT(high, n, alpha) < power && high < 1e6) high *= 2;
  let low = 0;
  for (let step = 0; step < 100 && high - low > high * 1e-12; step++) {
    const middle = (low + high) / 2;
    if (powerOfT(middle, n, alpha) < power) low = middle;
    else high = middle;
  }
  return high;
}

/** The least number of values or pairs that finds the effect with probability `power`; null: more than `most`. */
export function seedsNeeded(effect: number, alpha: number, power: number, most = 1000): number | null {
  if (!(effect > 0)) return null;
  for (let n = 2; n <= most; n++) if (powerOfT(effect, n, alpha) >= power) return n;
  return null;
}
