import { killDecision, promoteDecision, startDecision } from "./decisions.ts";
import type {
  Applied,
  Decision,
  FailEvent,
  KillDecision,
  PromoteDecision,
  ResultEvent,
  ResumeDecision,
  RungStanding,
  SearchEvent,
} from "./events.ts";
import { lastRung, rungDelta } from "./ladder.ts";
import { isPruned } from "./prune.ts";
import type { SearchRules } from "./rules.ts";
import { type RungSnapshot, RungStandings } from "./rung.ts";
import { isFinal, reject, type TrialState, wrongPhase, wrongRung } from "./trial-state.ts";

/** Everything that `Asha` knows, as JSON. Restoring it equals folding the events that led to it. */
export interface AshaSnapshot {
  readonly trials: readonly Readonly<TrialState>[];
  readonly rungs: readonly RungSnapshot[];
  readonly queue: readonly string[];
  readonly condemned: readonly string[];
  readonly trainedSteps: number;
  readonly committedSteps: number;
}

const accepted: Applied = { accepted: true };

/**
 * Asynchronous successive halving, promotion variant (Li et al. 2020, arXiv 1810.05934, Alg. 2), as a fold over
 * events: `decide()` looks, `apply()` changes. A decision counts only once it is applied, so the caller records
 * it first; a start is applied as `{...decision, trialId}`.
 *
 * Order of decisions: kills by INV-2; then target rungs from the top, at each one interrupted jobs before
 * promotions; then a new configuration. Nothing else is killed: a trial that is not promoted stays paused.
 *
 * A stopped, held or killed trial keeps the results it has: they count in n and hold their rank, so a trial that
 * the user stopped makes no room for a worse one. It is not promoted. A rung that it had not finished does not count;
 * a result that was already on its way when it was stopped is still written.
 */
export class Asha {
  readonly rules: SearchRules;
  readonly #trials = new Map<string, TrialState>();
  readonly #rungs: RungStandings[];
  /** Interrupted jobs, oldest first. */
  #queue: string[] = [];
  /** Trials that INV-2 kills at the next decision. */
  #condemned: string[] = [];
  #running = 0;
  #trainedSteps = 0;
  #committedSteps = 0;

  constructor(rules: SearchRules) {
    this.rules = rules;
    this.#rungs = rules.ladder.rungs.map((rung) => new RungStandings(rung));
  }

  get started(): number {
    return this.#trials.size;
  }
  get running(): number {
    return this.#running;
  }
  /** Steps of all accepted results (the rung deltas) and of failed attempts. */
  get trainedSteps(): number {
    return this.#trainedSteps;
  }
  trial(trialId: string): Readonly<TrialState> | undefined {
    return this.#trials.get(trialId);
  }
  /** Trial ids of a rung's top set, best first. */
  topSet(rung: number): readonly string[] {
    return this.#standings(rung).topSet();
  }
  standing(rung: number): RungStanding {
    const { n, quota, promotedCount } = this.#standings(rung);
    return { n, quota, promoted: promotedCount };
  }
  /** 0-based place of a trial in a rung's total order; null when it has not finished the rung. */
  rank(trialId: string, rung: number): number | null {
    const standings = this.#standings(rung);
    const entry = standings.entry(trialId);
    return entry === undefined ? null : standings.rank(entry);
  }

