/**
 * Looking more than once without claiming more than once: alpha spending (Lan and DeMets 1983), one-sided. Two levels for
 * each look:
 * - `nominalAlpha`, from the joint normal distribution of the growing sums (Armitage, McPherson and Rowe 1969), for z
 *   statistics;
 * - `increment`, what the look adds to the spent alpha, for t statistics of few values. These hang together less than
 *   normal ones, so `nominalAlpha` would err too often: simulated over 2 to 10 values, up to 1.2 alpha. By Bonferroni's
 *   inequality the increments keep alpha whatever the statistics are, at the price of some power: they use 0.8 to 1.0
 *   alpha for two to four looks, 0.5 to 0.7 for eight.
 */
import { normalCdf, normalDensity, normalQuantile } from "./normal.ts";
import { bad, good, type Outcome } from "./outcome.ts";

export type SpendingRule = "obrien-fleming" | "pocock";

/** Alpha that may have been used when a share of the data is in. @param share from 0 to 1 */
export function spent(rule: SpendingRule, alpha: number, share: number): number {
  if (share >= 1) return alpha;
  return rule === "pocock"
    ? alpha * Math.log(1 + (Math.E - 1) * share)
    : 2 * normalCdf(normalQuantile(alpha / 2) / Math.sqrt(share));
}

export interface Look {
  /** Share of the data, in (0, 1]. */
  readonly share: number;
  /** Level at which this look's own p value is read if it comes from a z statistic. */
  readonly nominalAlpha: number;
  /** The same for a t statistic, or any other: never above `nominalAlpha`. */
  readonly increment: number;
  /** Used up to and with this look. */
  readonly spentAlpha: number;
}

/** Looks closer together than this share of the data would fall between the points of the grid. */
const leastGap = 0.005;

/** @param alpha in (0, 1) @param shares ascending, at least 0.005 apart, the last one 1 */
export function planLooks(rule: SpendingRule, alpha: number, shares: readonly number[]): Outcome<Look[]> {
  if (!(alpha > 0 && alpha < 1)) return bad("bad-argument", "Alpha lies between 0 and 1.");
  if (shares.at(-1) !== 1) return bad("bad-argument", "The last look is the one at all the data.");
  if (!shares.every((share, k) => share - (shares[k - 1] ?? 0) >= leastGap)) {
    return bad("bad-argument", `Looks ascend, each at least ${leastGap} of the data after the one before.`);
  }
  const looks: Look[] = [];
  // Density of the sum at the last look, on a grid, of those that have not stopped.
  let going: Grid | null = null;
  let before = 0;
  let shareBefore = 0;
  for (const share of shares) {
    const total = spent(rule, alpha, share);
    const increment = Math.max(total - before, 0);
    const deviation = Math.sqrt(share);
    const spread = Math.sqrt(share - shareBefore);
    const bound: number =
      going === null ? -normalQuantile(increment) * deviation : crossing(going, spread, increment, total, deviation);
    const nominalAlpha = Math.max(normalCdf(-bound / deviation), increment);
    looks.push({ share, nominalAlpha, increment, spentAlpha: total });
    // The bound of a very early look may be infinite; beyond the reach of the grid lies nothing that counts.
    const kept = Math.min(bound, reach * deviation);
    going = going === null ? firstGrid(kept, deviation) : nextGrid(going, spread, kept, deviation);
    before = total;
    shareBefore = share;
  }
  return good(looks);
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

/**
 * Bound that those who have not stopped cross with probability `use`. Nobody crosses it who is not crossing it for the
 * first time or has stopped before, so its own level lies between `use` and all that is spent.
 */
function crossing({ points, masses }: Grid, spread: number, use: number, total: number, deviation: number): number {
  let low = -normalQuantile(total) * deviation;
  let high = -normalQuantile(use) * deviation;
  let bound = high;
  // Newton's steps, halving where one would leave the bracket.
  for (let step = 0; step < 100; step++) {
    let above = 0;
    let slope = 0;
    for (let k = 0; k < points.length; k++) {
      const z = ((points[k] ?? 0) - bound) / spread;
      above += (masses[k] ?? 0) * normalCdf(z);
      slope += ((masses[k] ?? 0) * normalDensity(z)) / spread;
    }
    if (above > use) low = bound;
    else high = bound;
    const newton = bound + (above - use) / slope;
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    const isDone = Math.abs(next - bound) <= 1e-14 * deviation;
    bound = next;
    if (isDone) break;
  }
  return bound;
}
