/** Student's t distribution: both tails with their own relative accuracy, for any degrees of freedom above 0. */
import { incompleteBeta, logBeta } from "./beta.ts";

/** P(T <= t). @param df degrees of freedom above 0, whole or not */
export function tCdf(t: number, df: number): number {
  return t <= 0 ? tail(-t, df) : 1 - tail(t, df);
}

/** P(T > t), without forming 1 - P. */
export function tSurvival(t: number, df: number): number {
  return tCdf(-t, df);
}

/** P(T > t) for t at or above 0. */
function tail(t: number, df: number): number {
  if (t === Number.POSITIVE_INFINITY) return 0;
  const square = t * t;
  // Both without loss: near 0 the one is small, far out the other.
  const x = square === Number.POSITIVE_INFINITY ? (Math.sqrt(df) / t) ** 2 : df / (df + square);
  const y = square === Number.POSITIVE_INFINITY ? 1 : square / (df + square);
  return incompleteBeta(x, y, df / 2, 0.5).lower / 2;
}

/** log of the density. */
function logDensity(t: number, df: number): number {
  return -0.5 * Math.log(df) - logBeta(df / 2, 0.5) - ((df + 1) / 2) * Math.log1p((t * t) / df);
}

/** t with P(T <= t) = p. @param p in (0, 1); 0 and 1 give the infinities */
export function tQuantile(p: number, df: number): number {
  if (!(p >= 0 && p <= 1) || !(df > 0)) return Number.NaN;
  if (p === 0.5) return 0;
  if (p > 0.5) return -lowerQuantile(1 - p, df);
  return lowerQuantile(p, df);
}

/** t with P(T > t) = p: for small p of the upper tail, where 1 - p would round. */
export function tUpperQuantile(p: number, df: number): number {
  return -tQuantile(p, df);
}

/** Bisection on the logarithm of the tail brackets the root; Newton's steps finish it. */
function lowerQuantile(p: number, df: number): number {
  if (p === 0) return Number.NEGATIVE_INFINITY;
  let low = -1;
  while (tCdf(low, df) > p && low > -1e300) low *= 2;
  let high = low === -1 ? 0 : low / 2;
  for (let step = 0; step < 60 && high - low > Math.abs(low) * 1e-6; step++) {
    const middle = (low + high) / 2;
    if (tCdf(middle, df) > p) high = middle;
    else low = middle;
  }
  let t = (low + high) / 2;
  for (let step = 0; step < 8; step++) {
    const at = tCdf(t, df);
    // In logarithms the far tail is nearly a straight line.
    const next = t - (Math.log(at / p) * at) / Math.exp(logDensity(t, df));
    if (!Number.isFinite(next) || next < low || next > high) break;
    if (Math.abs(next - t) <= Math.abs(t) * 1e-15) return next;
    t = next;
  }
  return t;
}
