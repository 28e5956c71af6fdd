/** Properties (a)-(f) of SPEC 3, and what else a log must satisfy, checked on one random scenario. */
import { isDeepStrictEqual } from "node:util";
import type { SearchEvent } from "../../daemon/search/events.ts";
import { keepCount, lastRung, rungDelta } from "../../daemon/search/ladder.ts";
import { replay, type ViolationCode } from "../../daemon/search/replay.ts";
import type { SearchRules } from "../../daemon/search/rules.ts";
import { compareEntries } from "../../daemon/search/rung.ts";
import { arrivalRng, int, randomScenario, type Scenario } from "./scenario.ts";
import { type AshaClass, type Played, play } from "./simulate.ts";

export type Property = "a" | "b" | "c" | "d" | "e" | "f" | "once" | "prune" | "inputs" | "budget" | "play";

export interface Failure {
  readonly property: Property;
  readonly message: string;
}

const propertyOf: Readonly<Record<ViolationCode, Property>> = {
  "illegal-promotion": "a",
  "higher-rung-first": "b",
  "not-drained": "c",
  steps: "f",
  "duplicate-result": "once",
  "impossible-event": "play",
  "illegal-kill": "prune",
  "missing-kill": "prune",
  inputs: "inputs",
  budget: "budget",
};

const identity = (value: number) => value;

/** Every property that the implementation breaks in scenario `seed`; also how many events were played. */
export function checkSeed(Impl: AshaClass, seed: number): { failures: Failure[]; events: number } {
  const scenario = randomScenario(seed);
  const failures: Failure[] = [];
  let events = 0;
  for (const order of [0, 1]) {
    const played = play(Impl, scenario, arrivalRng(seed, order), identity);
    events += played.log.length;
    for (const fault of played.faults) failures.push({ property: "play", message: fault });
    const complete = played.end.kind !== "wait" && played.faults.length === 0;
    const report = replay(scenario.rules, played.log, complete);
    for (const { code, at, message } of report.violations) {
      failures.push({ property: propertyOf[code], message: `${code} at ${at}: ${message}` });
    }
    if (complete) failures.push(...notPromoted(scenario.rules, played.log));
    failures.push(...twoHalves(Impl, scenario, played, seed + order));
    failures.push(...stepsAddUp(scenario.rules, played, report.trainedSteps));
  }
  failures.push(...monotone(Impl, scenario));
  return { failures, events };
}

/** (c), without the replay's code: sort each rung's results and look at the head of the list. */
function notPromoted(rules: SearchRules, log: readonly SearchEvent[]): Failure[] {
  if (rules.budgetSteps !== null) return [];
  const out = new Set<string>();
  const held = new Set<string>();
  for (const event of log) {
    if (event.kind === "stop" || event.kind === "kill" || event.kind === "fail") out.add(event.trialId);
    if (event.kind === "hold") held.add(event.trialId);
    if (event.kind === "release") held.delete(event.trialId);
  }
  const failures: Failure[] = [];
  for (let rung = 0; rung < lastRung(rules.ladder); rung++) {
    const entries = log.flatMap((event) => {
      if ((event.kind !== "result" && event.kind !== "fail") || event.rung !== rung) return [];
      const measured = event.kind === "result" && event.valBpb !== null ? event.valBpb : Number.NaN;
      const value = Number.isFinite(measured) ? measured : Number.POSITIVE_INFINITY;
      return [{ trialId: event.trialId, value, arrival: event.arrival }];
    });
    const keep = rules.ladder.rungs[rung]?.keep;
    const top = entries.sort(compareEntries).slice(0, keep ? keepCount(entries.length, keep) : 0);
    const promoted = new Set(log.filter((e) => e.kind === "promote" && e.fromRung === rung).map((e) => e.trialId));
    for (const { trialId, value } of top) {
      const exempt = out.has(trialId) || held.has(trialId) || !Number.isFinite(value);
      if (!exempt && !promoted.has(trialId)) {
        failures.push({ property: "c", message: `${trialId} is in the final top set of rung ${rung}, not promoted` });
      }
    }
  }
  return failures;
}

/**
 * (e): fold the first half, store and restore, fold the second half; and fold the whole log anew. Both must agree
 * after every event of the second half, and with the scheduler that played.
 */
function twoHalves(Impl: AshaClass, { rules }: Scenario, played: Played, seed: number): Failure[] {
  const log: SearchEvent[] = JSON.parse(JSON.stringify(played.log));
  const cut = int(arrivalRng(seed, 7), 0, log.length);
  const whole = new Impl(rules);
  for (const event of log.slice(0, cut)) whole.apply(event);
  const half = Impl.restore(rules, JSON.parse(JSON.stringify(whole.snapshot())));
  let same = isDeepStrictEqual(half.decide(), whole.decide());
  for (const event of log.slice(cut)) {
    whole.apply(event);
    half.apply(event);
    same &&= isDeepStrictEqual(half.decide(), whole.decide());
  }
  const end = played.asha.snapshot();
  same &&= isDeepStrictEqual(half.snapshot(), end) && isDeepStrictEqual(whole.snapshot(), end);
  return same ? [] : [{ property: "e", message: `halves cut at ${cut} differ from the whole` }];
}

/** (f), from the log alone: a trial has trained as far as its furthest report, and rung by rung. */
function stepsAddUp({ ladder }: SearchRules, { log, asha }: Played, replayed: number): Failure[] {
  const reached = new Map<string, number>();
  let deltas = 0;
  for (const event of log) {
    if (event.kind !== "result" && event.kind !== "fail") continue;
    reached.set(event.trialId, Math.max(event.step, reached.get(event.trialId) ?? 0));
    const steps = ladder.rungs[event.rung]?.steps ?? 0;
    deltas += event.step - (steps - rungDelta(ladder, event.rung));
  }
  const total = [...reached.values()].reduce((sum, steps) => sum + steps, 0);
  const same = total === deltas && total === asha.trainedSteps && total === replayed;
  const message = `reached ${total}, deltas ${deltas}, counted ${asha.trainedSteps}, replayed ${replayed}`;
  return same ? [] : [{ property: "f", message }];
}

/** (d): any strictly increasing transform of the metric. INV-2 is absolute, so it is out of reach here. */
function monotone(Impl: AshaClass, scenario: Scenario): Failure[] {
  const prune = { thresholdBpb: Number.MAX_VALUE, warmupSteps: 4000 };
  const free = { ...scenario, rules: { ...scenario.rules, prune } };
  const run = (order: (value: number) => number) =>
    play(Impl, free, arrivalRng(scenario.seed, 2), order).log.map(withoutValues);
  const same = isDeepStrictEqual(
    run(identity),
    run((value) => 1000 * value ** 3 - 50_000),
  );
  return same ? [] : [{ property: "d", message: "a monotone transform of the metric changed the decisions" }];
}

function withoutValues(event: SearchEvent): unknown {
  if (event.kind === "result") return { ...event, valBpb: null };
  if (event.kind !== "promote") return event;
  return { ...event, inputs: { ...event.inputs, valBpb: null, cutoffBpb: null } };
}
