/** Plays a scenario against an implementation of the scheduler: several jobs in flight, reports in any order. */
import type { Asha } from "../../daemon/search/asha.ts";
import type { Decision, FailEvent, ResultEvent, SearchEvent } from "../../daemon/search/events.ts";
import { rungDelta } from "../../daemon/search/ladder.ts";
import { int, type Rng, type Scenario } from "./scenario.ts";

export type AshaClass = typeof Asha;

export interface Played {
  readonly asha: Asha;
  /** Accepted events, in order: what the race would have recorded. */
  readonly log: readonly SearchEvent[];
  readonly end: Decision;
  /** What went wrong while playing: a decision refused, a duplicate accepted, no end in sight. */
  readonly faults: readonly string[];
}

interface Job {
  readonly trialId: string;
  readonly index: number;
  readonly rung: number;
}

const eventLimit = 5000;

export function play(Impl: AshaClass, scenario: Scenario, rng: Rng, order: (value: number) => number): Played {
  return new Player(new Impl(scenario.rules), scenario, rng, order).run();
}

class Player {
  readonly asha: Asha;
  readonly scenario: Scenario;
  readonly rng: Rng;
  readonly order: (value: number) => number;
  readonly log: SearchEvent[] = [];
  readonly faults: string[] = [];
  readonly jobs: Job[] = [];
  readonly reports: (ResultEvent | FailEvent)[] = [];
  arrival = 0;

  constructor(asha: Asha, scenario: Scenario, rng: Rng, order: (value: number) => number) {
    this.asha = asha;
    this.scenario = scenario;
    this.rng = rng;
    this.order = order;
  }

  run(): Played {
    let end = this.fill();
    while (this.faults.length === 0 && (this.jobs.length > 0 || end.kind !== "done")) {
      if (this.log.length > eventLimit) this.faults.push(`no end after ${eventLimit} events`);
      if (this.jobs.length === 0 && end.kind === "wait" && end.reason === "held" && this.rng() < 0.3) break;
      this.happen();
      end = this.fill();
    }
    return { asha: this.asha, log: this.log, end, faults: this.faults };
  }

  /** Takes decisions until the workers are busy or there is nothing to do. */
  fill(): Decision {
    for (;;) {
      const decision = this.asha.decide();
      if (decision.kind === "wait" || decision.kind === "done") return decision;
      if (decision.kind !== "kill" && this.jobs.length >= this.scenario.workers) return decision;
      this.follow(decision);
      if (this.faults.length > 0) return decision;
    }
  }

  follow(decision: Exclude<Decision, { kind: "wait" | "done" }>): void {
    // Ids that do not sort like the indices: the trial id is the last tie-break.
    const event =
      decision.kind === "start" ? { ...decision, trialId: `t${(decision.index * 7919) % 10007}` } : decision;
    if (!this.record(event)) this.faults.push(`decision refused: ${JSON.stringify(event)}`);
    if (event.kind === "kill") return;
    const rung = event.kind === "start" ? 0 : event.kind === "promote" ? event.toRung : event.rung;
    this.jobs.push({ trialId: event.trialId, index: this.asha.trial(event.trialId)?.index ?? -1, rung });
  }

  record(event: SearchEvent): boolean {
    const { accepted } = this.asha.apply(event);
    if (accepted) this.log.push(event);
    return accepted;
  }

  /** One thing happens in the world: a report, an interruption, a repeated report or an action of the user. */
  happen(): void {
    const { interruptRate, duplicateRate, userRate } = this.scenario;
    if (this.reports.length > 0 && this.rng() < duplicateRate) this.repeat();
    const held = this.jobs.length === 0;
    if (held || this.rng() < userRate) this.userActs(held);
    const job = this.jobs[int(this.rng, 0, this.jobs.length - 1)];
    if (job === undefined) return;
    if (this.rng() < duplicateRate / 4) this.garble(job);
    this.jobs.splice(this.jobs.indexOf(job), 1);
    if (this.rng() < interruptRate) {
      this.record({ kind: "interrupt", trialId: job.trialId, rung: job.rung, reason: "device lost" });
      // The report of the interrupted attempt may still come in, late.
      if (this.rng() < 0.2) this.report(job);
    } else this.report(job);
  }

  report({ trialId, index, rung }: Job): void {
    const outcome = this.scenario.outcome(index, rung);
    if (this.rng() >= this.scenario.sharedArrivalRate) this.arrival++;
    const target = this.scenario.rules.ladder.rungs[rung]?.steps ?? 0;
    const base = target - rungDelta(this.scenario.rules.ladder, rung);
    const common = { trialId, rung, arrival: this.arrival };
    const event: ResultEvent | FailEvent =
      outcome === "fail"
        ? { ...common, kind: "fail", step: int(this.rng, base, target), reason: "diverged" }
        : { ...common, kind: "result", step: target, valBpb: Number.isFinite(outcome) ? this.order(outcome) : outcome };
    if (this.record(event)) this.reports.push(event);
  }

  /** The same report again, or a different one for the same (trial, rung): both must be refused. */
  repeat(): void {
    const first = this.reports[int(this.rng, 0, this.reports.length - 1)];
    if (first === undefined) return;
    const again: SearchEvent =
      first.kind === "result" && this.rng() < 0.5 ? { ...first, valBpb: (first.valBpb ?? 0) - 1 } : first;
    const answer = this.asha.apply(again);
    if (answer.accepted) this.log.push(again);
    if (answer.accepted || answer.code !== "duplicate-result") this.faults.push(`repeated report of ${first.trialId}`);
  }

  /** A report that cannot be true: a step or a rung that the trial was not sent to. */
  garble(job: Job): void {
    const { rungs } = this.scenario.rules.ladder;
    const step = rungs[job.rung]?.steps ?? 0;
    const wrong = this.rng() < 0.5 ? { rung: job.rung, step: step + 1 } : { rung: job.rung + 1, step };
    const event: SearchEvent = { kind: "result", trialId: job.trialId, ...wrong, valBpb: 2, arrival: this.arrival };
    if (this.record(event)) this.faults.push(`impossible report of ${job.trialId}`);
  }

  /** `release`: nothing but a held trial is left to wait for. */
  userActs(release: boolean): void {
    const started = this.log.filter((event) => event.kind === "start");
    for (const { trialId } of started) {
      if (this.asha.trial(trialId)?.held && (release || this.rng() < 0.3)) this.record({ kind: "release", trialId });
    }
    const some = started[int(this.rng, 0, started.length - 1)];
    if (release || some === undefined) return;
    const kind = this.rng() < 0.5 ? "hold" : "stop";
    // A stopped trial's lane may still deliver the result it was about to report; a held one gives its lane back.
    const job = this.jobs.findIndex(({ trialId }) => trialId === some.trialId);
    if (!this.record({ kind, trialId: some.trialId }) || job < 0) return;
    if (kind === "hold" || this.rng() < 0.5) this.jobs.splice(job, 1);
  }
}
