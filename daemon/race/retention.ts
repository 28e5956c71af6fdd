/** Which checkpoints are kept. Pure. */
import { isOver } from "../protocol/reduce.ts";
import type { RaceState, TrialState } from "../protocol/state.ts";

/** Trials of a finished race whose weights stay, besides those that reached the last rung. */
const keptByRank = 3;

/** Files that a race still needs: what a trial may resume from, and the weights of the best trials. */
export function neededFiles(state: RaceState): ReadonlySet<string> {
  const raceOver = state.status === "finished" || state.status === "stopped";
  const best = new Set(bestTrials(state));
  const needed = new Set<string>();
  for (const trial of Object.values(state.trials)) {
    for (const { file } of neededOf(trial, raceOver, best.has(trial.trialId))) needed.add(file);
  }
  return needed;
}

function neededOf(trial: TrialState, raceOver: boolean, isBest: boolean): TrialState["checkpoints"] {
  const newest = trial.checkpoints.slice(-1);
  if (isBest || trial.status === "completed") return newest;
  if (raceOver || isOver(trial.status)) return [];
  // A trial on its way keeps one to fall back to; one that waits at a rung can be trained again from step 0.
  return trial.job === null ? newest : trial.checkpoints;
}

/** Trials whose weights stay whatever happens, the best first: by their last result, not by one on the way. */
export function bestTrials(state: RaceState): string[] {
  return Object.values(state.trials)
    .flatMap((trial) => {
      const valBpb = trial.results.at(-1)?.valBpb ?? null;
      return valBpb === null ? [] : [{ trialId: trial.trialId, number: trial.number, valBpb }];
    })
    .sort((a, b) => a.valBpb - b.valBpb || a.number - b.number)
    .slice(0, keptByRank)
    .map(({ trialId }) => trialId);
}
