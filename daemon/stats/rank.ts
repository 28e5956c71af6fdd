/** Rank correlations, ties by mid-ranks, two-sided p values; exact ones where the orders can be counted. */
import { logGamma } from "./beta.ts";
import { normalCdf } from "./normal.ts";
import { bad, faultOf, good, type Outcome } from "./outcome.ts";
import { mean, sum } from "./sample.ts";
import { tSurvival } from "./student-t.ts";

export interface RankCorrelation {
  /** From -1 to 1. */
  readonly estimate: number;
  /** Two-sided. */
  readonly p: number;
  readonly exact: boolean;
}

/** Ranks from 1; equal values share the middle of their ranks. */
export function midRanks(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const ranks = new Array<number>(values.length).fill(0);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to < order.length && values[order[to] ?? 0] === values[order[from] ?? 0]) to += 1;
    for (let k = from; k < to; k++) ranks[order[k] ?? 0] = (from + 1 + to) / 2;
    from = to;
  }
  return ranks;
}

/** n! orders are counted up to here: 9! = 362 880. */
const mostOrders = 9;

/**
 * Spearman's rho. Up to 9 pairs p is exact, ties or not: the share of all orders of y with a rho at least as far from 0.
 * Above it comes from Student's t with n - 2 degrees of freedom.
 */
export function spearman(x: readonly number[], y: readonly number[]): Outcome<RankCorrelation> {
  const fault = faultOfPairs(x, y);
  if (fault !== null) return fault;
  const [rx, ry] = [midRanks(x), midRanks(y)];
  // Rounding may carry a perfect correlation past 1.
  const estimate = Math.min(1, Math.max(-1, pearson(rx, ry)));
  if (x.length <= mostOrders) return good({ estimate, p: exactSpearman(rx, ry), exact: true });
  const df = x.length - 2;
  const statistic = Math.abs(estimate) * Math.sqrt(df / ((1 - estimate) * (1 + estimate)));
  // Two of the n! orders are perfect: no order is rarer, whatever t says.
  const rarest = 2 * Math.exp(-logGamma(x.length + 1));
  return good({ estimate, p: Math.max(2 * tSurvival(statistic, df), rarest), exact: false });
}

/** In whole numbers, so that orders with the same rho count as such: ranks from their middle, doubled. */
function exactSpearman(x: readonly number[], y: readonly number[]): number {
  const n = x.length;
  const [a, b] = [x, y].map((ranks) => ranks.map((rank) => 2 * rank - n - 1)) as [number[], number[]];
  const observed = Math.abs(a.reduce((total, value, i) => total + value * (b[i] ?? 0), 0));
  const used = new Array<boolean>(n).fill(false);
  let orders = 0;
  let asFar = 0;
  const place = (at: number, total: number): void => {
    if (at === n) {
      orders += 1;
      if (Math.abs(total) >= observed) asFar += 1;
      return;
    }
    for (let j = 0; j < n; j++) {
      if (used[j]) continue;
      used[j] = true;
      place(at + 1, total + (a[at] ?? 0) * (b[j] ?? 0));
      used[j] = false;
    }
  };
  place(0, 0);
  return asFar / orders;
}

function pearson(x: readonly number[], y: readonly number[]): number {
  const [mx, my] = [mean(x), mean(y)];
  const product = (a: readonly number[], b: readonly number[], ma: number, mb: number) =>
    sum(a.map((value, i) => (value - ma) * ((b[i] ?? 0) - mb)));
  return product(x, y, mx, my) / Math.sqrt(product(x, x, mx, mx) * product(y, y, my, my));
}

const mostExact = 171;

/** Kendall's tau-b; p exact without ties (up to 171 pairs, where n! overflows), else by the normal distribution. */
export function kendallTauB(x: readonly number[], y: readonly number[]): Outcome<RankCorrelation> {
  const fault = faultOfPairs(x, y);
  if (fault !== null) return fault;
  const n = x.length;
  let score = 0;
  let discordant = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const sign = Math.sign((x[i] ?? 0) - (x[j] ?? 0)) * Math.sign((y[i] ?? 0) - (y[j] ?? 0));
      score += sign;
      if (sign < 0) discordant += 1;
    }
  }
  const pairs = (n * (n - 1)) / 2;
  const [tx, ty] = [tiesOf(x), tiesOf(y)];
  const estimate = score / Math.sqrt((pairs - tx.pairs) * (pairs - ty.pairs));
  const isTied = tx.pairs + ty.pairs > 0;
  if (!isTied && n < mostExact) return good({ estimate, p: exactKendall(n, discordant), exact: true });
  return good({ estimate, p: 2 * normalCdf(-Math.abs(score) / Math.sqrt(varianceOfScore(n, tx, ty))), exact: false });
}

/** Sums over the sizes t of groups of equal values: t(t-1)/2, t(t-1)(t-2), t(t-1)(2t+5). */
function tiesOf(values: readonly number[]) {
  const sizes = new Map<number, number>();
  for (const value of values) sizes.set(value, (sizes.get(value) ?? 0) + 1);
  const over = (of: (t: number) => number) => [...sizes.values()].reduce((total, t) => total + of(t), 0);
  return {
    pairs: over((t) => (t * (t - 1)) / 2),
    triples: over((t) => t * (t - 1) * (t - 2)),
    spread: over((t) => t * (t - 1) * (2 * t + 5)),
  };
}

/** Kendall, Rank Correlation Methods, chapter 4. */
function varianceOfScore(n: number, x: ReturnType<typeof tiesOf>, y: ReturnType<typeof tiesOf>): number {
  const whole = n * (n - 1);
  const base = (whole * (2 * n + 5) - x.spread - y.spread) / 18;
  const pairs = (2 * x.pairs * 2 * y.pairs) / (2 * whole);
  return base + pairs + (n > 2 ? (x.triples * y.triples) / (9 * whole * (n - 2)) : 0);
}

/** Two-sided probability of a permutation with as few, or as many, inversions. */
function exactKendall(n: number, inversions: number): number {
  const most = (n * (n - 1)) / 2;
  const few = Math.min(inversions, most - inversions);
  if (2 * few === most) return 1;
  // Share of the permutations of 1..m with k inversions, built up from m = 1.
  let shares = [1];
  for (let m = 2; m <= n; m++) {
    const next = new Array<number>(Math.min(few, (m * (m - 1)) / 2) + 1).fill(0);
    let window = 0;
    for (let k = 0; k < next.length; k++) {
      window += (shares[k] ?? 0) - (shares[k - m] ?? 0);
      next[k] = window / m;
    }
    shares = next;
  }
  return Math.min(1, 2 * sum(shares.slice(0, few + 1)));
}

function faultOfPairs(x: readonly number[], y: readonly number[]): Outcome<never> | null {
  if (x.length !== y.length) return bad("unpaired", `${x.length} values stand against ${y.length}.`);
  const fault = faultOf(x, 3) ?? faultOf(y, 3);
  if (fault !== null) return fault;
  const isFlat = (values: readonly number[]) => new Set(values).size === 1;
  return isFlat(x) || isFlat(y) ? bad("no-variance", "All values of one list are the same.") : null;
}
