/** V7: skipping easy sequences must not make the result depend more on the seed. */
import { isRounding, variance } from "../../stats/sample.ts";
import { defineGate, digits, judged, unmeasured } from "./gate.ts";

export interface CurriculumInput {
  /** Final BPB, one a seed. */
  readonly without: readonly number[];
  readonly with: readonly number[];
}

const mostRatio = 1.5;
const leastSeeds = 3;

/** Variance; 0 where there is only rounding. */
function spread(values: readonly number[]): number {
  const found = variance(values);
  return isRounding(Math.sqrt(found), Math.max(...values.map(Math.abs))) ? 0 : found;
}

export const curriculumGate = defineGate<CurriculumInput>("V7", "Curriculum keeps the spread over seeds", (input) => {
  const fewest = Math.min(input.without.length, input.with.length);
  if (fewest < leastSeeds)
    return unmeasured(`${fewest} seeds in an arm; at least ${leastSeeds} are needed.`, mostRatio);
  const [before, after] = [spread(input.without), spread(input.with)];
  // No spread at all to compare with: any is more.
  const ratio = before === 0 && after === 0 ? 1 : after / before;
  if (Number.isNaN(ratio)) return unmeasured("A final BPB is no finite number.", mostRatio);
  const reason =
    `The variance over seeds is ${digits(100 * ratio)} % of that without the curriculum ` +
    `(${digits(after)} against ${digits(before)}); at most ${100 * mostRatio} % is allowed.`;
  return judged(ratio <= mostRatio, reason, ratio, mostRatio);
});
