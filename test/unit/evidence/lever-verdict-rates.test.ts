/** The verdict on a lever under every change that must not matter, and how often it errs by chance. */
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { type Judged, judgeLever, lookLevels } from "../../../daemon/evidence/lever-verdict.ts";
import { normals, uniforms, value } from "../stats/support.ts";
import { judged, pairsOf, rulesOf } from "./lever-judging.ts";

// What an experiment could find says nothing about what it found, and costs a hundred times as much.
vi.mock("../../../daemon/stats/power.ts", () => ({
  minimumDetectableEffect: () => 1,
  powerOfT: () => 0.5,
  seedsNeeded: () => 3,
}));

const gain = fc.double({ min: -0.5, max: 0.5, noNaN: true });
const sample = fc.array(gain, { minLength: 3, maxLength: 12 });
/** Around a claim of 0.01, of seeds that agree more or less. */
const near = fc.array(fc.double({ min: -0.002, max: 0.02, noNaN: true }), { minLength: 3, maxLength: 12 });
const measurable = (found: Judged) => found.interval !== null;

describe("what may not matter, and what must", () => {
  it("the order of the pairs changes no bit", () => {
    fc.assert(
      fc.property(sample, fc.infiniteStream(fc.nat()), (gains, keys) => {
        const pairs = pairsOf(gains);
        const keyed = pairs.map((pair) => [keys.next().value as number, pair] as const);
        const shuffled = keyed.sort(([a], [b]) => a - b).map(([, pair]) => pair);
        expect({ ...judged(shuffled), pairs }).toEqual(judged(pairs));
      }),
    );
  });
  it("a shift of all gains shifts gain and interval, and leaves the spread", () => {
    fc.assert(
      fc.property(sample, gain, (gains, shift) => {
        const [before, after] = [judged(pairsOf(gains)), judged(pairsOf(gains.map((one) => one + shift)))];
        fc.pre(measurable(before) && measurable(after) && (before.deviation ?? 0) > 1e-6);
        expect((after.gain ?? 0) - (before.gain ?? 0)).toBeCloseTo(shift, 9);
        const reach = Math.max(1, (before.interval?.high ?? 0) - (before.interval?.low ?? 0));
        for (const end of ["low", "high"] as const) {
          const moved = (after.interval?.[end] ?? 0) - (before.interval?.[end] ?? 0);
          expect(Math.abs(moved - shift) / reach).toBeLessThan(1e-6);
        }
        expect(after.deviation).toBeCloseTo(before.deviation ?? 0, 9);
      }),
    );
  });
  it("another unit changes the figures by its factor, and no verdict", () => {
    fc.assert(
      fc.property(sample, fc.integer({ min: -20, max: 20 }), (gains, power) => {
        const factor = 2 ** power;
        const pairs = pairsOf(gains);
        const scaled = pairs.map(({ seed, off, on }) => ({
          seed,
          off: (off ?? 0) * factor,
          on: (on ?? 0) * factor,
        }));
        const [before, after] = [judged(pairs), judged(scaled, { claim: 0.01 * factor })];
        expect(after.verdict).toBe(before.verdict);
        // Powers of two: exact.
        if (before.interval === null) return;
        expect(after.gain).toBe((before.gain ?? 0) * factor);
        expect(after.interval?.low).toBe(before.interval.low * factor);
        expect(after.deviation).toBe((before.deviation ?? 0) * factor);
      }),
    );
  });
  it("survived needs a lower limit above 0 and an upper one at the claim or above; refuted one below it", () => {
    fc.assert(
      fc.property(sample, fc.double({ min: 1e-6, max: 1, noNaN: true }), (gains, claim) => {
        const { verdict, interval } = judged(pairsOf(gains), { claim });
        if (interval === null) return;
        const { low, high } = interval;
        expect(low).toBeLessThanOrEqual(high);
        expect(verdict === "survived").toBe(low > 0 && high >= claim);
        expect(verdict === "refuted").toBe(high < claim);
      }),
    );
  });
  it("a greater claim is never easier to keep", () => {
    fc.assert(
      fc.property(sample, fc.double({ min: 1e-6, max: 1, noNaN: true }), (gains, claim) => {
        if (judged(pairsOf(gains), { claim }).verdict !== "refuted") return;
        expect(judged(pairsOf(gains), { claim: 2 * claim }).verdict).toBe("refuted");
      }),
    );
  });
  it("gains that are all smaller by the same never turn refuted into survived", () => {
    fc.assert(
      fc.property(near, fc.double({ min: 1e-4, max: 0.5, noNaN: true }), (gains, less) => {
        fc.pre(judged(pairsOf(gains)).verdict === "refuted");
        expect(judged(pairsOf(gains.map((one) => one - less))).verdict).not.toBe("survived");
      }),
    );
  });
  it("where no gain is proven, one more seed without a gain never makes the lever survive", () => {
    fc.assert(
      fc.property(fc.oneof(near, sample), fc.double({ min: -0.5, max: 0, noNaN: true }), (gains, against) => {
        fc.pre((judged(pairsOf(gains)).interval?.low ?? 1) <= 0);
        expect(judged(pairsOf([...gains, against])).verdict).not.toBe("survived");
      }),
      { numRuns: 2000 },
    );
  });
  it("one more seed without a gain always lowers the estimate, whatever it does to the spread", () => {
    // The interval may grow past the claim: two of these seeds alone say that chance is larger than it looked.
    const gains = [0.0043, 0.0077, 0.004, 0.008, 0.0065];
    const [before, after] = [judged(pairsOf(gains)), judged(pairsOf([...gains, 0]))];
    expect([before.verdict, after.verdict]).toEqual(["refuted", "survived"]);
    expect(after.gain ?? 1).toBeLessThan(before.gain ?? 0);
    expect(after.interval?.low ?? 1).toBeLessThan(before.interval?.low ?? 0);
    expect(after.reasons[0]).toMatch(/at least 0\.000\d BPB, and the claimed 0\.0100 is not refuted/);
  });
});

