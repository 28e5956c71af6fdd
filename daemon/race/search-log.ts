/** The search's view of the event log: which events mean something to it, and what. */
import type { EventDraft, EventOf } from "../protocol/events.ts";
import type { RaceState } from "../protocol/state.ts";
import type { KillDecision, PromoteDecision, ResumeDecision, SearchEvent, StartEvent } from "../search/events.ts";

/**
 * @param trialNumber number of a trial in its race
 * @returns null for events that are no business of the search
 */
export function toSearchEvent(event: EventDraft, trialNumber: (trialId: string) => number): SearchEvent | null {
  switch (event.kind) {
    case "decision":
      return decisionEvent(event, trialNumber);
    case "rung-result":
      return resultEvent(event);
    case "trial-state":
      return userEvent(event);
    default:
      return null;
  }
}

type Body<K extends EventDraft["kind"]> = Omit<EventOf<K>, "seq" | "at" | "raceId">;

function decisionEvent(event: Body<"decision">, trialNumber: (trialId: string) => number): SearchEvent | null {
  const { action, trialId, rung, rule, inputs } = event;
  // Rule and inputs were written from the search's own decisions and come back unchanged.
  const recorded = { rule, inputs } as unknown;
  switch (action) {
    case "start":
      return { kind: "start", trialId, index: trialNumber(trialId), ...(recorded as Recorded<StartEvent>) };
    case "promote":
      return { kind: "promote", trialId, fromRung: rung - 1, toRung: rung, ...(recorded as Recorded<PromoteDecision>) };
    case "resume":
      return { kind: "resume", trialId, rung, ...(recorded as Recorded<ResumeDecision>) };
    case "kill":
      return { kind: "kill", trialId, rung, ...(recorded as Recorded<KillDecision>) };
    case "pause":
    case "fail":
      // Consequences of the result before them, written down for the reader.
      return null;
  }
}

type Recorded<D extends { rule: string; inputs: object }> = Pick<D, "rule" | "inputs">;

function resultEvent({ trialId, rung, step, arrival, outcome }: Body<"rung-result">): SearchEvent {
  if (outcome.kind === "finished") {
    return { kind: "result", trialId, rung, step, arrival, valBpb: outcome.evaluation.valBpb };
  }
  return { kind: "fail", trialId, rung, step, arrival, reason: outcome.kind === "failed" ? outcome.code : "diverged" };
}

function userEvent({ trialId, status }: Body<"trial-state">): SearchEvent | null {
  switch (status) {
    case "held":
      return { kind: "hold", trialId };
    case "released":
      return { kind: "release", trialId };
    case "stopped":
      return { kind: "stop", trialId };
    case "hold-requested":
    case "hold-cancelled":
      return null;
  }
}

/** The search's log of a race, for replay. */
export function searchLog(events: readonly EventDraft[]): SearchEvent[] {
  const numbers = new Map<string, number>();
  const log: SearchEvent[] = [];
  for (const event of events) {
    if (event.kind === "trial-created") numbers.set(event.trialId, event.number);
    const translated = toSearchEvent(event, (trialId) => numbers.get(trialId) ?? -1);
    if (translated !== null) log.push(translated);
  }
  return log;
}

/** Number of a trial by the race's state. */
export function numberIn(state: RaceState): (trialId: string) => number {
  return (trialId) => state.trials[trialId]?.number ?? -1;
}
