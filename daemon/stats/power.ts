/** What an experiment can find: power of the one-sided t test on n values or n pairs, by the noncentral t distribution. */
import { logGamma } from "./beta.ts";
import { normalCdf } from "./normal.ts";
import { tUpperQuantile } from "./student-t.ts";

/**
 * Probability that the one-sided t test finds an effect.
 * @param effect true difference in standard deviations of the values (of the differences, for pairs)
 * @param n values or pairs, at least 2 @param alpha level of the test, in (0, 1)
 */
export function powerOfT(effect: number, n: number, alpha: number): number {
  const df = n - 1;
  return noncentralTail(tUpperQuantile(alpha, df), df, effect * Math.sqrt(n), alpha);
}

const points = 2000;

/**
 * P(T' > t) for the noncentral t: the normal tail, averaged over the sample's standard deviation (Johnson and Kotz,
 * Continuous Univariate Distributions 2, chapter 31). The sum runs over the logarithm u of that deviation: there the
 * integrand is smooth and dies off at both ends, where equal steps converge fastest, and a tiny level, which only very
 * small deviations meet, is not stepped over.
 * @param least the result is not much below it
 */
function noncentralTail(t: number, df: number, shift: number, least: number): number {
  const half = df / 2;
  const logFront = Math.log(2) + half * Math.log(half) - logGamma(half);
  // Below, what is left out is less than e^-40 of `least`; above, the chi density is that small.
  const low = (Math.log(least) - 40) / df - 0.5;
  const high = Math.log(1 + 14 / Math.sqrt(2 * df) + 8 / df);
  const width = (high - low) / points;
  let total = 0;
  for (let k = 0; k <= points; k++) {
    const u = low + k * width;
    const s = Math.exp(u);
    total += Math.exp(logFront + df * u - half * s * s) * normalCdf(shift - t * s);
  }
  return Math.min(1, total * width);
}

/** The smallest effect, in standard deviations, that is found with probability `power`. @param power in [alpha, 1) */
export function minimumDetectableEffect(n: number, alpha: number, power: number): number {
  let high = 1;
  while (powerOfT(high, n, alpha) < power && high < 1e300) high *= 2;
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
  if (!(effect > 0) || powerOfT(effect, most, alpha) < power) return null;
  let tooFew = 1;
  let enough = most;
  while (enough - tooFew > 1) {
    const middle = Math.floor((tooFew + enough) / 2);
    if (powerOfT(effect, middle, alpha) < power) tooFew = middle;
    else enough = middle;
  }
  return enough;
}
