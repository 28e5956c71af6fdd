/** The state of a race as a looker sees it. */
import type { RaceState, TrialState } from "../../protocol/state.ts";

export interface ShownStatus {
  /** A race's status, or `interrupted`. */
  readonly status: RaceState["status"] | "interrupted";
  readonly reason: string;
}

/** A race counts as running in the log until it ends; it runs only while a daemon does. */
export function shownStatus({ status, reason }: RaceState, daemon: "running" | "none" | "unknown"): ShownStatus {
  if (daemon !== "none" || (status !== "running" && status !== "queued")) return { status, reason };
  return { status: "interrupted", reason: "goes on when a daemon starts" };
}

/** A race that no daemon works on: nothing of it trains. */
export function atRest(state: RaceState): RaceState {
  const rest = (trial: TrialState): TrialState => ({ ...trial, status: statusAtRest(trial.status) });
  const trials = Object.fromEntries(Object.entries(state.trials).map(([id, trial]) => [id, rest(trial)]));
  return { ...state, trials, group: null, speed: null };
}

export function statusAtRest(status: TrialState["status"]): TrialState["status"] {
  return status === "running" ? "waiting" : status;
}
