/** t tests, several hypotheses, ranks and power against SciPy; and what must hold for any data. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bonferroni, holm } from "../../../daemon/stats/multiple.ts";
import { minimumDetectableEffect, powerOfT, seedsNeeded } from "../../../daemon/stats/power.ts";
import { kendallTauB, midRanks, spearman } from "../../../daemon/stats/rank.ts";
import { sum } from "../../../daemon/stats/sample.ts";
import { tCdf } from "../../../daemon/stats/student-t.ts";
import { type Alternative, confidenceInterval, oneSampleT, pairedT, welchT } from "../../../daemon/stats/t-tests.ts";
import { relativeError, rowsOf, value } from "./support.ts";

interface Row {
  readonly a: number[];
  readonly b: number[];
  readonly mu0: number;
  readonly interval?: number[];
  readonly [key: string]: unknown;
}
const rows = rowsOf<Row>("t-tests");
const alternatives: readonly Alternative[] = ["less", "greater", "two-sided"];

describe("t tests", () => {
  it.each(rows)("as SciPy has them: $a", (row) => {
    for (const alternative of alternatives) {
      const one = row[`one ${alternative}`] as number[] | undefined;
      if (one) {
        const found = value(oneSampleT(row.a, row.mu0, alternative));
        expect(relativeError(found.statistic, one[0] ?? 0)).toBeLessThan(1e-9);
        expect(relativeError(found.p, one[1] ?? 0)).toBeLessThan(1e-8);
      }
      const two = row[`welch ${alternative}`] as number[] | undefined;
      if (two) {
        const found = value(welchT(row.a, row.b, alternative));
        expect(relativeError(found.statistic, two[0] ?? 0)).toBeLessThan(1e-9);
        expect(relativeError(found.df, two[2] ?? 0)).toBeLessThan(1e-9);
        expect(relativeError(found.p, two[1] ?? 0)).toBeLessThan(1e-8);
      }
    }
    if (row.interval) {
      const { low, high } = confidenceInterval(value(oneSampleT(row.a, row.mu0, "two-sided")), 0.95);
      expect([low, high].map((limit, i) => relativeError(limit, row.interval?.[i] ?? 0) < 1e-9)).toEqual([true, true]);
      const m = Math.min(row.a.length, row.b.length);
      const paired = value(pairedT(row.a.slice(0, m), row.b.slice(0, m), 0, "less"));
      expect(relativeError(paired.p, (row["paired less"] as number[])[1] ?? 0)).toBeLessThan(1e-8);
    }
  });

  it("refuses what chance cannot be measured by", () => {
    expect(oneSampleT([1.5], 1.55, "less")).toMatchObject({ ok: false, code: "too-few" });
    expect(oneSampleT([1.5, 1.5, 1.5], 1.55, "less")).toMatchObject({ ok: false, code: "no-variance" });
    expect(oneSampleT([0.1, 0.1, 0.1], 1.55, "less")).toMatchObject({ ok: false, code: "no-variance" });
    expect(oneSampleT([1.5, Number.NaN], 1.55, "less")).toMatchObject({ ok: false, code: "not-finite" });
    expect(oneSampleT([1, 2], Number.POSITIVE_INFINITY, "less")).toMatchObject({ ok: false, code: "not-finite" });
    expect(welchT([1, 1], [2, 2], "less")).toMatchObject({ ok: false, code: "no-variance" });
    expect(pairedT([1, 2], [1], 0, "less")).toMatchObject({ ok: false, code: "unpaired" });
  });

  it("takes a constant gain for what it is, however the pairs are rounded", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1_000_000, max: 2_500_000 }), { minLength: 2, maxLength: 6 }),
        fc.double({ min: 0.001, max: 0.1, noNaN: true }),
        (micros, gain) => {
          const off = micros.map((one) => one / 1e6);
          const on = off.map((one) => one - gain);
          expect(pairedT(on, off, 0, "less")).toMatchObject({ ok: false, code: "no-variance" });
        },
      ),
    );
  });

  it("gives numbers or a code for values of any size, never NaN", () => {
    const any = fc.array(fc.double(), { maxLength: 5 });
    fc.assert(
      fc.property(any, any, fc.double(), (a, b, mu0) => {
        for (const outcome of [oneSampleT(a, mu0, "less"), welchT(a, b, "two-sided"), pairedT(a, b, 0, "greater")]) {
          if (outcome.ok) expect(Object.values(outcome.value).every(Number.isFinite)).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
    expect(oneSampleT([1e200, -1e200, 3], 0, "less")).toMatchObject({ ok: false, code: "not-finite" });
    const tiny = (list: number[]) => list.map((one) => one * 1e-90);
    const [small, plain] = [welchT(tiny([0, 1, 2]), tiny([0, 2, 5]), "less"), welchT([0, 1, 2], [0, 2, 5], "less")];
    expect(relativeError(value(small).df, value(plain).df)).toBeLessThan(1e-12);
    expect(relativeError(value(small).p, value(plain).p)).toBeLessThan(1e-12);
  });

  it("has the same p in any unit and from any origin", () => {
    const quarters = fc.array(fc.integer({ min: -40, max: 40 }), { minLength: 3, maxLength: 8 });
    fc.assert(
      fc.property(
        quarters,
        quarters,
        fc.integer({ min: -8, max: 8 }),
        fc.integer({ min: -5, max: 5 }),
        (a, b, by, k) => {
          // Whole numbers times powers of two: nothing is rounded on the way.
          const move = (list: number[]) => list.map((one) => (one + by) * 2 ** k);
          const [first, moved] = [welchT(a, b, "less"), welchT(move(a), move(b), "less")];
          expect(moved.ok).toBe(first.ok);
          if (first.ok && moved.ok) expect(relativeError(moved.value.p, first.value.p)).toBeLessThan(1e-11);
        },
      ),
    );
  });

  const sample = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 3, maxLength: 9 });
  it("the order of the rows changes nothing, a shift moves with the mean, the tails add up to one", () => {
    fc.assert(
      fc.property(
        sample,
        fc.integer({ min: 0, max: 99 }),
        fc.double({ min: -3, max: 3, noNaN: true }),
        (list, turn, mu) => {
          const at = turn % list.length;
          const turned = [...list.slice(at), ...list.slice(0, at)];
          const first = oneSampleT(list, mu, "less");
          expect(oneSampleT(turned, mu, "less")).toEqual(first);
          if (!first.ok) return;
          const other = value(oneSampleT(list, mu, "greater"));
          expect(first.value.p + other.p).toBeCloseTo(1, 12);
          expect(
            value(
              oneSampleT(
                list.map((one) => -one),
                -mu,
                "greater",
              ),
            ).p,
          ).toBeCloseTo(first.value.p, 12);
        },
      ),
    );
  });
});

describe("several hypotheses", () => {
  it("Holm as in its definition, in the order of the input", () => {
    expect(holm([0.01, 0.04, 0.03, 0.005]).map((p) => Number(p.toFixed(6)))).toEqual([0.03, 0.06, 0.06, 0.02]);
    // A family smaller than its own p values would give alpha away.
    expect(bonferroni([0.2, 0.1], 1)).toEqual([0.4, 0.2]);
    expect(bonferroni([0.01, 0.4], 7).map((p) => Number(p.toFixed(6)))).toEqual([0.07, 1]);
  });
  it("Holm is never above Bonferroni, never below the p itself, and keeps the order", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 12 }), (ps) => {
        const [h, b] = [holm(ps), bonferroni(ps)];
        for (const [i, p] of ps.entries()) {
          expect(h[i]).toBeLessThanOrEqual(b[i] ?? 0);
          expect(h[i]).toBeGreaterThanOrEqual(p);
          for (const [j, q] of ps.entries()) if (p < q) expect(h[i]).toBeLessThanOrEqual(h[j] ?? 0);
        }
      }),
    );
  });
});

describe("ranks", () => {
  const cases = rowsOf<{ x: number[]; y: number[]; spearman: number[]; kendall: number[] }>("ranks");
  it.each(cases)("as SciPy has them: $x", ({ x, y, spearman: rho, kendall: tau }) => {
    const s = value(spearman(x, y));
    expect(s.estimate).toBeCloseTo(rho[0] ?? 0, 12);
    // SciPy has t everywhere.
    expect(s.exact).toBe(x.length <= 9);
    if (!s.exact) expect(relativeError(s.p, rho[1] ?? 0)).toBeLessThan(1e-9);
    const k = value(kendallTauB(x, y));
    expect(k.estimate).toBeCloseTo(tau[0] ?? 0, 12);
    expect(relativeError(k.p, tau[1] ?? 0)).toBeLessThan(1e-9);
  });
  it.each(rowsOf<{ x: number[]; y: number[]; rho: number; p: number }>("spearman-exact"))(
    "all orders counted: $x",
    ({ x, y, rho, p }) => {
      const found = value(spearman(x, y));
      expect(found.estimate).toBeCloseTo(rho, 14);
      expect(found).toMatchObject({ p, exact: true });
    },
  );
  it("a perfect order of few pairs is no certainty", () => {
    expect(value(spearman([1, 2, 3], [4, 5, 6])).p).toBeCloseTo(1 / 3, 15);
    const ten = Array.from({ length: 10 }, (_, i) => i);
    expect(relativeError(value(spearman(ten, ten)).p, 2 / 3_628_800)).toBeLessThan(1e-12);
  });
  it("the order of the pairs and a growing function of the values change nothing; a falling one turns the sign", () => {
    const pair = fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 }));
    fc.assert(
      fc.property(fc.array(pair, { minLength: 3, maxLength: 12 }), fc.nat(11), (pairs, turn) => {
        const turned = [...pairs.slice(turn), ...pairs.slice(0, turn)];
        const [x, y] = [pairs.map(([one]) => one), pairs.map(([, two]) => two)];
        for (const of of [spearman, kendallTauB]) {
          const first = of(x, y);
          const second = of(
            turned.map(([one]) => one ** 3),
            turned.map(([, two]) => -two),
          );
          expect(second.ok).toBe(first.ok);
          if (!first.ok || !second.ok) continue;
          expect(second.value.estimate).toBeCloseTo(-first.value.estimate, 12);
          expect(second.value.p).toBeCloseTo(first.value.p, 12);
        }
      }),
      { numRuns: 40 },
    );
  });
  it("ties share the middle of their ranks; flat lists are refused", () => {
    expect(midRanks([3, 1, 3, 2])).toEqual([3.5, 1, 3.5, 2]);
    expect(spearman([1, 1, 1], [1, 2, 3])).toMatchObject({ ok: false, code: "no-variance" });
    expect(kendallTauB([1, 2], [1, 2])).toMatchObject({ ok: false, code: "too-few" });
  });
});

describe("power", () => {
  it.each(rowsOf<number[]>("power"))("of effect %d, n %d, alpha %d", (effect = 0, n = 0, alpha = 0, power = 0) => {
    expect(relativeError(powerOfT(effect, n, alpha), power)).toBeLessThan(1e-11);
  });
  it.each(rowsOf<number[]>("power-far"))(
    "of effect %d, n %d, alpha %d",
    (effect = 0, n = 0, alpha = 0, scipy = 0, power = 0) => {
      expect(relativeError(powerOfT(effect, n, alpha), power)).toBeLessThan(1e-11);
      expect(relativeError(powerOfT(effect, n, alpha), scipy)).toBeLessThan(1e-11);
    },
  );
  it("grows with the effect, the number of values and the level", () => {
    const effect = fc.double({ min: 0.01, max: 4, noNaN: true });
    fc.assert(
      fc.property(
        effect,
        fc.integer({ min: 2, max: 60 }),
        fc.double({ min: 1e-6, max: 0.2, noNaN: true }),
        (d, n, al) => {
          // Near 1 the last digits are rounding.
          const power = powerOfT(d, n, al) * (1 - 1e-12);
          expect(power).toBeGreaterThan(al);
          expect(powerOfT(d * 1.1, n, al)).toBeGreaterThanOrEqual(power);
          expect(powerOfT(d, n + 1, al)).toBeGreaterThanOrEqual(power);
          expect(powerOfT(d, n, al * 1.1)).toBeGreaterThanOrEqual(power);
        },
      ),
      { numRuns: 40 },
    );
  });
  it("the detectable effect is the one that has the power, and the seeds are the first that have it", () => {
    const effect = minimumDetectableEffect(5, 0.01, 0.8);
    expect(powerOfT(effect, 5, 0.01)).toBeCloseTo(0.8, 9);
    const n = seedsNeeded(effect, 0.01, 0.8) ?? 0;
    expect(n).toBe(5);
    expect(powerOfT(effect, n - 1, 0.01)).toBeLessThan(0.8);
    for (let most = 3; most < 40; most++) {
      // By trying one after the other.
      let first: number | null = null;
      for (let m = 2; m <= most && first === null; m++) if (powerOfT(0.9, m, 0.01) >= 0.8) first = m;
      expect(seedsNeeded(0.9, 0.01, 0.8, most)).toBe(first);
    }
    expect(seedsNeeded(0, 0.01, 0.8)).toBeNull();
    expect(seedsNeeded(1e-6, 0.01, 0.8, 50)).toBeNull();
  });
});

it("sums lose nothing to rounding, in any order", () => {
  expect(sum([1e16, 1, -1e16])).toBe(1);
  expect(sum([1, -1e16, 1e16])).toBe(1);
  expect(sum(Array.from({ length: 10 }, () => 0.1))).toBe(1);
  // Three sizes: here even a compensated sum depends on the order.
  expect(sum([1e100, 1e50, 1, -1e100, -1e50])).toBe(sum([1e50, -1e50, 1, 1e100, -1e100]));
  const wide = fc.array(fc.double({ min: -1e20, max: 1e20, noNaN: true }), { minLength: 3, maxLength: 9 });
  fc.assert(
    fc.property(wide, (list) => {
      expect(sum([...list].reverse())).toBe(sum(list));
    }),
    { numRuns: 1000 },
  );
});

it("a t statistic of the far tail keeps its digits where 1 - p would be zero", () => {
  expect(tCdf(-200, 30)).toBeGreaterThan(0);
  expect(tCdf(-200, 30)).toBeLessThan(1e-45);
});
