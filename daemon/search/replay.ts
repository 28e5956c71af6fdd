/**
 * Checks a recorded event log against the rules of the race (SPEC 3). Deliberately shares no state with `Asha`: it
 * keeps plain lists and looks through all of them at every decision, so that an error in the scheduler's incremental
 * ranks shows up as a violation here.
 *
 * Memory is linear in the log; time is (decisions x results of a rung).
 */
import type { FailEvent, PromoteDecision, ResultEvent, ResumeDecision, SearchEvent, StartEvent } from "./events.ts";
import { formatKeep, keepCount, lastRung, rungDelta } from "./ladder.ts";
import { isPruned } from "./prune.ts";
import { promotableIn, type ReplayedTrial, type RungLog, rankIn } from "./replay-rung.ts";
import type { SearchRules } from "./rules.ts";

export type ViolationCode =
  /** A result or failure that could not have happened: nobody was training that trial to that rung. */
  | "impossible-event"
  /** A second result of one (trial, rung). */
  | "duplicate-result"
  /** Steps that do not add up to the rung deltas. */
  | "steps"
  /** A promotion of a trial outside the top floor(n * keep), or of one that may not be promoted. */
  | "illegal-promotion"
  /** Something lower was chosen while a higher rung had work. */
  | "higher-rung-first"
  /** INV-2: a kill without its condition, or a condition without its kill. */
  | "illegal-kill"
  | "missing-kill"
  /** Inputs recorded with a decision differ from the log before it. */
  | "inputs"
  | "budget"
  /** The log ends with nothing in flight, yet a member of a final top set was not promoted. */
  | "not-drained";

export interface Violation {
  /** Index of the event in the log; its length for what the end lacks. */
  readonly at: number;
  readonly code: ViolationCode;
  readonly message: string;
}

export interface ReplayReport {
  readonly violations: readonly Violation[];
  /** Steps of the results and of failed attempts. */
  readonly trainedSteps: number;
  readonly started: number;
  /** Results and failures per rung. */
  readonly finishedPerRung: readonly number[];
}

/** `complete`: the log is that of a race that has come to its end, so property (c) must hold too. */
export function replay(rules: SearchRules, log: readonly SearchEvent[], complete: boolean): ReplayReport {
  const checker = new Checker(rules);
  for (const event of log) checker.next(event);
  if (complete) checker.atEnd();
  return {
    violations: checker.violations,
    trainedSteps: checker.trainedSteps,
    started: checker.trials.size,
    finishedPerRung: checker.rungs.map((rung) => rung.entries.size),
  };
}

class Checker {
  readonly rules: SearchRules;
  readonly trials = new Map<string, ReplayedTrial>();
  readonly rungs: RungLog[];
  readonly violations: Violation[] = [];
  trainedSteps = 0;
  /** Interrupted jobs that nobody has resumed. */
  readonly #queued = new Set<ReplayedTrial>();
  /** Trials that meet INV-2's condition and have not been killed. */
  readonly #condemned = new Set<ReplayedTrial>();
  #committedSteps = 0;
  #at = 0;

  constructor(rules: SearchRules) {
    this.rules = rules;
    this.rungs = rules.ladder.rungs.map(() => ({ entries: new Map(), promoted: new Set<string>() }));
  }

  next(event: SearchEvent): void {
    if (event.kind === "start") this.#start(event);
    else {
      const trial = this.trials.get(event.trialId);
      if (trial === undefined) this.#report("impossible-event", `${event.kind} of ${event.trialId}, never started`);
      else this.#step(trial, event);
    }
    this.#at++;
  }

