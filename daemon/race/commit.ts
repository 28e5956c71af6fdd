/** What a finished group writes: the results of its lanes in lane order and the decisions that follow from them. Pure. */
import type { EventDraft, Outcome } from "../protocol/events.ts";
import { isOver } from "../protocol/reduce.ts";
import type { RaceState, TrialState } from "../protocol/state.ts";
import type { Asha } from "../search/asha.ts";
import { accept } from "./fill.ts";
import { numberIn, toSearchEvent } from "./search-log.ts";

export interface LaneOutcome {
  /** Completed steps. */
  readonly step: number;
  readonly outcome: Outcome;
}

/**
 * @param search a copy of the search's state; it is advanced
 * @param outcomes by trial; lanes that the user took away have none
 */
export function commitGroup(
  state: RaceState,
  search: Asha,
  outcomes: ReadonlyMap<string, LaneOutcome>,
): readonly EventDraft[] {
  const drafts: EventDraft[] = [];
  let arrival = state.resultCount;
  for (const trialId of state.group?.trialIds ?? []) {
    const trial = state.trials[trialId];
    const lane = outcomes.get(trialId);
    if (trial === undefined || trial.job === null) continue;
    if (lane !== undefined) {
      drafts.push(...laneDrafts(trial, lane, arrival, search, state));
      arrival++;
    }
    const hold = holdDraft(state, trial, lane);
    if (hold === null) continue;
    const event = toSearchEvent(hold, numberIn(state));
    if (event !== null) accept(search, event);
    drafts.push(hold);
  }
  const groupId = state.group?.groupId ?? "";
  return [...drafts, { kind: "group-finished", groupId }];
}

function laneDrafts(
  trial: TrialState,
  { step, outcome }: LaneOutcome,
  arrival: number,
  search: Asha,
  state: RaceState,
): EventDraft[] {
  const { trialId } = trial;
  const { rung, fromStep, toStep } = trial.job ?? { rung: 0, fromStep: 0, toStep: step };
  const result = {
    kind: "rung-result",
    trialId,
    rung,
    // A lane that failed may stand anywhere between its rungs.
    step: Math.min(Math.max(step, fromStep), toStep),
    arrival,
    outcome,
  } as const;
  const event = toSearchEvent(result, numberIn(state));
  if (event !== null) accept(search, event);
  if (outcome.kind !== "finished") {
    const rule = outcome.kind === "diverged" ? "diverged" : "trainer-failed";
    return [result, { kind: "decision", action: "fail", trialId, rung, rule, inputs: { step: result.step, arrival } }];
  }
  if (rung === state.rungs.length - 1) return [result];
  const { n, quota, promoted } = search.standing(rung);
  const inputs = { valBpb: outcome.evaluation.valBpb, rank: search.rank(trialId, rung), n, quota, promoted };
  return [result, { kind: "decision", action: "pause", trialId, rung, rule: "asha-await-rank", inputs }];
}

/** Completes a hold that was asked for while the lane was running. */
function holdDraft(state: RaceState, trial: TrialState, lane: LaneOutcome | undefined): EventDraft | null {
  if (!trial.held || isOver(trial.status)) return null;
  const goesOn = lane === undefined || (lane.outcome.kind === "finished" && trial.job?.rung !== state.rungs.length - 1);
  return goesOn ? { kind: "trial-state", trialId: trial.trialId, status: "held" } : null;
}
