import { describe, expect, it } from "vitest";
import { Asha } from "../../../daemon/search/asha.ts";
import type { SearchEvent } from "../../../daemon/search/events.ts";
import { replay } from "../../../daemon/search/replay.ts";
import type { SearchRules } from "../../../daemon/search/rules.ts";

const rules: SearchRules = {
  ladder: {
    name: "explicit",
    rungs: [
      { steps: 5000, keep: { num: 1, den: 2 } },
      { steps: 9000, keep: null },
    ],
  },
  maxTrials: 4,
  budgetSteps: null,
  prune: { thresholdBpb: 3.5, warmupSteps: 4000 },
};

/** One worker: d fails, c is killed by INV-2, b is interrupted once, a and b are promoted. */
function recorded(): SearchEvent[] {
  const asha = new Asha(rules);
  const log: SearchEvent[] = [];
  const record = (event: SearchEvent) => {
    if (!asha.apply(event).accepted) throw new Error(JSON.stringify(event));
    log.push(event);
  };
  const values: Record<string, number> = { a: 2, b: 2.5, c: 3.7 };
  for (let arrival = 1; ; arrival++) {
    const next = asha.decide();
    if (next.kind === "done" || next.kind === "wait") return log;
    const event: SearchEvent = next.kind === "start" ? { ...next, trialId: "abcd".charAt(next.index) } : next;
    record(event);
    if (event.kind === "kill") continue;
    const { trialId } = event;
    const rung = event.kind === "promote" ? 1 : 0;
    if (trialId === "b" && event.kind === "start") record({ kind: "interrupt", trialId, rung, reason: "device lost" });
    else if (trialId === "d") record({ kind: "fail", trialId, rung, step: 1200, arrival, reason: "diverged" });
    else record({ kind: "result", trialId, rung, step: rung ? 9000 : 5000, valBpb: values[trialId] ?? 0, arrival });
  }
}

const at = (log: readonly SearchEvent[], kind: SearchEvent["kind"], trialId: string) =>
  log.findIndex((event) => event.kind === kind && event.trialId === trialId);

function codes(log: readonly SearchEvent[]): string[] {
  return [...new Set(replay(rules, log, true).violations.map(({ code }) => code))];
}

describe("replay", () => {
  it("accepts what the scheduler recorded and counts its work", () => {
    expect(replay(rules, recorded(), true)).toEqual({
      violations: [],
      trainedSteps: 9000 + 9000 + 5000 + 1200,
      started: 4,
      finishedPerRung: [4, 2],
    });
  });

  const change = (edit: (log: SearchEvent[]) => void) => {
    const log = recorded();
    edit(log);
    return codes(log);
  };
  const set = (log: SearchEvent[], i: number, by: object) => log.splice(i, 1, { ...log[i], ...by } as SearchEvent);

  it("notices a lost promotion", () => {
    const without = (log: SearchEvent[]) => {
      for (const kind of ["promote", "result"] as const) {
        const i = log.findIndex((e) => e.kind === kind && e.trialId === "b" && (e.kind === "promote" || e.rung === 1));
        log.splice(i, 1);
      }
    };
    expect(change(without)).toContain("not-drained");
  });

  it("notices a promotion of a trial outside the top set", () => {
    expect(change((log) => set(log, at(log, "promote", "b"), { trialId: "c" }))).toContain("illegal-promotion");
    expect(change((log) => set(log, at(log, "promote", "b"), { trialId: "d" }))).toContain("illegal-promotion");
    expect(change((log) => set(log, at(log, "promote", "a"), { toRung: 2 }))).toContain("illegal-promotion");
  });

  it("notices a promotion that comes too early or twice", () => {
    const early = (log: SearchEvent[]) => {
      const [event] = log.splice(at(log, "promote", "a"), 1);
      if (event) log.splice(at(log, "result", "a") + 1, 0, event);
    };
    expect(change(early)).toContain("illegal-promotion");
    const twice = (log: SearchEvent[]) => {
      const event = log[at(log, "promote", "a")];
      if (event) log.push(event);
    };
    expect(change(twice)).toContain("illegal-promotion");
  });

  it("notices that a promotion was passed over for a new configuration", () => {
    const late = (log: SearchEvent[]) => {
      const from = at(log, "promote", "a");
      const pair = log.splice(from, 2);
      log.push(...pair);
    };
    expect(change(late)).toContain("higher-rung-first");
  });

  it("notices changed values, steps and inputs", () => {
    expect(change((log) => set(log, at(log, "result", "a"), { valBpb: 2.6 }))).toContain("inputs");
    expect(change((log) => set(log, at(log, "result", "a"), { step: 4999 }))).toContain("steps");
    expect(change((log) => set(log, at(log, "fail", "d"), { step: 5001 }))).toContain("steps");
    expect(change((log) => set(log, at(log, "start", "c"), { index: 3 }))).toContain("inputs");
    expect(change((log) => set(log, at(log, "resume", "b"), { inputs: { attempt: 1 } }))).toContain("inputs");
  });

  it("notices doubled, invented and missing events", () => {
    const again = (kind: SearchEvent["kind"], id: string) => (log: SearchEvent[]) => {
      const i = at(log, kind, id);
      log.splice(i, 0, log[i] as SearchEvent);
    };
    expect(change(again("result", "a"))).toContain("duplicate-result");
    expect(change(again("start", "a"))).toContain("impossible-event");
    expect(change(again("interrupt", "b"))).toContain("impossible-event");
    expect(change(again("kill", "c"))).toContain("illegal-kill");
    expect(change((log) => log.splice(at(log, "kill", "c"), 1))).toContain("missing-kill");
    // Without the decision alone the result would be a late one of the interrupted attempt, which is legal.
    expect(change((log) => log.splice(at(log, "resume", "b"), 2))).toContain("higher-rung-first");
    expect(change((log) => log.splice(at(log, "start", "d"), 1))).toContain("impossible-event");
    expect(change((log) => log.pop())).toContain("not-drained");
  });

  it("notices a kill below INV-2's threshold, trials beyond the limit and steps beyond the budget", () => {
    expect(change((log) => set(log, at(log, "kill", "c"), { trialId: "a" }))).toContain("illegal-kill");
    const strict = (by: Partial<SearchRules>) => replay({ ...rules, ...by }, recorded(), true).violations;
    expect(strict({ maxTrials: 3 })).toMatchObject([{ code: "budget" }]);
    expect(strict({ budgetSteps: 27_999 })).toMatchObject([{ code: "budget" }]);
    expect(strict({ budgetSteps: 28_000 })).toEqual([]);
  });
});
