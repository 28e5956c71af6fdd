import type { KillDecision, PromoteDecision, StartDecision } from "./events.ts";
import { formatKeep, type LadderRung } from "./ladder.ts";
import type { PruneRule } from "./prune.ts";
import type { RungStandings } from "./rung.ts";
import type { TrialState } from "./trial-state.ts";

/** Decisions with the inputs that the log keeps beside them. */

export function startDecision(started: number, maxTrials: number, standings: readonly RungStandings[]): StartDecision {
  const rungs = standings.map(({ n, quota, promotedCount }) => ({ n, quota, promoted: promotedCount }));
  return { kind: "start", index: started, rule: "asha-new-configuration", inputs: { started, maxTrials, rungs } };
}

/** The promotion that `fromRung` allows now, if any. */
export function promoteDecision(
  standings: RungStandings,
  rung: LadderRung | undefined,
  fromRung: number,
): PromoteDecision | null {
  const best = standings.promotable();
  if (best === undefined || !rung?.keep) return null;
  const cutoff = standings.cutoff()?.value ?? Number.POSITIVE_INFINITY;
  return {
    kind: "promote",
    trialId: best.trialId,
    fromRung,
    toRung: fromRung + 1,
    rule: "asha-top-fraction",
    inputs: {
      n: standings.n,
      keep: formatKeep(rung.keep),
      quota: standings.quota,
      rank: standings.rank(best),
      valBpb: best.value,
      cutoffBpb: Number.isFinite(cutoff) ? cutoff : null,
    },
  };
}

export function killDecision(trial: TrialState, valBpb: number, step: number, prune: PruneRule): KillDecision {
  const { thresholdBpb, warmupSteps } = prune;
  const inputs = { valBpb, step, thresholdBpb, warmupSteps };
  return { kind: "kill", trialId: trial.trialId, rung: trial.rung, rule: "INV-2", inputs };
}
