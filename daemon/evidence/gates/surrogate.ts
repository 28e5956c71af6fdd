/** V4: a surrogate may stop survivors only where it predicts the last rung better than the mean drop does. */
import { mean } from "../../stats/sample.ts";
import { defineGate, digits, judged, unmeasured } from "./gate.ts";

export interface SurrogateInput {
  /** Rows that the surrogate never saw. */
  readonly heldOut: readonly {
    /** Rows that share a configuration, a text or a lineage have one group. */
    readonly group: string;
    readonly rung2Bpb: number;
    readonly predictedBpb: number;
    readonly lastBpb: number;
  }[];
  readonly training: readonly { readonly group: string; readonly rung2Bpb: number; readonly lastBpb: number }[];
}

const worstError = 0.1;
/** Share of all rows that must be held out; rows come whole, so a little less is enough. */
const heldOutShare = 0.2;

export const surrogateGate = defineGate<SurrogateInput>("V4", "Surrogate predicts the last rung", (input) => {
  const { heldOut, training } = input;
  const known = new Set(training.map(({ group }) => group));
  const shared = heldOut.find(({ group }) => known.has(group));
  if (shared !== undefined) {
    return unmeasured(`Group ${shared.group} is both in training and held out, so the error says nothing.`, worstError);
  }
  const enough = Math.floor(heldOutShare * (heldOut.length + training.length));
  if (heldOut.length === 0 || training.length === 0 || heldOut.length < enough) {
    const reason = `${heldOut.length} rows are held out beside ${training.length} for training; ${heldOutShare} of all must be.`;
    return unmeasured(reason, worstError);
  }
  const drop = mean(training.map(({ rung2Bpb, lastBpb }) => rung2Bpb - lastBpb));
  const errorOf = (predict: (row: SurrogateInput["heldOut"][number]) => number) =>
    mean(heldOut.map((row) => Math.abs(predict(row) - row.lastBpb)));
  const error = errorOf(({ predictedBpb }) => predictedBpb);
  const naive = errorOf(({ rung2Bpb }) => rung2Bpb - drop);
  if (!(Number.isFinite(error) && Number.isFinite(naive))) {
    return unmeasured("A prediction or a result is no finite number.", worstError);
  }
  const reason =
    `The mean absolute error on ${heldOut.length} held-out rows is ${digits(error)} BPB; it must be at most ${worstError} ` +
    `and below ${digits(naive)}, that of rung 2 minus the mean drop.`;
  return judged(error <= worstError && error < naive, reason, error, Math.min(worstError, naive));
});