  /** The next thing to do. Pure: asking twice gives the same answer. */
  decide(): Decision {
    const kill = this.#nextKill();
    if (kill !== null) return kill;
    const { ladder, maxTrials, budgetSteps } = this.rules;
    const affordable = (rung: number) =>
      budgetSteps === null || this.#committedSteps + rungDelta(ladder, rung) <= budgetSteps;
    let broke = false;
    for (let rung = lastRung(ladder); rung >= 0; rung--) {
      const resume = this.#nextResume(rung);
      if (resume !== null) return resume;
      if (rung === 0 || broke) continue;
      const promote = promoteDecision(this.#standings(rung - 1), ladder.rungs[rung - 1], rung - 1);
      if (promote === null) continue;
      if (affordable(rung)) return promote;
      broke = true;
    }
    const exhausted = this.started >= maxTrials;
    if (!exhausted && !broke && affordable(0)) return startDecision(this.started, maxTrials, this.#rungs);
    if (this.#running > 0) return { kind: "wait", reason: "in-flight" };
    if (this.#holdsWork()) return { kind: "wait", reason: "held" };
    return { kind: "done", reason: exhausted && !broke ? "drained" : "budget" };
  }

  /** Folds one event. A rejected event changes nothing. */
  apply(event: SearchEvent): Applied {
    if (event.kind === "start") return this.#start(event.trialId, event.index);
    const trial = this.#trials.get(event.trialId);
    if (trial === undefined) return reject("unknown-trial", `${event.trialId} was never started`);
    switch (event.kind) {
      case "result":
      case "fail":
        return this.#finishRung(trial, event);
      case "promote":
        return this.#promote(trial, event);
      case "resume":
        return this.#resume(trial, event);
      case "kill":
        if (trial.phase !== "paused") return wrongPhase(trial, event.kind);
        return this.#end(trial, "killed");
      case "stop":
        if (isFinal(trial)) return wrongPhase(trial, event.kind);
        return this.#end(trial, "stopped");
      case "interrupt":
        if (trial.rung !== event.rung) return wrongRung(trial, event.rung);
        if (trial.phase !== "running") return wrongPhase(trial, event.kind);
        return this.#enqueue(trial);
      case "hold":
        return this.#hold(trial);
      case "release":
        return this.#release(trial);
    }
  }

  #nextKill(): KillDecision | null {
    const trialId = this.#condemned[0];
    const trial = trialId === undefined ? undefined : this.#trials.get(trialId);
    if (trial === undefined) return null;
    const { prune, ladder } = this.rules;
    const valBpb = this.#standings(trial.rung).entry(trial.trialId)?.value ?? Number.POSITIVE_INFINITY;
    return killDecision(trial, valBpb, ladder.rungs[trial.rung]?.steps ?? 0, prune);
  }

  #nextResume(rung: number): ResumeDecision | null {
    for (const trialId of this.#queue) {
      const trial = this.#trials.get(trialId);
      if (trial === undefined || trial.rung !== rung || trial.held) continue;
      return { kind: "resume", trialId, rung, rule: "requeue-interrupted", inputs: { attempt: trial.attempt + 1 } };
    }
    return null;
  }

  #start(trialId: string, index: number): Applied {
    if (this.#trials.has(trialId)) return reject("trial-exists", `${trialId} was started before`);
    this.#trials.set(trialId, { trialId, index, phase: "running", rung: 0, attempt: 1, held: false });
    this.#running++;
    this.#committedSteps += rungDelta(this.rules.ladder, 0);
    return accepted;
  }

  #promote(trial: TrialState, event: PromoteDecision): Applied {
    if (trial.rung !== event.fromRung || event.toRung !== event.fromRung + 1) return wrongRung(trial, event.fromRung);
    if (trial.phase !== "paused" || trial.held) return wrongPhase(trial, event.kind);
    this.#standings(trial.rung).promote(trial.trialId);
    this.#committedSteps += rungDelta(this.rules.ladder, event.toRung);
    trial.rung = event.toRung;
    trial.phase = "running";
    trial.attempt = 1;
    this.#running++;
    return accepted;
  }

  #resume(trial: TrialState, event: ResumeDecision): Applied {
    if (trial.rung !== event.rung) return wrongRung(trial, event.rung);
    if (trial.phase !== "queued" || trial.held) return wrongPhase(trial, event.kind);
    this.#queue = this.#queue.filter((id) => id !== trial.trialId);
    trial.phase = "running";
    trial.attempt++;
    this.#running++;
    return accepted;
  }

