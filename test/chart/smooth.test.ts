/** Smoothing in the daemon and its continuation in the chart give one curve. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { advanceEma, emaValue, smoothCurve } from "../../daemon/protocol/smooth.ts";

const values = fc.array(fc.oneof(fc.double({ min: 0.01, max: 9, noNaN: true }), fc.constant(Number.NaN)), {
  maxLength: 60,
});
const smoothing = fc.double({ min: 0, max: 0.999, noNaN: true });

describe("smoothCurve", () => {
  test("without smoothing is the curve", () => {
    fc.assert(
      fc.property(values, (ys) => {
        expect([...smoothCurve(ys, 0).smoothed]).toEqual(ys);
      }),
    );
  });

  test("stays between the lowest and the highest value so far and keeps gaps", () => {
    fc.assert(
      fc.property(values, smoothing, (ys, share) => {
        const { smoothed } = smoothCurve(ys, share);
        for (const [index, y] of smoothed.entries()) {
          expect(Number.isNaN(y)).toBe(Number.isNaN(ys[index]));
          const before = ys.slice(0, index + 1).filter((value) => !Number.isNaN(value));
          if (Number.isNaN(y)) continue;
          expect(y).toBeGreaterThanOrEqual(Math.min(...before) - 1e-9);
          expect(y).toBeLessThanOrEqual(Math.max(...before) + 1e-9);
        }
      }),
    );
  });

  test("continues from its state as if it had never stopped", () => {
    fc.assert(
      fc.property(values, values, smoothing, (first, second, share) => {
        const whole = smoothCurve([...first, ...second], share).smoothed;
        let { state } = smoothCurve(first, share);
        for (const [index, value] of second.entries()) {
          state = advanceEma(state, value, share);
          if (!Number.isNaN(value)) expect(emaValue(state)).toBe(whole[first.length + index]);
        }
      }),
    );
  });
});
