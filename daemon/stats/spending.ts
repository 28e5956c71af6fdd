/**
 * Looking more than once without claiming more than once: alpha spending (Lan and DeMets 1983). The levels of the looks
 * come from the joint normal distribution of the growing sums (Armitage, McPherson and Rowe 1969), one-sided.
 */
import { normalCdf, normalDensity, normalQuantile } from "./normal.ts";

export type SpendingRule = "obrien-fleming" | "pocock";

/** Alpha that may have been used when a share of the data is in. @param share in (0, 1] */
export function spent(rule: SpendingRule, alpha: number, share: number): number {
  if (share >= 1) return alpha;
  return rule === "pocock"
    ? alpha * Math.log(1 + (Math.E - 1) * share)
    : 2 * normalCdf(normalQuantile(alpha / 2) / Math.sqrt(share));
}

export interface Look {
  /** Share of the data, in (0, 1]. */
  readonly share: number;
  /** Level at which this look's own p value is read. */
  readonly nominalAlpha: number;
  /** Used up to and with this look. */
  readonly spentAlpha: number;
}

/** @param shares ascending, the last one 1 */
export function planLooks(rule: SpendingRule, alpha: number, shares: readonly number[]): Look[] {
  const looks: Look[] = [];
  // Density of the sum at the last look, on a grid, of those that have not stopped.
  let going: Grid | null = null;
  let before = 0;
  let shareBefore = 0;
  for (const share of shares) {
    const total = spent(rule, alpha, share);
    const use = Math.max(total - before, 0);
    const spread = Math.sqrt(share - shareBefore);
    const bound: number =
      going === null ? -normalQuantile(use) * Math.sqrt(share) : crossing(going, spread, use, Math.sqrt(share));
    looks.push({ share, nominalAlpha: normalCdf(-bound / Math.sqrt(share)), spentAlpha: total });
    going = going === null ? firstGrid(bound, Math.sqrt(share)) : nextGrid(going, spread, bound, Math.sqrt(share));
    before = total;
    shareBefore = share;
  }
  return looks;
}

interface Grid {
  readonly points: Float64Array;
  /** Density times the weight of the point in the integral. */
  readonly masses: Float64Array;
}

const steps = 1000;
const reach = 9;

/** Simpson's weights on [-reach * deviation, bound]. */
function grid(bound: number, deviation: number, density: (x: number) => number): Grid {
  const low = Math.min(-reach * deviation, bound - deviation);
  const width = (bound - low) / steps;
  const points = new Float64Array(steps + 1);
  const masses = new Float64Array(steps + 1);
  for (let k = 0; k <= steps; k++) {
    const weight = k === 0 || k === steps ? 1 : k % 2 === 1 ? 4 : 2;
    points[k] = low + k * width;
    masses[k] = (weight * width * density(low + k * width)) / 3;
  }
  return { points, masses };
}

function firstGrid(bound: number, deviation: number): Grid {
  return grid(bound, deviation, (x) => normalDensity(x / deviation) / deviation);
}

function nextGrid({ points, masses }: Grid, spread: number, bound: number, deviation: number): Grid {
  return grid(bound, deviation, (x) => {
    let total = 0;
    for (let k = 0; k < points.length; k++) {
      total += (masses[k] ?? 0) * normalDensity((x - (points[k] ?? 0)) / spread);
    }
    return total / spread;
  });
}

/** Bound that those who have not stopped cross with probability `use`. */
function crossing({ points, masses }: Grid, spread: number, use: number, deviation: number): number {
  const above = (bound: number): number => {
    let total = 0;
    for (let k = 0; k < points.length; k++) {
      total += (masses[k] ?? 0) * normalCdf(((points[k] ?? 0) - bound) / spread);
    }
    return total;
  };
  let low = -reach * deviation;
  let high = 12 * deviation;
  for (let step = 0; step < 80; step++) {
    const middle = (low + high) / 2;
    if (above(middle) > use) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