  #step(trial: ReplayedTrial, event: Exclude<SearchEvent, StartEvent>): void {
    switch (event.kind) {
      case "promote":
        this.#promote(trial, event);
        break;
      case "resume":
        this.#resume(trial, event);
        break;
      case "kill":
        this.#kill(trial, event.rung);
        break;
      case "result":
        this.#finish(trial, event, event.valBpb);
        break;
      case "fail":
        trial.failed = true;
        this.#finish(trial, event, null);
        break;
      case "interrupt":
        this.#expect(trial.inFlight && trial.rung === event.rung, "impossible-event", `interrupt of ${trial.trialId}`);
        this.#leaveLane(trial);
        break;
      case "hold":
        trial.held = true;
        this.#leaveLane(trial);
        break;
      case "release":
        trial.held = false;
        break;
      case "stop":
        trial.ended = true;
        trial.inFlight = false;
        this.#queued.delete(trial);
        this.#condemned.delete(trial);
    }
  }

  #leaveLane(trial: ReplayedTrial): void {
    if (trial.inFlight) this.#queued.add(trial);
    trial.inFlight = false;
  }

  #start(event: StartEvent): void {
    const { trialId, index, inputs } = event;
    this.#expect(!this.trials.has(trialId), "impossible-event", `${trialId} is started twice`);
    this.#expect(index === this.trials.size, "inputs", `start number ${this.trials.size} carries index ${index}`);
    this.#expect(this.trials.size < this.rules.maxTrials, "budget", `start beyond ${this.rules.maxTrials} trials`);
    this.#noKillDue();
    this.#nothingAbove(0, trialId, false);
    this.rungs.forEach((log, rung) => {
      const seen = inputs.rungs[rung];
      const same = seen?.n === log.entries.size && seen.quota === this.#quota(rung);
      this.#expect(same && seen.promoted === log.promoted.size, "inputs", `start ${trialId}: rung ${rung} differs`);
    });
    const fresh = { failed: false, held: false, ended: false, inFlight: true };
    this.trials.set(trialId, { trialId, rung: 0, attempt: 1, ...fresh });
    this.#commit(0);
  }

  #promote(trial: ReplayedTrial, event: PromoteDecision): void {
    const { trialId, fromRung, toRung, inputs } = event;
    const log = this.rungs[fromRung];
    const entry = log?.entries.get(trialId);
    const bad = (why: string) => this.#report("illegal-promotion", `${trialId} from rung ${fromRung}: ${why}`);
    if (log === undefined || entry === undefined || toRung !== fromRung + 1 || toRung > lastRung(this.rules.ladder)) {
      bad(`it has no result there, or rung ${toRung} does not follow`);
      return;
    }
    const [rank, quota] = [rankIn(log, entry), this.#quota(fromRung)];
    if (log.promoted.has(trialId)) bad("promoted before");
    if (trial.held || trial.ended || trial.failed) bad("held, stopped, killed or failed");
    if (!Number.isFinite(entry.value)) bad("its value is not finite");
    if (rank >= quota) bad(`rank ${rank} is outside the top ${quota} of ${log.entries.size}`);
    const keep = this.rules.ladder.rungs[fromRung]?.keep;
    const same = inputs.n === log.entries.size && inputs.quota === quota && inputs.rank === rank;
    const sameValue = inputs.valBpb === entry.value && keep && inputs.keep === formatKeep(keep);
    this.#expect(Boolean(same && sameValue), "inputs", `promotion of ${trialId} from rung ${fromRung}`);
    this.#noKillDue();
    this.#nothingAbove(toRung, trialId, false);
    log.promoted.add(trialId);
    Object.assign(trial, { rung: toRung, inFlight: true, attempt: 1 });
    this.#commit(toRung);
  }

  #resume(trial: ReplayedTrial, event: ResumeDecision): void {
    const queued = this.#queued.delete(trial) && !trial.held && trial.rung === event.rung;
    this.#expect(queued, "impossible-event", `${trial.trialId} is resumed at rung ${event.rung} without being queued`);
    this.#noKillDue();
    this.#nothingAbove(event.rung, trial.trialId, true);
    trial.attempt++;
    this.#expect(event.inputs.attempt === trial.attempt, "inputs", `attempt of ${trial.trialId}`);
    trial.inFlight = true;
  }

  #kill(trial: ReplayedTrial, rung: number): void {
    const due = this.#condemned.delete(trial) && trial.rung === rung;
    this.#expect(due, "illegal-kill", `${trial.trialId} at rung ${rung} does not meet INV-2's condition`);
    trial.ended = true;
  }

  #finish(trial: ReplayedTrial, event: ResultEvent | FailEvent, valBpb: number | null): void {
    const { trialId, rung, step, arrival } = event;
    const log = this.rungs[rung];
    if (log === undefined || log.entries.has(trialId)) {
      this.#report(log ? "duplicate-result" : "impossible-event", `${trialId} at rung ${rung}`);
      return;
    }
    this.#expect(
      trial.rung === rung,
      "impossible-event",
      `${trialId} reports rung ${rung} while sent to ${trial.rung}`,
    );
    const target = this.rules.ladder.rungs[rung]?.steps ?? 0;
    const base = target - rungDelta(this.rules.ladder, rung);
    const fits = event.kind === "fail" ? step >= base && step <= target : step === target;
    this.#expect(fits, "steps", `${trialId} reports step ${step} between ${base} and ${target}`);
    this.trainedSteps += step - base;
    trial.inFlight = false;
    this.#queued.delete(trial);
    const value = valBpb !== null && Number.isFinite(valBpb) ? valBpb : Number.POSITIVE_INFINITY;
    log.entries.set(trialId, { trialId, value, arrival });
    if (!trial.ended && this.#meetsPruneRule(trial)) this.#condemned.add(trial);
  }

  /** (b): when a job toward rung `target` is chosen, no higher rung has work. */
  #nothingAbove(target: number, chosen: string, isResume: boolean): void {
    for (let from = lastRung(this.rules.ladder) - 1; from >= target; from--) {
      const best = this.#promotable(from);
      if (best === undefined) continue;
      // A promotion that the budget no longer allows ends everything below it but resumed jobs, which are paid for.
      if (isResume && !this.#affordable(from + 1)) break;
      this.#report("higher-rung-first", `${chosen} was chosen while rung ${from} could promote ${best}`);
    }
    for (const trial of this.#queued) {
      if (trial.held || trial.trialId === chosen) continue;
      const first = trial.rung > target || (trial.rung === target && !isResume);
      if (first) this.#report("higher-rung-first", `${chosen} was chosen while ${trial.trialId} was queued`);
    }
  }

  atEnd(): void {
    for (const trial of this.trials.values()) {
      if (trial.inFlight || (this.#queued.has(trial) && !trial.held)) {
        this.#report("not-drained", `${trial.trialId} is still on its way to rung ${trial.rung}`);
      }
    }
    for (let from = lastRung(this.rules.ladder) - 1; from >= 0; from--) {
      const best = this.#promotable(from);
      if (best === undefined) continue;
      if (!this.#affordable(from + 1)) break;
      this.#report("not-drained", `${best} is in the final top set of rung ${from} and was not promoted`);
    }
    this.#noKillDue();
  }

  #noKillDue(): void {
    for (const trial of this.#condemned) this.#report("missing-kill", `${trial.trialId} at rung ${trial.rung}`);
  }

  #meetsPruneRule(trial: ReplayedTrial): boolean {
    const { ladder, prune } = this.rules;
    const value = this.rungs[trial.rung]?.entries.get(trial.trialId)?.value;
    if (value === undefined || trial.rung === lastRung(ladder)) return false;
    return isPruned(prune, value, ladder.rungs[trial.rung]?.steps ?? 0);
  }

  #promotable(fromRung: number): string | undefined {
    const log = this.rungs[fromRung];
    return log && promotableIn(log, this.#quota(fromRung), this.trials)?.trialId;
  }

  #quota(rung: number): number {
    const keep = this.rules.ladder.rungs[rung]?.keep;
    return keep ? keepCount(this.rungs[rung]?.entries.size ?? 0, keep) : 0;
  }

  #affordable(rung: number): boolean {
    const { budgetSteps, ladder } = this.rules;
    return budgetSteps === null || this.#committedSteps + rungDelta(ladder, rung) <= budgetSteps;
  }

  #commit(rung: number): void {
    this.#expect(
      this.#affordable(rung),
      "budget",
      `more steps handed out than the budget of ${this.rules.budgetSteps}`,
    );
    this.#committedSteps += rungDelta(this.rules.ladder, rung);
  }

  #expect(holds: boolean, code: ViolationCode, message: string): void {
    if (!holds) this.#report(code, message);
  }

  #report(code: ViolationCode, message: string): void {
    this.violations.push({ at: this.#at, code, message });
  }
}
