/** Gates of an evaluation: probabilities that are some, no look at the answer, every byte once. */
import { defineGate, digits, judged, unmeasured } from "./gate.ts";

/** Probabilities of the 256 bytes. */
export type Distribution = ArrayLike<number>;

const vocabulary = 256;
/** A sum of 1 + x is worth log2(1 + x) bits a byte that nobody has earned: 1.4e-5 BPB at this bound. */
const mostExcess = 1e-5;

export interface NormalisedInput {
  /** One a target byte. */
  readonly predictions: readonly Distribution[];
}

export const normalisedGate = defineGate<NormalisedInput>("normalised", "Probabilities sum to 1", (input) => {
  let worst = { excess: 0, at: 0, sum: 1 };
  if (input.predictions.length === 0) return unmeasured("There is no prediction to look at.", mostExcess);
  for (const [at, prediction] of input.predictions.entries()) {
    const values = Array.from(prediction);
    if (values.length !== vocabulary || !values.every((p) => p >= 0)) {
      return unmeasured(`Prediction ${at} is not ${vocabulary} probabilities of at least 0.`, mostExcess);
    }
    const total = values.reduce((a, b) => a + b, 0);
    const excess = Math.abs(total - 1);
    if (excess > worst.excess) worst = { excess, at, sum: total };
  }
  const reason =
    `Of ${input.predictions.length} predictions the one for target ${worst.at} is furthest off: its probabilities sum to ` +
    `${worst.sum}; 1 +- ${mostExcess} is allowed.`;
  return judged(worst.excess <= mostExcess, reason, worst.excess, mostExcess);
});

/** What a model says of a text: prediction i is that of byte i. */
export interface Predicted {
  readonly text: ArrayLike<number>;
  readonly predictions: readonly Distribution[];
}

export interface CausalInput {
  readonly original: Predicted;
  /** The same text with some bytes changed from one position on. */
  readonly changed: readonly Predicted[];
}

/** Position of the first byte that differs; null: none does. */
function firstDifference(a: ArrayLike<number>, b: ArrayLike<number>): number | null {
  const at = Array.from(a).findIndex((byte, i) => byte !== b[i]);
  return at < 0 ? null : at;
}

export const causalGate = defineGate<CausalInput>(
  "causal",
  "No prediction sees its target",
  ({ original, changed }) => {
    if (changed.length === 0) return unmeasured("No text was changed, so nothing was tried.", 0);
    let largest = 0;
    let found: { readonly position: number; readonly changedAt: number } | null = null;
    for (const [n, other] of changed.entries()) {
      const at = firstDifference(original.text, other.text);
      if (at === null || other.text.length !== original.text.length) {
        return unmeasured(`Changed text ${n} must have the same length and at least one other byte.`, 0);
      }
      for (let position = 0; position <= at; position++) {
        const [before, after] = [original.predictions[position], other.predictions[position]];
        if (before === undefined || after === undefined || before.length !== after.length) {
          return unmeasured(`There is no prediction for position ${position}.`, 0);
        }
        for (let byte = 0; byte < before.length; byte++) {
          if (Object.is(before[byte], after[byte])) continue;
          const change = Math.abs((before[byte] ?? 0) - (after[byte] ?? 0));
          // What is no number has changed, too.
          largest = Math.max(largest, Number.isNaN(change) ? Number.POSITIVE_INFINITY : change);
          found ??= { position, changedAt: at };
        }
      }
    }
    const reason =
      found === null
        ? `${changed.length} changed texts left every prediction up to the changed byte as it was: a change of 0, allowed is 0.`
        : `Changing byte ${found.changedAt} changed the prediction for byte ${found.position} (by up to ${digits(largest)}; allowed is 0): it sees what it predicts.`;
    return judged(found === null, reason, largest, 0);
  },
);

export interface CoverageInput {
  /** How often each target byte of the split was scored. */
  readonly scored: ArrayLike<number>;
}

export const coverageGate = defineGate<CoverageInput>(
  "scored-once",
  "Every target byte is scored once",
  ({ scored }) => {
    const counts = Array.from(scored);
    if (counts.length === 0) return unmeasured("The split has no bytes.", 0);
    const wrong = counts.filter((count) => count !== 1).length;
    const first = counts.findIndex((count) => count !== 1);
    const which = wrong === 0 ? "" : `, the first at ${first} (${counts[first]} times)`;
    const reason = `${wrong} of ${counts.length} target bytes were not scored exactly once${which}; allowed is 0.`;
    return judged(wrong === 0, reason, wrong, 0);
  },
);
