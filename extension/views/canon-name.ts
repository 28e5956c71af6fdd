/**
 * Canon names of trials, `IGLA-<MODEL>-<FORMAT>-<TAG>-E<NNNN>-seed<N>`, as far as a trial has the fields. Slots E0001 to
 * E0004 belong to champions, so the trials of a race count from E0005. All training is in 32-bit floats so far.
 */

export interface CanonFields {
  readonly raceName: string;
  /** Number of the trial in its race, from 0. */
  readonly number: number;
  readonly seed: number;
  /** Optimiser and levers of the complete configuration. */
  readonly optimizer: string;
  readonly levers: readonly string[];
}

const firstFreeSlot = 5;

export function canonName({ raceName, number, seed, optimizer, levers }: CanonFields): string {
  const model = optimizer === "muon" || levers.includes("muon") ? "MUON" : "TRAIN_V2";
  const tag = raceName.toUpperCase().replace(/[^A-Z0-9]+/g, "") || "RACE";
  return `IGLA-${model}-FP32-${tag}-E${String(number + firstFreeSlot).padStart(4, "0")}-seed${seed}`;
}
