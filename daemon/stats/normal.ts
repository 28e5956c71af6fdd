/** The standard normal distribution, both tails with their own relative accuracy. */
import { incompleteGammaHalf } from "./gamma-half.ts";

/** P(Z <= z). */
export function normalCdf(z: number): number {
  const { lower, upper } = incompleteGammaHalf((z * z) / 2);
  return z < 0 ? upper / 2 : 0.5 + lower / 2;
}

/** Density at z. */
export function normalDensity(z: number): number {
  return Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
}

/** z with P(Z <= z) = p: a rational first guess (Abramowitz and Stegun 26.2.23), then Halley's steps in the logarithm. */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) return Number.NaN;
  if (p > 0.5) return -normalQuantile(1 - p);
  if (p === 0) return Number.NEGATIVE_INFINITY;
  if (p === 0.5) return 0;
  const t = Math.sqrt(-2 * Math.log(p));
  let z = -(t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))));
  for (let step = 0; step < 6; step++) {
    const at = normalCdf(z);
    const slope = normalDensity(z) / at;
    const off = Math.log(at / p);
    // Second derivative of log P is -slope (z + slope).
    const move = off / (slope + (off * (z + slope)) / 2);
    z -= move;
    if (Math.abs(move) <= Math.abs(z) * 1e-15) break;
  }
  return z;
}
