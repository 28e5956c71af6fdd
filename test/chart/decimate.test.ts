/** The points that a chart gets stand for the whole curve. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bucketSpacings, decimate } from "../../daemon/protocol/decimate.ts";

const curveOf = (minLength: number) =>
  fc
    .array(
      fc.tuple(
        fc.integer({ min: 1, max: 50 }),
        fc.oneof(fc.double({ min: 0, max: 9, noNaN: true }), fc.constant(Number.NaN)),
      ),
      {
        minLength,
        maxLength: 400,
      },
    )
    .map((points) => {
      let step = 0;
      return { xs: points.map(([gap]) => (step += gap)), ys: points.map(([, y]) => y) };
    });
const curve = curveOf(1);
const budget = fc.integer({ min: 10, max: 300 });
const spacing = fc.constantFrom(...bucketSpacings);
const finite = (values: readonly number[]) => values.filter((value) => !Number.isNaN(value));

describe("decimate", () => {
  test("keeps a small curve exactly", () => {
    fc.assert(
      fc.property(curve, budget, spacing, ({ xs, ys }, maxPoints, how) => {
        fc.pre(xs.length <= maxPoints);
        expect(decimate(xs, ys, maxPoints, how)).toEqual(xs.map((_, index) => index));
      }),
    );
  });

  test("never gives more than asked for, in increasing order, with the first and the last point", () => {
    fc.assert(
      fc.property(curve, budget, spacing, ({ xs, ys }, maxPoints, how) => {
        const kept = decimate(xs, ys, maxPoints, how);
        expect(kept.length).toBeLessThanOrEqual(maxPoints);
        for (const [place, index] of kept.entries()) if (place > 0) expect(index).toBeGreaterThan(kept[place - 1] ?? 0);
        expect(kept[0]).toBe(0);
        expect(kept.at(-1)).toBe(xs.length - 1);
      }),
    );
  });

  test("keeps the lowest and highest value of every bucket, hence of the curve", () => {
    fc.assert(
      fc.property(curveOf(100), fc.integer({ min: 10, max: 99 }), ({ xs, ys }, maxPoints) => {
        const kept = new Set(decimate(xs, ys, maxPoints));
        const buckets = Math.floor(maxPoints / 5);
        const [start, end] = [xs[0] ?? 0, xs.at(-1) ?? 0];
        const bucketOf = (x: number) => Math.min(buckets - 1, Math.floor((x - start) * (buckets / (end - start))));
        for (let bucket = 0; bucket < buckets; bucket++) {
          const members = xs.flatMap((x, index) => (bucketOf(x) === bucket ? [index] : []));
          const all = finite(members.map((index) => ys[index] ?? 0));
          const left = finite(members.filter((index) => kept.has(index)).map((index) => ys[index] ?? 0));
          expect(Math.min(...left)).toBe(Math.min(...all));
          expect(Math.max(...left)).toBe(Math.max(...all));
          // A gap stays a gap.
          if (all.length < members.length) expect(left.length).toBeLessThan(members.filter((i) => kept.has(i)).length);
        }
      }),
    );
  });

  test("spreads buckets evenly over a logarithmic axis on request", () => {
    const xs = Array.from({ length: 10_000 }, (_, index) => index + 1);
    const ys = xs.map((x) => Math.sin(x));
    const early = (kept: number[]) => kept.filter((index) => index < 100).length;
    expect(early(decimate(xs, ys, 500, "log"))).toBeGreaterThan(60);
    expect(early(decimate(xs, ys, 500, "linear"))).toBeLessThan(10);
  });
});
