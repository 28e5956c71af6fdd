/** Distributions against mpmath with 400 digits and SciPy, into the far tails. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normalCdf, normalQuantile } from "../../../daemon/stats/normal.ts";
import { tCdf, tQuantile, tSurvival, tUpperQuantile } from "../../../daemon/stats/student-t.ts";
import { relativeError, rowsOf } from "./support.ts";

describe("Student's t", () => {
  it.each(rowsOf<number[]>("t-cdf"))("P(T <= %d) with %d degrees of freedom", (t = 0, df = 0, exact = 0) => {
    // Below the smallest number that keeps its digits nothing can be compared.
    if (exact < 1e-300) expect(tCdf(t, df)).toBeLessThan(1e-299);
    else expect(relativeError(tCdf(t, df), exact)).toBeLessThan(5e-12);
  });

  it.each(rowsOf<number[]>("t-quantile"))("quantile of %d with %d degrees of freedom", (p = 0, df = 0, t = 0) => {
    expect(relativeError(tQuantile(p, df), t)).toBeLessThan(1e-11);
  });

  // 50 digits, to p = 1e-300 and t = 1e299: what is left is the rounding of one power and one logarithm.
  it.each(rowsOf<number[]>("t-far"))("P(T <= %d) with %d degrees of freedom, and back", (t = 0, df = 0, p = 0) => {
    expect(relativeError(tCdf(t, df), p)).toBeLessThan(1e-12);
    expect(relativeError(tSurvival(-t, df), p)).toBeLessThan(1e-12);
    expect(relativeError(tQuantile(p, df), t)).toBeLessThan(1e-12);
    expect(relativeError(tUpperQuantile(p, df), -t)).toBeLessThan(1e-12);
  });

  it("the cut of three seeds at 1 % is the one of the books", () => {
    expect(tQuantile(0.01, 2)).toBeCloseTo(-6.9646, 4);
  });

  it("tails mirror each other, probabilities rise, and quantiles undo them", () => {
    const df = fc.double({ min: 1, max: 500, noNaN: true });
    const t = fc.double({ min: -40, max: 40, noNaN: true });
    fc.assert(
      fc.property(t, t, df, (a, b, nu) => {
        expect(tCdf(-a, nu)).toBe(tSurvival(a, nu));
        if (a < b) expect(tCdf(a, nu)).toBeLessThanOrEqual(tCdf(b, nu));
      }),
    );
    fc.assert(
      fc.property(fc.double({ min: 1e-10, max: 0.5, noNaN: true }), df, (p, nu) => {
        expect(relativeError(tCdf(tQuantile(p, nu), nu), p)).toBeLessThan(1e-9);
      }),
    );
  });
});

describe("the normal distribution", () => {
  const { cdf, quantile } = JSON.parse(
    readFileSync(new URL("../../fixtures/stats/normal.json", import.meta.url), "utf8"),
  ) as { cdf: number[][]; quantile: number[][] };
  it.each(cdf)("P(Z <= %d)", (z = 0, p = 0) => {
    expect(relativeError(normalCdf(z), p)).toBeLessThan(1e-12);
  });
  it.each(quantile)("quantile of %d", (p = 0, z = 0) => {
    expect(relativeError(normalQuantile(p), z)).toBeLessThan(1e-12);
  });
  it("has the infinities at its ends", () => {
    expect([Number.NEGATIVE_INFINITY, -1e200, 1e200, Number.POSITIVE_INFINITY].map(normalCdf)).toEqual([0, 0, 1, 1]);
    expect([0, 1].map(normalQuantile)).toEqual([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]);
  });
});
