/** Pairs and rules for tests of the verdict on a lever. */
import { type Judged, judgeLever, type Pair, type Rules } from "../../../daemon/evidence/lever-verdict.ts";

export const seedsFrom = (count: number) => Array.from({ length: count }, (_, i) => 43 + i);
export const rulesOf = (pairs: number, changes: Partial<Rules> = {}): Rules => ({
  claim: 0.01,
  seeds: seedsFrom(pairs),
  looks: [pairs],
  spending: "obrien-fleming",
  alpha: 0.01,
  power: 0.8,
  ...changes,
});
export const pairsOf = (gains: readonly number[], off = 2): Pair[] =>
  gains.map((gain, i) => ({ seed: 43 + i, off, on: off - gain }));

/** At the only look. */
export const judged = (pairs: readonly Pair[], changes: Partial<Rules> = {}): Judged => {
  const rules = rulesOf(pairs.length, changes);
  return judgeLever(rules, rules.looks.length - 1, rules.alpha / 2, pairs);
};
