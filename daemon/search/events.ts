/**
 * The search's event log. Decisions carry the rule that made them and the inputs it saw; reports say what became of
 * a job; requests come from the user. The state of a race is the fold of this log and of nothing else, so a race is
 * replayed by folding it again, and `replay.ts` checks the decisions with code of its own.
 *
 * Events are plain JSON. JSON has no NaN, so a measured value that is not finite is `null`.
 */

/** The state of one rung when a decision was made. */
export interface RungStanding {
  /** Trials that have finished the rung, failed ones included. */
  readonly n: number;
  /** floor(n * keep): size of the top set. */
  readonly quota: number;
  readonly promoted: number;
}

/**
 * The top set itself is not written down: with 10,000 trials it would make the log quadratic. It follows from
 * the log; `quota` and the worst member's value pin it, and the replay recomputes it.
 */
export interface PromoteInputs {
  readonly n: number;
  /** As "1/3". */
  readonly keep: string;
  readonly quota: number;
  /** 0-based place of the trial in the rung's total order; below `quota`. */
  readonly rank: number;
  readonly valBpb: number;
  /** Value of the top set's last member; null when that is a trial without a finite value. */
  readonly cutoffBpb: number | null;
}

export interface StartInputs {
  readonly started: number;
  readonly maxTrials: number;
  readonly rungs: readonly RungStanding[];
}

export interface KillInputs {
  readonly valBpb: number;
  readonly step: number;
  readonly thresholdBpb: number;
  readonly warmupSteps: number;
}

/** A new configuration starts at the bottom. `index` is the number of the suggestion to ask the sampler for. */
export interface StartDecision {
  readonly kind: "start";
  readonly index: number;
  readonly rule: "asha-new-configuration";
  readonly inputs: StartInputs;
}
export interface PromoteDecision {
  readonly kind: "promote";
  readonly trialId: string;
  readonly fromRung: number;
  readonly toRung: number;
  readonly rule: "asha-top-fraction";
  readonly inputs: PromoteInputs;
}
/** A job that infrastructure or the user interrupted goes on from its last checkpoint. */
export interface ResumeDecision {
  readonly kind: "resume";
  readonly trialId: string;
  readonly rung: number;
  readonly rule: "requeue-interrupted";
  /** The attempt that begins, counted from 1 for the first run of this job. */
  readonly inputs: { readonly attempt: number };
}
export interface KillDecision {
  readonly kind: "kill";
  readonly trialId: string;
  readonly rung: number;
  readonly rule: "INV-2";
  readonly inputs: KillInputs;
}
/** Nothing to hand out now. `in-flight`: reports are due; `held`: only trials that the user holds are left. */
export interface WaitDecision {
  readonly kind: "wait";
  readonly reason: "in-flight" | "held";
}
/** The race is over. `budget`: the next decision would cost more steps than are left. */
export interface DoneDecision {
  readonly kind: "done";
  readonly reason: "drained" | "budget";
}
export type Decision = StartDecision | PromoteDecision | ResumeDecision | KillDecision | WaitDecision | DoneDecision;

export type StartEvent = StartDecision & { readonly trialId: string };

export interface ResultEvent {
  readonly kind: "result";
  readonly trialId: string;
  readonly rung: number;
  /** Completed steps: the rung's. */
  readonly step: number;
  readonly valBpb: number | null;
  /** Number of the report. Lanes that report together may share it; the trial id then breaks the tie. */
  readonly arrival: number;
}
/** The trial's own fault: diverged, or its specification cannot run. Counts in the rung, ranks last. */
export interface FailEvent {
  readonly kind: "fail";
  readonly trialId: string;
  readonly rung: number;
  /** Completed steps when it failed. */
  readonly step: number;
  readonly arrival: number;
  readonly reason: string;
}
/** Not the trial's fault: device lost, trainer killed. The job is queued again. */
export interface InterruptEvent {
  readonly kind: "interrupt";
  readonly trialId: string;
  readonly rung: number;
  readonly reason: string;
}
/** The user holds a trial (its lane has been given back), releases it, or stops it for good. */
export interface UserEvent {
  readonly kind: "hold" | "release" | "stop";
  readonly trialId: string;
}

export type SearchEvent =
  | StartEvent
  | PromoteDecision
  | ResumeDecision
  | KillDecision
  | ResultEvent
  | FailEvent
  | InterruptEvent
  | UserEvent;

export type RejectionCode =
  | "unknown-trial"
  | "trial-exists"
  /** The (trial, rung) already has its result: ignored, whatever the second report says. */
  | "duplicate-result"
  | "unexpected-rung"
  | "wrong-step"
  | "not-in-this-state";

/** What `apply` did with an event. A rejected event changed nothing and does not belong in the log. */
export type Applied =
  | { readonly accepted: true }
  | { readonly accepted: false; readonly code: RejectionCode; readonly message: string };
