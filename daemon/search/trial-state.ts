import type { Applied, RejectionCode, SearchEvent } from "./events.ts";

/**
 * running: on its way to `rung`. queued: interrupted on its way there. paused: has its result of `rung` and waits
 * for its rank. The others are final.
 */
export type TrialPhase = "running" | "queued" | "paused" | "finished" | "failed" | "killed" | "stopped";

export interface TrialState {
  readonly trialId: string;
  readonly index: number;
  phase: TrialPhase;
  rung: number;
  /** Attempts at the current job, the running one included. */
  attempt: number;
  /** Held by the user: not handed out until released. */
  held: boolean;
}

export function isFinal({ phase }: TrialState): boolean {
  return phase === "finished" || phase === "failed" || phase === "killed" || phase === "stopped";
}

export function reject(code: RejectionCode, message: string): Applied {
  return { accepted: false, code, message };
}

export function wrongPhase(trial: TrialState, kind: SearchEvent["kind"]): Applied {
  const held = trial.held ? " and held" : "";
  return reject("not-in-this-state", `${kind}: ${trial.trialId} is ${trial.phase}${held} at rung ${trial.rung}`);
}

export function wrongRung(trial: TrialState, rung: number): Applied {
  return reject("unexpected-rung", `${trial.trialId} is at rung ${trial.rung}, not ${rung}`);
}
