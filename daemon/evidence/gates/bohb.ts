/** V3: a model of the search space may choose configurations only where it beats pure ASHA on recorded races. */
import { mean } from "../../stats/sample.ts";
import { defineGate, digits, judged, unmeasured } from "./gate.ts";

/** Regret over a replay, by trained steps, in order; a value holds until the next one. */
export type RegretCurve = readonly { readonly steps: number; readonly regret: number }[];

export interface BohbInput {
  /** One curve a replay; the two lists belong together. */
  readonly bohb: readonly RegretCurve[];
  readonly asha: readonly RegretCurve[];
}

const atSteps = 6000;

/** Regret after `steps` trained steps; null: the replay had no result by then, or ended before. */
function regretAt(curve: RegretCurve, steps: number): number | null {
  if ((curve.at(-1)?.steps ?? 0) < steps) return null;
  return curve.findLast((point) => point.steps <= steps)?.regret ?? null;
}

export const bohbGate = defineGate<BohbInput>("V3", "BOHB's regret is below that of ASHA", ({ bohb, asha }) => {
  if (bohb.length === 0 || bohb.length !== asha.length) {
    return unmeasured(`${bohb.length} replays of BOHB stand against ${asha.length} of ASHA.`);
  }
  const read = (curves: readonly RegretCurve[]) => curves.map((curve) => regretAt(curve, atSteps) ?? Number.NaN);
  const [ours, theirs] = [mean(read(bohb)), mean(read(asha))];
  if (!(Number.isFinite(ours) && Number.isFinite(theirs))) {
    return unmeasured(`A replay has no regret at ${atSteps} steps.`);
  }
  const reason =
    `At ${atSteps} steps the mean regret over ${bohb.length} replays is ${digits(ours)} BPB; ` +
    `it must be below ${digits(theirs)}, that of pure ASHA.`;
  return judged(ours < theirs, reason, ours, theirs);
});
