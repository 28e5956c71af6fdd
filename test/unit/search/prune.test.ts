import { expect, it } from "vitest";
import { defaultPruneRule, isPruned, pruneIssues } from "../../../daemon/search/prune.ts";

it("INV-2's threshold is phi^2 + phi^-2 + 0.5", () => {
  const phi = (1 + Math.sqrt(5)) / 2;
  expect(phi ** 2 + phi ** -2 + 0.5).toBeCloseTo(defaultPruneRule.thresholdBpb, 12);
});

it("INV-2 kills above the threshold and after the warm-up, both strictly", () => {
  expect(isPruned(defaultPruneRule, 3.51, 4001)).toBe(true);
  expect(isPruned(defaultPruneRule, 3.5, 4001)).toBe(false);
  expect(isPruned(defaultPruneRule, 3.51, 4000)).toBe(false);
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY])
    expect(isPruned(defaultPruneRule, value, 5000)).toBe(false);
});

it("INV-2 refuses a lower threshold and a shorter warm-up", () => {
  expect(pruneIssues(defaultPruneRule)).toEqual([]);
  expect(pruneIssues({ thresholdBpb: 4, warmupSteps: 9000 })).toEqual([]);
  const codes = (thresholdBpb: number, warmupSteps: number) =>
    pruneIssues({ thresholdBpb, warmupSteps }).map(({ code }) => code);
  expect(codes(3.49, 4000)).toEqual(["prune.threshold-too-low"]);
  expect(codes(3.5, 3999)).toEqual(["prune.warmup-too-short"]);
  expect(codes(Number.NaN, 0)).toEqual(["prune.threshold-too-low", "prune.warmup-too-short"]);
});
