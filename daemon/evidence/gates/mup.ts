/** V1: the coordinate check of muP (Yang & Hu 2022): activations must keep their size when the model gets wider. */
import { mean, sum } from "../../stats/sample.ts";
import { defineGate, digits, judged, unmeasured } from "./gate.ts";

export interface CoordinateInput {
  readonly layers: readonly {
    readonly name: string;
    /** Mean absolute activation over the first steps, one entry a width. */
    readonly activations: readonly { readonly width: number; readonly meanAbs: number }[];
  }[];
}

const widest = 0.1;
const leastWidths = 3;

/** Least squares slope of log2 mean abs activation on log2 width; NaN where it is not defined. */
export function logSlope(points: readonly { readonly width: number; readonly meanAbs: number }[]): number {
  const x = points.map(({ width }) => Math.log2(width));
  const y = points.map(({ meanAbs }) => Math.log2(meanAbs));
  const [mx, my] = [mean(x), mean(y)];
  return sum(x.map((value, i) => (value - mx) * ((y[i] ?? 0) - my))) / sum(x.map((value) => (value - mx) ** 2));
}

export const coordinateGate = defineGate<CoordinateInput>("V1", "muP coordinate check", ({ layers }) => {
  let worst: { readonly name: string; readonly slope: number } | null = null;
  for (const { name, activations } of layers) {
    if (new Set(activations.map(({ width }) => width)).size < leastWidths) {
      return unmeasured(`Layer ${name} was measured at fewer than ${leastWidths} widths.`, widest);
    }
    const slope = logSlope(activations);
    if (!Number.isFinite(slope)) {
      return unmeasured(`Layer ${name} has activations that are zero, infinite or no number.`, widest);
    }
    if (worst === null || Math.abs(slope) > Math.abs(worst.slope)) worst = { name, slope };
  }
  if (worst === null) return unmeasured("No layer was measured.", widest);
  const reason =
    `The steepest of ${layers.length} layers is ${worst.name}: log2 of its activations changes by ${digits(worst.slope)} ` +
    `each time the width doubles; allowed is -${widest} to ${widest}.`;
  return judged(Math.abs(worst.slope) <= widest, reason, worst.slope, widest);
});
