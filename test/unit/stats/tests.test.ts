/** Tests, ranks, power and looks against SciPy; and what must hold for any data. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bcaInterval, pairedBootstrapP, percentileInterval } from "../../../daemon/stats/bootstrap.ts";
import { bonferroni, holm } from "../../../daemon/stats/multiple.ts";
import type { Outcome } from "../../../daemon/stats/outcome.ts";
import { minimumDetectableEffect, powerOfT, seedsNeeded } from "../../../daemon/stats/power.ts";
import { kendallTauB, midRanks, spearman } from "../../../daemon/stats/rank.ts";
import { sum } from "../../../daemon/stats/sample.ts";
import { planLooks } from "../../../daemon/stats/spending.ts";
import { tCdf } from "../../../daemon/stats/student-t.ts";
import { type Alternative, confidenceInterval, oneSampleT, pairedT, welchT } from "../../../daemon/stats/t-tests.ts";
import { relativeError } from "./compare.ts";

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../fixtures/stats/${name}.json`, import.meta.url), "utf8"));

function value<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(outcome.message);
  return outcome.value;
}

/** Repeatable numbers in [0, 1): mulberry32, enough for a test. */
function uniforms(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function normals(uniform: () => number): () => number {
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

interface Row {
  readonly a: number[];
  readonly b: number[];
  readonly mu0: number;
  readonly interval?: number[];
  readonly [key: string]: unknown;
}
const rows = read("t-tests").rows as Row[];
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
  const cases = read("ranks").rows as { x: number[]; y: number[]; spearman: number[]; kendall: number[] }[];
  it.each(cases)("as SciPy has them: $x", ({ x, y, spearman: rho, kendall: tau }) => {
    const s = value(spearman(x, y));
    expect(s.estimate).toBeCloseTo(rho[0] ?? 0, 12);
    if (Math.abs(s.estimate) < 1) expect(relativeError(s.p, rho[1] ?? 0)).toBeLessThan(1e-9);
    const k = value(kendallTauB(x, y));
    expect(k.estimate).toBeCloseTo(tau[0] ?? 0, 12);
    expect(relativeError(k.p, tau[1] ?? 0)).toBeLessThan(1e-9);
  });
  it("ties share the middle of their ranks; flat lists are refused", () => {
    expect(midRanks([3, 1, 3, 2])).toEqual([3.5, 1, 3.5, 2]);
    expect(spearman([1, 1, 1], [1, 2, 3])).toMatchObject({ ok: false, code: "no-variance" });
    expect(kendallTauB([1, 2], [1, 2])).toMatchObject({ ok: false, code: "too-few" });
  });
});

describe("power", () => {
  it.each(read("power").rows as number[][])(
    "of effect %d, n %d, alpha %d",
    (effect = 0, n = 0, alpha = 0, power = 0) => {
      expect(Math.abs(powerOfT(effect, n, alpha) - power)).toBeLessThan(1e-8);
    },
  );
  it("the detectable effect is the one that has the power, and the seeds are the first that have it", () => {
    const effect = minimumDetectableEffect(5, 0.01, 0.8);
    expect(powerOfT(effect, 5, 0.01)).toBeCloseTo(0.8, 9);
    const n = seedsNeeded(effect, 0.01, 0.8) ?? 0;
    expect(n).toBe(5);
    expect(powerOfT(effect, n - 1, 0.01)).toBeLessThan(0.8);
    expect(seedsNeeded(0, 0.01, 0.8)).toBeNull();
    expect(seedsNeeded(1e-6, 0.01, 0.8, 50)).toBeNull();
  });
});

