/**
 * Student's t distribution: both tails with their own relative accuracy, for any degrees of freedom from 1 up, whole or not.
 * Abramowitz and Stegun 26.5.27 (by the incomplete beta function); beyond t = 1e9 sqrt(df) its leading term, where the
 * next one is below the last digit and t squared would overflow.
 */
import { incompleteBeta, logBeta } from "./beta.ts";

/** From here on, in units of sqrt(df), the tail is a power of t to the last digit. */
const farFrom = 1e9;

/** P(T <= t). @param df degrees of freedom, at least 1, whole or not */
export function tCdf(t: number, df: number): number {
  return t <= 0 ? tail(-t, df) : 1 - tail(t, df);
}

/** P(T > t), without forming 1 - P. */
export function tSurvival(t: number, df: number): number {
  return tCdf(-t, df);
}

/** P(T > t) for t at or above 0. */
function tail(t: number, df: number): number {
  const ratio = t / Math.sqrt(df);
  if (ratio > farFrom) return ratio ** -df / farFactor(df);
  const square = t * t;
  // Both without loss: near 0 the one is small, far out the other.
  return incompleteBeta(df / (df + square), square / (df + square), df / 2, 0.5).lower / 2;
}

/** What the power of t is divided by in the far tail. */
function farFactor(df: number): number {
  return df * Math.exp(logBeta(df / 2, 0.5));
}

/** log of the density. */
function logDensity(t: number, df: number): number {
  return -0.5 * Math.log(df) - logBeta(df / 2, 0.5) - ((df + 1) / 2) * Math.log1p((t * t) / df);
}

/** t with P(T <= t) = p. @param p in (0, 1); 0 and 1 give the infinities */
export function tQuantile(p: number, df: number): number {
  if (!(p >= 0 && p <= 1) || !(df > 0)) return Number.NaN;
  if (p === 0.5) return 0;
  // From a half to 1, 1 - p is exact.
  return p > 0.5 ? upperQuantile(1 - p, df) : -upperQuantile(p, df);
}

/** t with P(T > t) = p: for small p of the upper tail, where 1 - p would round. */
export function tUpperQuantile(p: number, df: number): number {
  return -tQuantile(p, df);
}

/** For p below a half. Bisection brackets the root; Newton's steps on the logarithm of the tail finish it. */
function upperQuantile(p: number, df: number): number {
  if (p === 0) return Number.POSITIVE_INFINITY;
  const far = (p * farFactor(df)) ** (-1 / df);
  if (far > farFrom) return far * Math.sqrt(df);
  let high = 1;
  while (tail(high, df) > p) high *= 2;
  let low = high === 1 ? 0 : high / 2;
  for (let step = 0; step < 60 && high - low > high * 1e-6; step++) {
    const middle = (low + high) / 2;
    if (tail(middle, df) > p) low = middle;
    else high = middle;
  }
  let t = (low + high) / 2;
  for (let step = 0; step < 8; step++) {
    const at = tail(t, df);
    const next = t + (Math.log(at / p) * at) / Math.exp(logDensity(t, df));
    if (!Number.isFinite(next)) break;
    if (Math.abs(next - t) <= t * 1e-15) return next;
    t = next;
  }
  return t;
}
