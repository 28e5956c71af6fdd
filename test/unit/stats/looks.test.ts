/** Levels of sequential looks: against quadrature, printed bounds, and simulated t tests. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normalQuantile } from "../../../daemon/stats/normal.ts";
import { sum } from "../../../daemon/stats/sample.ts";
import { planLooks, type SpendingRule, spent } from "../../../daemon/stats/spending.ts";
import { oneSampleT } from "../../../daemon/stats/t-tests.ts";
import { normals, relativeError, rowsOf, uniforms, value } from "./support.ts";

describe("looks", () => {
  it.each(rowsOf<number[]>("looks"))("alpha %d, first look at %d", (alpha = 0, share = 0, first = 0, second = 0) => {
    const [one, two] = value(planLooks("obrien-fleming", alpha, [share, 1]));
    expect(relativeError(one?.nominalAlpha ?? 0, first)).toBeLessThan(1e-9);
    // SciPy's own two-dimensional integral is good to some 1e-7.
    expect(relativeError(two?.nominalAlpha ?? 0, second)).toBeLessThan(1e-4);
  });

  // 1e-7: looks 0.02 apart are the closest here, and the grid is coarsest for them.
  it.each(rowsOf<[SpendingRule, number, number[], number[]]>("looks-many"))(
    "%s, alpha %d, looks at %j",
    (rule, alpha, shares, levels) => {
      for (const [k, { nominalAlpha }] of value(planLooks(rule, alpha, shares)).entries()) {
        expect(relativeError(nominalAlpha, levels[k] ?? 0)).toBeLessThan(1e-7);
      }
    },
  );

  it("five looks at 2.5 % have the bounds of the books", () => {
    const bounds = (rule: SpendingRule) =>
      value(planLooks(rule, 0.025, [0.2, 0.4, 0.6, 0.8, 1])).map((look) => -normalQuantile(look.nominalAlpha));
    const near = (found: number[], printed: number[]) =>
      expect(found.every((bound, k) => Math.abs(bound - (printed[k] ?? 0)) < 0.0006)).toBe(true);
    near(bounds("obrien-fleming"), [4.877, 3.357, 2.68, 2.29, 2.031]);
    near(bounds("pocock"), [2.438, 2.427, 2.41, 2.397, 2.386]);
  });

  it("all of alpha is spent, never more, and each later look of O'Brien and Fleming is easier", () => {
    for (const rule of ["obrien-fleming", "pocock"] as const) {
      const looks = value(planLooks(rule, 0.01, [0.4, 0.6, 0.8, 1]));
      expect(looks.at(-1)?.spentAlpha).toBeCloseTo(0.01, 14);
      for (const { nominalAlpha } of looks) expect(nominalAlpha).toBeLessThan(0.01);
      if (rule === "obrien-fleming") {
        const levels = looks.map(({ nominalAlpha }) => nominalAlpha);
        expect(levels).toEqual([...levels].sort((a, b) => a - b));
      }
    }
  });

  it("the increments add up to alpha, and no look is read at less than its own", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("obrien-fleming" as const, "pocock" as const),
        fc.double({ min: 0.001, max: 0.1, noNaN: true }),
        fc.uniqueArray(fc.integer({ min: 1, max: 19 }), { maxLength: 3 }),
        (rule, alpha, twentieths) => {
          const shares = [...twentieths.sort((a, b) => a - b), 20].map((part) => part / 20);
          const looks = value(planLooks(rule, alpha, shares));
          expect(relativeError(sum(looks.map(({ increment }) => increment)), alpha)).toBeLessThan(1e-12);
          for (const { nominalAlpha, increment } of looks) {
            expect(nominalAlpha).toBeGreaterThanOrEqual(increment);
            expect(nominalAlpha).toBeLessThanOrEqual(alpha * (1 + 1e-9));
          }
        },
      ),
      { numRuns: 8 },
    );
  });

  it("a look so early that its alpha is below the smallest number costs the later ones nothing", () => {
    const [first, last] = value(planLooks("obrien-fleming", 0.01, [0.005, 1]));
    expect(first?.nominalAlpha).toBeLessThan(1e-280);
    expect(relativeError(last?.nominalAlpha ?? 0, 0.01)).toBeLessThan(1e-9);
    expect(spent("obrien-fleming", 0.01, 0)).toBe(0);
    // At alpha 0.001 even the spent alpha of the first look is 0: the others are as if it were not there.
    for (const alpha of [0.01, 0.001]) {
      const levels = (shares: number[]) =>
        value(planLooks("obrien-fleming", alpha, shares)).map(({ nominalAlpha }) => nominalAlpha);
      const [, two = 0, three = 0] = levels([0.005, 0.6, 1]);
      const [one = 0, end = 0] = levels([0.6, 1]);
      expect(relativeError(two, one)).toBeLessThan(1e-7);
      expect(relativeError(three, end)).toBeLessThan(1e-7);
      const [, early] = value(planLooks("obrien-fleming", alpha, [0.005, 0.01, 1]));
      expect(early?.nominalAlpha).toBeGreaterThanOrEqual(early?.increment ?? 1);
      expect(early?.nominalAlpha).toBeLessThan(1e-130);
    }
  });

  it("refuses plans that mean nothing, where a look could pass everything", () => {
    const refused = { ok: false, code: "bad-argument" };
    for (const shares of [[], [0.5], [0, 1], [0.5, 0.5, 1], [0.8, 0.4, 1], [0.5, Number.NaN, 1], [0.5, 1, 1.5]]) {
      expect(planLooks("pocock", 0.01, shares)).toMatchObject(refused);
    }
    for (const alpha of [0, 1, Number.NaN]) expect(planLooks("pocock", alpha, [1])).toMatchObject(refused);
  });

  it.each(["obrien-fleming", "pocock"] as const)(
    "t statistics of few seeds keep alpha by the increments: %s",
    (rule) => {
      const alpha = 0.05;
      const counts = [2, 3, 4, 5];
      const looks = value(
        planLooks(
          rule,
          alpha,
          counts.map((n) => n / 5),
        ),
      );
      const normal = normals(uniforms(11));
      const runs = 20_000;
      const wrong = { increment: 0, nominalAlpha: 0 };
      for (let run = 0; run < runs; run++) {
        const values = Array.from({ length: 5 }, normal);
        const ps = counts.map((n) => value(oneSampleT(values.slice(0, n), 0, "less")).p);
        for (const level of ["increment", "nominalAlpha"] as const) {
          if (ps.some((p, k) => p < (looks[k]?.[level] ?? 0))) wrong[level] += 1;
        }
      }
      const standardError = Math.sqrt((alpha * (1 - alpha)) / runs);
      expect(wrong.increment / runs).toBeLessThan(alpha + 3 * standardError);
      expect(wrong.increment / runs).toBeGreaterThan(alpha / 2);
      // Why there are two levels: by the one of z statistics the whole would err more often than alpha.
      expect(wrong.nominalAlpha / runs).toBeGreaterThan(alpha + 3 * standardError);
    },
  );
});
