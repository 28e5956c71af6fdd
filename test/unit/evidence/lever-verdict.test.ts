/** The verdict on a lever: against independent figures, at its edges, at every look. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectedPower, judgeLever, lookLevels, type Pair } from "../../../daemon/evidence/lever-verdict.ts";
import { leverVerdictSchema } from "../../../daemon/protocol/experiments.ts";
import { relativeError, rowsOf, value } from "../stats/support.ts";
import { judged, pairsOf, rulesOf, seedsFrom } from "./lever-judging.ts";

interface Row {
  readonly claim: number;
  readonly alpha: number;
  readonly power: number;
  readonly off: readonly number[];
  readonly on: readonly number[];
  readonly gain: number;
  readonly low: number;
  readonly high: number;
  readonly deviation: number;
  readonly mde: number;
  readonly needed: number;
  readonly verdict: string;
}

describe("against SciPy", () => {
  it.each(rowsOf<Row>("lever-verdicts"))("$off.length pairs, claim $claim: $verdict", (row) => {
    const pairs = row.off.map((off, i) => ({ seed: 43 + i, off, on: row.on[i] ?? null }));
    const found = judged(pairs, row);
    expect(found).toMatchObject({ verdict: row.verdict, claim: row.claim, level: 1 - row.alpha, pairs });
    expect(leverVerdictSchema.safeParse(found).success).toBe(true);
    const figures: readonly (readonly [number | undefined | null, number])[] = [
      [found.gain, row.gain],
      [found.interval?.low, row.low],
      [found.interval?.high, row.high],
      [found.deviation, row.deviation],
      [found.minimumDetectableEffect, row.mde],
    ];
    // Differences of numbers around 2.2 keep about ten digits.
    for (const [figure, expected] of figures) expect(relativeError(figure ?? Number.NaN, expected)).toBeLessThan(1e-8);
    // Whatever the formula says, fewer than three pairs decide nothing.
    expect(found.seedsNeeded).toBe(Math.max(3, row.needed));
  });
});

describe("each verdict has its reason", () => {
  it("refuted: a smaller gain, none that could be told, harm", () => {
    const smaller = judged(pairsOf([0.004, 0.0041, 0.0042]), { claim: 0.01 });
    expect(smaller.verdict).toBe("refuted");
    expect(smaller.reasons).toHaveLength(2);
    expect(smaller.reasons[0]).toMatch(/at most 0\.0\d+ BPB, less than the claimed 0\.0100/);
    expect(smaller.reasons[1]).toMatch(/There is a gain, but a smaller one: at least 0\.0\d+/);
    const open = judged(pairsOf([0.0001, -0.0001, 0.0002, 0]));
    expect([open.verdict, open.reasons[1]]).toEqual(["refuted", "Whether there is any gain stays open."]);
    const harm = judged(pairsOf([-0.0401, -0.0402, -0.0403]));
    expect([harm.verdict, harm.reasons[1]]).toEqual(["refuted", "The lever does harm."]);
  });
  it("survived: at least the claim, and a smaller gain that does not exclude it", () => {
    expect(judged(pairsOf([0.02, 0.021, 0.022]))).toMatchObject({ verdict: "survived", reasons: [expect.any(String)] });
    const near = judged(pairsOf([0.009, 0.0092, 0.0088, 0.0091, 0.0095]), { claim: 0.0095 });
    expect(near.verdict).toBe("survived");
    expect(near.reasons[0]).toMatch(/at least 0\.008\d BPB, and the claimed 0\.0095 is not refuted/);
  });
  it("inconclusive: both stay possible, with the pairs that would tell", () => {
    const found = judged(pairsOf([0.01, -0.02, 0.03]));
    expect(found).toMatchObject({ verdict: "inconclusive", seedsNeeded: expect.any(Number) });
    expect(found.reasons[0]).toMatch(/both no gain and the claimed 0\.0100 are possible/);
    expect(found.seedsNeeded).toBeGreaterThan(3);
  });
  it("dead-lever: every seed ends at the same number, however few there are", () => {
    for (const count of [1, 2, 3, 8]) {
      expect(judged(pairsOf(Array(count).fill(0)))).toMatchObject({
        verdict: "dead-lever",
        gain: null,
        interval: null,
      });
    }
    // One that differs by the last bit is alive.
    const [first, ...rest] = pairsOf([0, 0, 0]);
    const last = { ...(first as Pair), on: 2 - 2 ** -51 };
    expect(judged([last, ...rest]).verdict).not.toBe("dead-lever");
  });
  it("invalid: the same gain everywhere, up to rounding", () => {
    expect(judged(pairsOf([0.02, 0.02, 0.02]))).toMatchObject({ verdict: "invalid", deviation: null, interval: null });
    const rounded = [1.1, 1.7, 2.3, 3.9].map((off, i) => ({ seed: 43 + i, off, on: off - 0.01 }));
    expect(new Set(rounded.map(({ off, on }) => off - on)).size).toBeGreaterThan(1);
    expect(judged(rounded).verdict).toBe("invalid");
  });
  it("a loss that stops being finite: without the lever invalid, with it refuted, both invalid", () => {
    const [first, ...rest] = pairsOf([0.02, 0.021, 0.022]) as [Pair, ...Pair[]];
    const on = judged([{ ...first, on: null }, ...rest]);
    expect([on.verdict, on.reasons[0]]).toEqual(["refuted", expect.stringMatching(/^With the lever .*seed 43\)/)]);
    const off = judged([{ ...first, off: null }, ...rest]);
    expect([off.verdict, off.reasons[0]]).toEqual(["invalid", expect.stringMatching(/^Without the lever .*seed 43\)/)]);
    expect(judged([{ ...first, off: null, on: null }, ...rest]).verdict).toBe("invalid");
    for (const one of [on, off]) expect([one.gain, one.interval, one.pairs.length]).toEqual([null, null, 3]);
    // It does not matter whether other seeds still speak for it.
    expect(judged([...rest, { ...first, on: null }], { claim: 1e-6 }).verdict).toBe("refuted");
  });
  it.each([
    [1, "1 pair decides nothing"],
    [2, "2 pairs decide nothing"],
  ])("%d: too few to decide, however large the gain", (count, reason) => {
    const found = judged(pairsOf([5, -3].slice(0, count), 9));
    expect(found).toMatchObject({ verdict: "inconclusive", seedsNeeded: 3, interval: null });
    expect(found.reasons[0]).toContain(reason);
    expect(found.gain).toBe(count === 1 ? 5 : 1);
  });
});

describe("looks", () => {
  it.each([
    [[3, 6], 6],
    [[2, 4, 6, 8], 8],
    [[1, 5], 5],
  ] as const)("after %j pairs: the levels add up to alpha/2 on each side", (looks, count) => {
    for (const spending of ["obrien-fleming", "pocock"] as const) {
      const levels = value(lookLevels(rulesOf(count, { looks: [...looks], spending })));
      expect(levels).toHaveLength(looks.length);
      expect(levels.every((level) => level > 0)).toBe(true);
      expect(levels.reduce((sum, level) => sum + level, 0)).toBeCloseTo(0.005, 15);
    }
  });
  it("one look has all of it; looks that do not ascend or do not end with all pairs are refused", () => {
    expect(value(lookLevels(rulesOf(5)))).toEqual([0.005]);
    expect(lookLevels(rulesOf(6, { looks: [6, 3] })).ok).toBe(false);
    expect(lookLevels(rulesOf(6, { looks: [3, 5] })).ok).toBe(false);
    expect(lookLevels(rulesOf(1000, { looks: seedsFrom(1000).map((seed) => seed - 42) })).ok).toBe(false);
  });
  it("an early look stops for what is certain, and else goes on", () => {
    const rules = rulesOf(6, { looks: [3, 6] });
    const [first = 0] = value(lookLevels(rules));
    const verdictOf = (gains: number[]) => judgeLever(rules, 0, first, pairsOf(gains)).verdict;
    expect(verdictOf([0.02, 0.0201, 0.0202])).toBe("survived");
    expect(verdictOf([-0.02, -0.0201, -0.0202])).toBe("refuted");
    expect(verdictOf([0.01, -0.02, 0.03])).toBeNull();
    expect(verdictOf([0, 0, 0])).toBe("dead-lever");
    expect(judgeLever(rulesOf(6, { looks: [2, 6] }), 0, first, pairsOf([0.01, 0.02])).verdict).toBeNull();
  });
  it("a gain that is there but may be smaller than claimed does not survive before all pairs are in", () => {
    const rules = rulesOf(6, { looks: [3, 6], claim: 0.03 });
    const gains = [0.0201, 0.0245, 0.022];
    const early = judgeLever(rules, 0, 0.005, pairsOf(gains));
    expect([(early.interval?.low ?? 0) > 0, (early.interval?.high ?? 0) > 0.03, early.verdict]).toEqual([
      true,
      true,
      null,
    ]);
    expect(judgeLever(rules, 1, 0.005, pairsOf(gains)).verdict).toBe("survived");
    expect(judgeLever({ ...rules, claim: 0.001 }, 0, 0.005, pairsOf(gains)).verdict).toBe("survived");
  });
  it("the interval of a look is as wide as its level says", () => {
    const rules = rulesOf(6, { looks: [3, 6] });
    const levels = value(lookLevels(rules));
    const gains = [0.01, 0.012, 0.017];
    const early = judgeLever(rules, 0, levels[0] ?? 0, pairsOf(gains));
    const late = judgeLever(rules, 1, levels[1] ?? 0, pairsOf(gains));
    expect(early.level).toBe(1 - 2 * (levels[0] ?? 0));
    expect(early.interval?.high).toBeGreaterThan(late.interval?.high ?? Number.NaN);
  });
});

describe("what an experiment can find, before it runs", () => {
  it("the largest deviation is the one that just has the wanted power", () => {
    const rules = rulesOf(5);
    const { largestDeviation } = expectedPower(rules, null);
    const at = expectedPower(rules, largestDeviation);
    expect(at.expected).toBeCloseTo(0.8, 9);
    expect(at.seedsNeeded).toBe(5);
    expect(expectedPower(rules, largestDeviation / 2).expected).toBeGreaterThan(0.8);
    expect(expectedPower(rules, null)).toMatchObject({ expected: null, seedsNeeded: null });
  });
  it("agrees with what the verdict says afterwards", () => {
    const found = judged(pairsOf([0.01, -0.02, 0.03, 0.004]));
    const before = expectedPower(rulesOf(4), found.deviation);
    expect(before.seedsNeeded).toBe(found.seedsNeeded);
  });
  it.each([1, 2])("%d pairs promise nothing: they decide nothing", (count) => {
    expect(expectedPower(rulesOf(count), 1e-9)).toEqual({ expected: 0, largestDeviation: 0, seedsNeeded: 3 });
  });
});

describe("rows of the ledger", () => {
  it("what is measured fits into a row of the ledger", () => {
    const wide = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }), { maxLength: 8 });
    fc.assert(
      fc.property(wide, (gains) => {
        const found = judged(pairsOf(gains));
        const parsed = leverVerdictSchema.safeParse(JSON.parse(JSON.stringify(found)));
        expect(parsed.error?.issues ?? []).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });
});