/** Share of `verdict` in experiments with normal noise around a true gain. */
function rateOf(verdict: string, trueGain: number, looks: readonly number[], runs: number): number {
  const rules = rulesOf(looks.at(-1) ?? 0, { looks: [...looks], alpha: 0.1 });
  const levels = value(lookLevels(rules));
  const normal = normals(uniforms(20_260 + looks.length));
  let found = 0;
  for (let run = 0; run < runs; run++) {
    const pairs = pairsOf(rules.seeds.map(() => trueGain + 0.01 * normal()));
    const verdicts = looks.map((count, k) => judgeLever(rules, k, levels[k] ?? 0, pairs.slice(0, count)).verdict);
    if (verdicts.find((one) => one !== null) === verdict) found += 1;
  }
  return found / runs;
}

describe("how often it errs", () => {
  const runs = 4000;
  // Each side has 0.05; four standard deviations of the binomial above it.
  const bound = 0.05 + 4 * Math.sqrt((0.05 * 0.95) / runs);
  it.each([[[6]], [[3, 6]], [[2, 4, 6]]])("looks after %j: no gain survives seldom", (looks) => {
    const rate = rateOf("survived", 0, looks, runs);
    expect(rate).toBeLessThan(bound);
    expect(rate).toBeGreaterThan(0);
  });
  it.each([[[6]], [[3, 6]]])("looks after %j: a gain of the claim's size is refuted seldom, but not never", (looks) => {
    const rate = rateOf("refuted", 0.01, looks, runs);
    expect(rate).toBeLessThan(bound);
    expect(rate).toBeGreaterThan(0.02);
  });
  it("a great gain survives, a great harm is refuted, nearly always", () => {
    expect(rateOf("survived", 0.05, [6], 200)).toBeGreaterThan(0.99);
    expect(rateOf("refuted", -0.05, [3, 6], 200)).toBeGreaterThan(0.99);
  });
});
