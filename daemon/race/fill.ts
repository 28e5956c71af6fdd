/** The next group of a race: jobs that wait, then new decisions of the search until the lanes are full. Pure. */
import type { EventDraft } from "../protocol/events.ts";
import type { RaceState } from "../protocol/state.ts";
import type { Asha } from "../search/asha.ts";
import type { Decision, DoneDecision, WaitDecision } from "../search/events.ts";
import { fitsGroup, maxWaiting, type PackedJob, takeGroup } from "./packing.ts";
import type { RacePlan } from "./plan.ts";

export interface Filled {
  /** Events that make it so; all of one transaction. */
  readonly drafts: readonly EventDraft[];
  /** False when the race has nothing to run; `end` says why. */
  readonly hasGroup: boolean;
  readonly end: WaitDecision | DoneDecision | null;
}

export interface FillInput {
  readonly state: RaceState;
  readonly plan: RacePlan;
  /** A copy of the search's state; it is advanced. */
  readonly search: Asha;
  readonly lanes: number;
  /** Jobs without a group, oldest first. */
  readonly waiting: readonly PackedJob[];
}

/** The name of trial `index`: sorts like its number for the first 10,000. */
export function trialIdOf(raceId: string, index: number): string {
  return `${raceId}-t${String(index).padStart(4, "0")}`;
}

export function fillGroup({ state, plan, search, lanes, waiting }: FillInput): Filled {
  const drafts: EventDraft[] = [];
  const { group, rest } = takeGroup(waiting, lanes);
  let end: WaitDecision | DoneDecision | null = null;
  while (group.length < lanes && (group.length === 0 || rest.length < maxWaiting(lanes))) {
    const decision = search.decide();
    if (decision.kind === "wait" || decision.kind === "done") {
      end = decision;
      break;
    }
    const job = record(decision, { state, plan, search, drafts });
    if (job === null) continue;
    (fitsGroup(group, job) ? group : rest).push(job);
  }
  if (group.length === 0) return { drafts, hasGroup: false, end };
  const groupId = `${state.raceId}-g${state.groupCount + 1}`;
  const jobs = group.map(({ trialId, rung, fromStep, toStep }) => ({ trialId, rung, fromStep, toStep }));
  drafts.push({ kind: "group-started", groupId, jobs });
  return { drafts, hasGroup: true, end };
}

interface Recording {
  readonly state: RaceState;
  readonly plan: RacePlan;
  readonly search: Asha;
  readonly drafts: EventDraft[];
}

/** Writes a decision down, applies it, and returns the job that it orders. */
function record(
  decision: Exclude<Decision, WaitDecision | DoneDecision>,
  { state, plan, search, drafts }: Recording,
): PackedJob | null {
  const { rule } = decision;
  const inputs = { ...decision.inputs } as Extract<EventDraft, { kind: "decision" }>["inputs"];
  if (decision.kind === "start") {
    const trialId = trialIdOf(state.raceId, decision.index);
    const trial = plan.trial(decision.index);
    drafts.push({ kind: "trial-created", trialId, number: decision.index, ...trial });
    drafts.push({ kind: "decision", action: "start", trialId, rung: 0, rule, inputs });
    accept(search, { ...decision, trialId });
    return packedJob(plan, trialId, 0, plan.shapeKey(trial.spec));
  }
  const { trialId } = decision;
  const rung = decision.kind === "promote" ? decision.toRung : decision.rung;
  drafts.push({ kind: "decision", action: decision.kind, trialId, rung, rule, inputs });
  accept(search, decision);
  if (decision.kind === "kill") return null;
  const { number } = state.trials[trialId] ?? { number: -1 };
  return packedJob(plan, trialId, rung, plan.shapeKey(plan.trial(number).spec));
}

function packedJob(plan: RacePlan, trialId: string, rung: number, shapeKey: string): PackedJob {
  const { rungs } = plan.rules.ladder;
  const toStep = rungs[rung]?.steps ?? 0;
  return { trialId, rung, fromStep: rung === 0 ? 0 : (rungs[rung - 1]?.steps ?? 0), toStep, shapeKey };
}

/** Applies an event that must be acceptable. */
export function accept(search: Asha, event: Parameters<Asha["apply"]>[0]): void {
  const applied = search.apply(event);
  if (!applied.accepted) throw new Error(`the search refused ${event.kind} of ${event.trialId}: ${applied.message}`);
}
