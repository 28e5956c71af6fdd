/** Turns lanes of a group into work orders: which checkpoint each starts from, and how far it goes now. */
import type { Checkpoint, EventDraft } from "../protocol/events.ts";
import type { RaceState, TrialState } from "../protocol/state.ts";
import type { TrialSpec } from "../protocol/trial.ts";
import type { CheckpointFiles } from "../store/checkpoint-files.ts";
import type { LaneJob } from "../train/messages.ts";

export interface PreparedJobs {
  readonly jobs: readonly LaneJob[];
  /** Checkpoints that turned out to be unusable. */
  readonly drafts: readonly EventDraft[];
}

/**
 * A trial whose checkpoint is unusable starts from an older one or from step 0 and walks the rungs between one by
 * one: then every curve point falls on the same step, and has the same value, as the first time.
 */
export async function prepareJobs(
  state: RaceState,
  trialIds: readonly string[],
  specOf: (trial: TrialState) => TrialSpec,
  files: CheckpointFiles,
): Promise<PreparedJobs> {
  const jobs: LaneJob[] = [];
  const drafts: EventDraft[] = [];
  for (const trialId of trialIds) {
    const trial = state.trials[trialId];
    if (trial === undefined || trial.job === null) continue;
    const from = await newestUsable(trial, files, drafts);
    jobs.push({ trialId, spec: specOf(trial), from, toStep: nextMilestone(state, trial.job.toStep, from?.step ?? 0) });
  }
  return { jobs, drafts };
}

/** The first rung above `step`, at most `target`; `target` itself when the trial already stands there. */
export function nextMilestone(state: RaceState, target: number, step: number): number {
  return state.rungs.find((rung) => rung.steps > step && rung.steps < target)?.steps ?? target;
}

async function newestUsable(
  trial: TrialState,
  files: CheckpointFiles,
  drafts: EventDraft[],
): Promise<Checkpoint | null> {
  for (const checkpoint of trial.checkpoints.toReversed()) {
    const health = await files.verify(checkpoint);
    if (health === "good") return checkpoint;
    const older = trial.checkpoints.filter((other) => other.step < checkpoint.step).at(-1)?.step ?? 0;
    drafts.push(
      { kind: "checkpoints-released", reason: health, files: [checkpoint.file] },
      {
        kind: "notice",
        level: "warning",
        code: health === "missing" ? "checkpoint.missing" : "checkpoint.corrupt",
        message: `Checkpoint ${checkpoint.file} at step ${checkpoint.step} is ${health}; the trial is trained again from step ${older}.`,
        trialId: trial.trialId,
      },
    );
  }
  return null;
}