  /** A result or a failure: at most one per (trial, rung), whoever reports it and however late. */
  #finishRung(trial: TrialState, event: ResultEvent | FailEvent): Applied {
    const { ladder, prune } = this.rules;
    const { trialId, rung, step, arrival } = event;
    if (this.#rungs[rung]?.entry(trialId) !== undefined) {
      return reject("duplicate-result", `${trialId} already has its result of rung ${rung}`);
    }
    if (trial.rung !== rung) return wrongRung(trial, rung);
    const delta = rungDelta(ladder, rung);
    const target = ladder.rungs[rung]?.steps ?? 0;
    const inRange = event.kind === "result" ? step === target : step >= target - delta && step <= target;
    if (!Number.isSafeInteger(step) || !inRange) {
      return reject("wrong-step", `${trialId} reports step ${step} on its way from ${target - delta} to ${target}`);
    }
    const measured = event.kind === "result" ? event.valBpb : null;
    const value = measured !== null && Number.isFinite(measured) ? measured : Number.POSITIVE_INFINITY;
    const stopped = trial.phase === "stopped";
    this.#leave(trial);
    this.#standings(rung).add({ trialId, value, arrival }, !stopped && !trial.held);
    this.#trainedSteps += step - (target - delta);
    if (stopped) return accepted;
    if (!Number.isFinite(value)) trial.phase = "failed";
    else trial.phase = rung === lastRung(ladder) ? "finished" : "paused";
    if (trial.phase === "paused" && isPruned(prune, value, step)) this.#condemned.push(trialId);
    return accepted;
  }

  #enqueue(trial: TrialState): Applied {
    this.#leave(trial);
    trial.phase = "queued";
    this.#queue.push(trial.trialId);
    return accepted;
  }

  #end(trial: TrialState, phase: "killed" | "stopped"): Applied {
    this.#leave(trial);
    this.#standings(trial.rung).withdraw(trial.trialId);
    this.#condemned = this.#condemned.filter((id) => id !== trial.trialId);
    trial.phase = phase;
    return accepted;
  }

  #hold(trial: TrialState): Applied {
    if (trial.held || isFinal(trial)) return wrongPhase(trial, "hold");
    trial.held = true;
    if (trial.phase === "running") return this.#enqueue(trial);
    this.#standings(trial.rung).withdraw(trial.trialId);
    return accepted;
  }

  #release(trial: TrialState): Applied {
    if (!trial.held || isFinal(trial)) return wrongPhase(trial, "release");
    trial.held = false;
    if (trial.phase === "paused") this.#standings(trial.rung).reopen(trial.trialId);
    return accepted;
  }

  /** Takes the trial out of the running count or the queue. */
  #leave(trial: TrialState): void {
    if (trial.phase === "running") this.#running--;
    if (trial.phase === "queued") this.#queue = this.#queue.filter((id) => id !== trial.trialId);
  }

  /** Whether releasing some held trial would give the race something to do. */
  #holdsWork(): boolean {
    for (const { trialId, rung, phase, held } of this.#trials.values()) {
      if (!held || (phase !== "queued" && phase !== "paused")) continue;
      const rank = this.rank(trialId, rung);
      if (phase === "queued" || (rank !== null && rank < this.#standings(rung).quota)) return true;
    }
    return false;
  }

  #standings(rung: number): RungStandings {
    const standings = this.#rungs[rung];
    if (standings === undefined) throw new RangeError(`the ladder has no rung ${rung}`);
    return standings;
  }

  snapshot(): AshaSnapshot {
    return {
      trials: [...this.#trials.values()].map((trial) => ({ ...trial })),
      rungs: this.#rungs.map((rung) => rung.snapshot()),
      queue: [...this.#queue],
      condemned: [...this.#condemned],
      trainedSteps: this.#trainedSteps,
      committedSteps: this.#committedSteps,
    };
  }

  static restore(rules: SearchRules, snapshot: AshaSnapshot): Asha {
    const asha = new Asha(rules);
    for (const trial of snapshot.trials) {
      asha.#trials.set(trial.trialId, { ...trial });
      if (trial.phase === "running") asha.#running++;
    }
    snapshot.rungs.forEach((rung, k) => {
      asha.#standings(k).restore(rung);
    });
    asha.#queue = [...snapshot.queue];
    asha.#condemned = [...snapshot.condemned];
    asha.#trainedSteps = snapshot.trainedSteps;
    asha.#committedSteps = snapshot.committedSteps;
    return asha;
  }
}
