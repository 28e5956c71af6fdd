/** One trial in this process, without a daemon: what `igla train` and the benchmarks do. */
import type { CheckpointRef, EvalResult } from "../protocol/artifacts.ts";
import type { TrialSpec } from "../protocol/trial.ts";
import type { TrainerEvent } from "./messages.ts";
import { Trainer, type TrainerOptions } from "./trainer.ts";

export interface RunTrialOptions extends TrainerOptions {
  readonly trialId: string;
  readonly spec: TrialSpec;
  readonly from: CheckpointRef | null;
  readonly toStep: number;
  readonly reportEvery: number;
  readonly checkpointEverySec: number;
  readonly raceFolder: string;
}

export type TrialOutcome =
  | { readonly kind: "finished"; readonly evaluation: EvalResult; readonly checkpoint: CheckpointRef }
  | { readonly kind: "diverged"; readonly step: number }
  | { readonly kind: "failed"; readonly code: string; readonly message: string };

/** Runs to `toStep`; every event also goes to `emit`. Failures are outcomes, not exceptions. */
export async function runTrial(options: RunTrialOptions): Promise<TrialOutcome> {
  let outcome: TrialOutcome = { kind: "failed", code: "train.internal", message: "The trial ended without a result." };
  const emit = (event: TrainerEvent): void => {
    if (event.kind === "lane-finished") {
      outcome = { kind: "finished", evaluation: event.evaluation, checkpoint: event.checkpoint };
    }
    if (event.kind === "lane-diverged") outcome = { kind: "diverged", step: event.step };
    if (event.kind === "group-failed") outcome = { kind: "failed", code: event.code, message: event.message };
    options.emit(event);
  };
  const { trialId, spec, from, toStep, reportEvery, checkpointEverySec, raceFolder } = options;
  const trainer = new Trainer({ ...options, emit });
  const jobs = [{ trialId, spec, from, toStep }];
  const pace = { reportEvery, checkpointEverySec };
  await trainer.handle({ kind: "run-group", groupId: trialId, raceFolder, corpus: null, jobs, ...pace });
  await trainer.dispose();
  return outcome;
}
