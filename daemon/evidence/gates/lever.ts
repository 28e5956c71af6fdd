/** Gates of a lever: its parameters learn, and its flag changes something. */
import { defineGate, digits, judged, unmeasured } from "./gate.ts";

export interface GradientInput {
  /** Training steps that were looked at. */
  readonly steps: number;
  /** Parameters that only the arm with the lever has. */
  readonly parameters: readonly {
    readonly name: string;
    /** Largest absolute gradient of any element over all steps. */
    readonly maxAbsGradient: number;
    /** Whether any element differs from its initial value. */
    readonly moved: boolean;
  }[];
}

/** Both are asked: weight decay moves a parameter that learns nothing. */
export const gradientGate = defineGate<GradientInput>("dead-parameter", "Parameters of the lever learn", (input) => {
  const { parameters, steps } = input;
  if (parameters.length === 0) {
    return {
      verdict: "not-applicable",
      reason: "The lever has no parameters of its own.",
      measured: null,
      bound: null,
    };
  }
  if (!(steps >= 1)) return unmeasured(`${steps} steps were trained; at least 1 is needed.`, 0);
  const learns = (gradient: number) => gradient > 0 && Number.isFinite(gradient);
  const dead = parameters.filter(({ maxAbsGradient, moved }) => !(learns(maxAbsGradient) && moved));
  const least = Math.min(...parameters.map(({ maxAbsGradient }) => maxAbsGradient));
  const names = dead.map(({ name, moved }) => (moved ? name : `${name} (never moved)`)).slice(0, 3);
  const reason =
    dead.length === 0
      ? `All ${parameters.length} parameters of the lever learn: the smallest largest gradient in ${steps} steps is ${digits(least)}, above 0.`
      : `${dead.length} of ${parameters.length} parameters of the lever learn nothing in ${steps} steps: ${names.join(", ")}; each must get a gradient above 0 and move.`;
  return judged(dead.length === 0, reason, least, 0);
});

export interface FlagInput {
  /** Training loss of each step in nats, from step 1 on; same seed, data order and shared initial values. */
  readonly off: readonly number[];
  readonly on: readonly number[];
  /** Validation loss in nats after the last step, for levers that act on evaluation only; null: not measured. */
  readonly evaluation: { readonly off: number; readonly on: number } | null;
}

const comparedSteps = 10;

export const flagGate = defineGate<FlagInput>("dead-flag", "The lever's flag changes something", (input) => {
  const { off, on, evaluation } = input;
  if (off.length !== on.length || off.length < comparedSteps) {
    return unmeasured(`${off.length} steps stand against ${on.length}; ${comparedSteps} of each are needed.`, 1);
  }
  // Bits are compared: no difference is too small, and no number at all differs from none.
  const differing = off.slice(0, comparedSteps).filter((loss, i) => !Object.is(loss, on[i])).length;
  const isEvaluated = evaluation !== null && !Object.is(evaluation.off, evaluation.on);
  const where = evaluation === null ? "" : isEvaluated ? ", and so is the evaluation" : ", the evaluation is the same";
  const reason = `${differing} of the first ${comparedSteps} losses are changed by the flag${where}; at least one must be.`;
  return judged(differing > 0 || isEvaluated, reason, differing + (isEvaluated ? 1 : 0), 1);
});
