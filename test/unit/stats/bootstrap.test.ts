/** Bootstrap intervals and the paired p: against SciPy over all resamples, and what must hold for any data. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bcaInterval, pairedBootstrapP, percentileInterval } from "../../../daemon/stats/bootstrap.ts";
import { normals, rowsOf, uniforms, value } from "./support.ts";

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
  it.each(rowsOf<[number[], number, number[], number[]]>("bootstrap"))(
    "as SciPy has them over all resamples: %j at %d",
    (list, level, percentile, bca) => {
      // Draws that count through every resample once.
      const n = list.length;
      const counting = (): (() => number) => {
        let draw = -1;
        return () => {
          draw += 1;
          return ((Math.floor(Math.floor(draw / n) / n ** (draw % n)) % n) + 0.5) / n;
        };
      };
      for (const [method, expected] of [
        [percentileInterval, percentile],
        [bcaInterval, bca],
      ] as const) {
        const { low, high } = value(method(list, { uniform: counting(), resamples: n ** n, level }));
        expect(low).toBeCloseTo(expected[0] ?? 0, 12);
        expect(high).toBeCloseTo(expected[1] ?? 0, 12);
      }
    },
  );
  it("the order of the values changes nothing", () => {
    const list = fc.array(fc.double({ min: 1, max: 2, noNaN: true }), { minLength: 2, maxLength: 8 });
    fc.assert(
      fc.property(list, fc.nat(7), fc.integer(), (numbers, turn, seed) => {
        const turned = [...numbers.slice(turn), ...numbers.slice(0, turn)];
        const run = (of: readonly number[]) => ({
          bca: bcaInterval(of, { resamples: 200, level: 0.9, uniform: uniforms(seed) }),
          percentile: percentileInterval(of, { resamples: 200, level: 0.9, uniform: uniforms(seed) }),
          p: pairedBootstrapP(of, 1.5, { resamples: 200, uniform: uniforms(seed) }),
        });
        expect(run(turned)).toEqual(run(numbers));
      }),
    );
  });
  it("moves with an origin and stretches with a unit", () => {
    const moved = value(
      bcaInterval(
        values.map((one) => 4 * one + 8),
        { ...options, uniform: uniforms(4) },
      ),
    );
    const plain = value(bcaInterval(values, { ...options, uniform: uniforms(4) }));
    expect(moved.low).toBeCloseTo(4 * plain.low + 8, 12);
    expect(moved.high).toBeCloseTo(4 * plain.high + 8, 12);
  });
  it("past the pole of the correction the interval ends at the largest mean", () => {
    const rare = [...Array.from({ length: 99 }, () => 0), 1];
    const extreme = { level: 1 - 1e-10, resamples: 200 };
    const bca = value(bcaInterval(rare, { ...extreme, uniform: uniforms(6) }));
    const plain = value(percentileInterval(rare, { ...extreme, uniform: uniforms(6) }));
    expect(bca.high).toBeGreaterThan(0.01);
    expect(bca.high).toBeCloseTo(plain.high, 6);
  });
  it("a paired p falls as the differences go below, but never under what chance does to so few", () => {
    const seven = [-0.02, -0.01, -0.03, -0.04, -0.015, -0.025, -0.035];
    const p = (list: number[], against: number) =>
      value(pairedBootstrapP(list, against, { resamples: 999, uniform: uniforms(2) }));
    expect(p(seven, 0)).toBe(1 / 128);
    expect(p(seven.slice(0, 2), 0)).toBe(1 / 4);
    expect(p(seven, -0.025)).toBeGreaterThan(0.3);
    expect(p(seven, -0.05)).toBe(1);
    expect(p([...seven, ...seven], 0)).toBe(1 / 1000);
  });
  it("refuses what it cannot measure", () => {
    const uniform = uniforms(1);
    expect(pairedBootstrapP([-1, -1, -1], 0, { resamples: 99, uniform })).toMatchObject({ code: "no-variance" });
    expect(pairedBootstrapP([-1, Number.NaN], 0, { resamples: 99, uniform })).toMatchObject({ code: "not-finite" });
    expect(bcaInterval([0.1, 0.1, 0.1], { ...options, uniform })).toEqual({ ok: true, value: { low: 0.1, high: 0.1 } });
    for (const wrong of [{ resamples: 0 }, { resamples: 1.5 }, { level: 0 }, { level: 1 }]) {
      expect(bcaInterval([1, 2], { ...options, ...wrong, uniform })).toMatchObject({ code: "bad-argument" });
    }
  });
});