describe("looks", () => {
  it.each(read("looks").rows as number[][])(
    "alpha %d, first look at %d",
    (alpha = 0, share = 0, first = 0, second = 0) => {
      const [one, two] = planLooks("obrien-fleming", alpha, [share, 1]);
      expect(relativeError(one?.nominalAlpha ?? 0, first)).toBeLessThan(1e-9);
      // SciPy's own two-dimensional integral is good to some 1e-7.
      expect(relativeError(two?.nominalAlpha ?? 0, second)).toBeLessThan(1e-4);
    },
  );

  it("all of alpha is spent, never more, and each later look of O'Brien and Fleming is easier", () => {
    for (const rule of ["obrien-fleming", "pocock"] as const) {
      const looks = planLooks(rule, 0.01, [0.4, 0.6, 0.8, 1]);
      expect(looks.at(-1)?.spentAlpha).toBeCloseTo(0.01, 14);
      for (const { nominalAlpha } of looks) expect(nominalAlpha).toBeLessThan(0.01);
      if (rule === "obrien-fleming") {
        const levels = looks.map(({ nominalAlpha }) => nominalAlpha);
        expect(levels).toEqual([...levels].sort((a, b) => a - b));
      }
    }
  });

  it("with t statistics of few seeds the error of the first kind stays within its bound", () => {
    const alpha = 0.05;
    const counts = [4, 6, 8, 10];
    const looks = planLooks(
      "obrien-fleming",
      alpha,
      counts.map((n) => n / 10),
    );
    const normal = normals(uniforms(11));
    const runs = 20_000;
    let wrong = 0;
    for (let run = 0; run < runs; run++) {
      const values = Array.from({ length: 10 }, normal);
      const stops = counts.some((n, k) => {
        const test = oneSampleT(values.slice(0, n), 0, "less");
        return test.ok && test.value.p < (looks[k]?.nominalAlpha ?? 0);
      });
      if (stops) wrong += 1;
    }
    // Three standard errors of the simulation above alpha.
    expect(wrong / runs).toBeLessThan(alpha + 3 * Math.sqrt((alpha * (1 - alpha)) / runs));
    expect(wrong / runs).toBeGreaterThan(alpha / 2);
  });
});

describe("bootstrap", () => {
  const values = [1.49, 1.52, 1.47, 1.55, 1.5, 1.46, 1.53, 1.58];
  const options = { resamples: 4000, level: 0.95 };
  it("is the same for the same random numbers, and covers the mean about as often as it says", () => {
    expect(bcaInterval(values, { ...options, uniform: uniforms(1) })).toEqual(
      bcaInterval(values, { ...options, uniform: uniforms(1) }),
    );
    const uniform = uniforms(5);
    const normal = normals(uniform);
    let covered = 0;
    const runs = 400;
    for (let run = 0; run < runs; run++) {
      const sample = Array.from({ length: 25 }, normal);
      const { low, high } = value(bcaInterval(sample, { uniform, resamples: 400, level: 0.9 }));
      if (low <= 0 && 0 <= high) covered += 1;
    }
    expect(covered / runs).toBeGreaterThan(0.83);
    expect(covered / runs).toBeLessThan(0.96);
  });
  it("leans with skewed data, and is a point where nothing varies", () => {
    const skewed = [0, 0, 0, 0, 0, 0, 0, 0.1, 0.2, 3];
    const plain = value(percentileInterval(skewed, { ...options, uniform: uniforms(3) }));
    const bca = value(bcaInterval(skewed, { ...options, uniform: uniforms(3) }));
    expect(bca.high).toBeGreaterThan(plain.high);
    expect(bca.low).toBeGreaterThan(plain.low);
    expect(value(bcaInterval([2, 2, 2], { ...options, uniform: uniforms(3) }))).toEqual({ low: 2, high: 2 });
    expect(bcaInterval([1], { ...options, uniform: uniforms(3) })).toMatchObject({ ok: false, code: "too-few" });
  });
  it("a paired p never is zero, and falls as the differences go below", () => {
    const p = (against: number) =>
      value(pairedBootstrapP([-0.02, -0.01, -0.03], against, { resamples: 999, uniform: uniforms(2) }));
    expect(p(0)).toBe(1 / 1000);
    expect(p(-0.02)).toBeGreaterThan(0.3);
    expect(p(-0.05)).toBe(1);
  });
});

it("sums lose nothing to rounding, in any order", () => {
  expect(sum([1e16, 1, -1e16])).toBe(1);
  expect(sum([1, -1e16, 1e16])).toBe(1);
  expect(sum(Array.from({ length: 10 }, () => 0.1))).toBe(1);
});

it("a t statistic of the far tail keeps its digits where 1 - p would be zero", () => {
  expect(tCdf(-200, 30)).toBeGreaterThan(0);
  expect(tCdf(-200, 30)).toBeLessThan(1e-45);
});
