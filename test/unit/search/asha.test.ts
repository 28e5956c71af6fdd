import { describe, expect, it } from "vitest";
import { Asha } from "../../../daemon/search/asha.ts";
import type { Decision, SearchEvent } from "../../../daemon/search/events.ts";
import { defaultPruneRule } from "../../../daemon/search/prune.ts";
import type { SearchRules } from "../../../daemon/search/rules.ts";

const rules: SearchRules = {
  ladder: {
    name: "explicit",
    rungs: [
      { steps: 3000, keep: { num: 1, den: 3 } },
      { steps: 9000, keep: { num: 1, den: 3 } },
      { steps: 27000, keep: null },
    ],
  },
  maxTrials: 9,
  budgetSteps: null,
  prune: defaultPruneRule,
};

/** Starts trials a, b, c, ... up to `count`. */
function started(count: number, change: Partial<SearchRules> = {}): Asha {
  const asha = new Asha({ ...rules, ...change });
  for (let i = 0; i < count; i++) {
    const decision = asha.decide();
    if (decision.kind !== "start") throw new Error(`${decision.kind} instead of a start`);
    asha.apply({ ...decision, trialId: "abcdefghi".charAt(i) });
  }
  return asha;
}

let arrival = 0;
function result(asha: Asha, trialId: string, rung: number, valBpb: number | null, step?: number) {
  const at = step ?? rules.ladder.rungs[rung]?.steps ?? 0;
  return asha.apply({ kind: "result", trialId, rung, step: at, valBpb, arrival: arrival++ });
}

function take(asha: Asha): Decision {
  const decision = asha.decide();
  if (decision.kind === "start") asha.apply({ ...decision, trialId: `new${decision.index}` });
  else if (decision.kind !== "wait" && decision.kind !== "done") asha.apply(decision);
  return decision;
}

describe("Asha", () => {
  it("promotes the best of three, before a new configuration, with its inputs", () => {
    const asha = started(3);
    result(asha, "a", 0, 2.5);
    result(asha, "b", 0, 2.25);
    expect(asha.decide()).toMatchObject({ kind: "start", index: 3 });
    result(asha, "c", 0, 2.75);
    expect(asha.topSet(0)).toEqual(["b"]);
    expect(take(asha)).toEqual({
      kind: "promote",
      trialId: "b",
      fromRung: 0,
      toRung: 1,
      rule: "asha-top-fraction",
      inputs: { n: 3, keep: "1/3", quota: 1, rank: 0, valBpb: 2.25, cutoffBpb: 2.25 },
    });
    expect(asha.decide()).toMatchObject({
      kind: "start",
      index: 3,
      inputs: { started: 3, maxTrials: 9, rungs: [{ n: 3, quota: 1, promoted: 1 }, { n: 0 }, { n: 0 }] },
    });
  });

  it("breaks ties by arrival number, then by trial id", () => {
    const asha = started(6);
    const report = (trialId: string, at: number) =>
      asha.apply({ kind: "result", trialId, rung: 0, step: 3000, valBpb: 2, arrival: at });
    for (const [id, at] of [
      ["f", 2],
      ["e", 2],
      ["d", 1],
      ["c", 2],
      ["b", 2],
      ["a", 2],
    ] as const)
      report(id, at);
    expect(asha.topSet(0)).toEqual(["d", "a"]);
    expect(asha.rank("f", 0)).toBe(5);
  });

  it("ranks NaN, infinities and failures last and never promotes them", () => {
    const asha = started(6, { maxTrials: 6 });
    result(asha, "a", 0, Number.NaN);
    result(asha, "b", 0, Number.NEGATIVE_INFINITY);
    result(asha, "c", 0, null);
    asha.apply({ kind: "fail", trialId: "d", rung: 0, step: 17, arrival: arrival++, reason: "diverged" });
    result(asha, "e", 0, 9);
    expect(asha.standing(0)).toEqual({ n: 5, quota: 1, promoted: 0 });
    expect(take(asha)).toMatchObject({ kind: "promote", trialId: "e" });
    result(asha, "f", 0, Number.POSITIVE_INFINITY);
    expect(asha.decide()).toEqual({ kind: "wait", reason: "in-flight" });
    expect(asha.trial("d")?.phase).toBe("failed");
    expect(asha.trainedSteps).toBe(5 * 3000 + 17);
  });

  it("takes one result per (trial, rung) and reports what it ignores", () => {
    const asha = started(1);
    const code = (event: SearchEvent) => {
      const before = JSON.stringify(asha.snapshot());
      const answer = asha.apply(event);
      if (!answer.accepted) expect(JSON.stringify(asha.snapshot())).toBe(before);
      return answer.accepted ? "accepted" : answer.code;
    };
    const report = { kind: "result", trialId: "a", rung: 0, step: 3000, valBpb: 2, arrival: 1 } as const;
    expect(code({ ...report, step: 2999 })).toBe("wrong-step");
    expect(code({ ...report, rung: 1, step: 9000 })).toBe("unexpected-rung");
    expect(code({ ...report, rung: 7 })).toBe("unexpected-rung");
    expect(code({ ...report, trialId: "x" })).toBe("unknown-trial");
    expect(code({ kind: "fail", trialId: "a", rung: 0, step: 3001, arrival: 1, reason: "" })).toBe("wrong-step");
    expect(code(report)).toBe("accepted");
    expect(code({ ...report, valBpb: 1 })).toBe("duplicate-result");
    expect(code({ kind: "fail", trialId: "a", rung: 0, step: 10, arrival: 1, reason: "" })).toBe("duplicate-result");
    expect(code({ kind: "interrupt", trialId: "a", rung: 0, reason: "" })).toBe("not-in-this-state");
    expect(code({ kind: "release", trialId: "a" })).toBe("not-in-this-state");
    expect(asha.trainedSteps).toBe(3000);
  });

  it("queues an interrupted job again, ahead of new work, and takes a late report of it", () => {
    const asha = started(2);
    asha.apply({ kind: "interrupt", trialId: "b", rung: 0, reason: "device lost" });
    expect(take(asha)).toMatchObject({ kind: "resume", trialId: "b", rung: 0, inputs: { attempt: 2 } });
    asha.apply({ kind: "interrupt", trialId: "b", rung: 0, reason: "device lost" });
    expect(asha.decide()).toMatchObject({ kind: "resume", inputs: { attempt: 3 } });
    expect(result(asha, "b", 0, 2)).toEqual({ accepted: true });
    expect(asha.decide()).toMatchObject({ kind: "start" });
    expect(asha.standing(0).n).toBe(1);
  });

  it("kills by INV-2 before anything else, and only on the way", () => {
    const asha = started(3, { maxTrials: 3 });
    result(asha, "a", 0, 3.9);
    expect(asha.decide()).toEqual({ kind: "wait", reason: "in-flight" });
    for (const id of ["b", "c"]) result(asha, id, 0, 4);
    expect(take(asha)).toMatchObject({ kind: "promote", trialId: "a" });
    result(asha, "a", 1, 3.8);
    expect(take(asha)).toEqual({
      kind: "kill",
      trialId: "a",
      rung: 1,
      rule: "INV-2",
      inputs: { valBpb: 3.8, step: 9000, thresholdBpb: 3.5, warmupSteps: 4000 },
    });
    expect(asha.trial("a")?.phase).toBe("killed");
    expect(asha.decide()).toEqual({ kind: "done", reason: "drained" });
  });

  it("lets a stopped trial keep its rank and promotes nobody in its place", () => {
    const asha = started(3, { maxTrials: 3 });
    for (const [id, value] of [
      ["a", 1],
      ["b", 2],
      ["c", 3],
    ] as const)
      result(asha, id, 0, value);
    asha.apply({ kind: "stop", trialId: "a" });
    expect(asha.topSet(0)).toEqual(["a"]);
    expect(asha.decide()).toEqual({ kind: "done", reason: "drained" });
  });

  it("writes the late result of a stopped trial, which is not promoted", () => {
    const asha = started(3, { maxTrials: 3 });
    asha.apply({ kind: "stop", trialId: "a" });
    for (const [id, value] of [
      ["b", 2],
      ["c", 3],
      ["a", 1],
    ] as const) {
      expect(result(asha, id, 0, value)).toEqual({ accepted: true });
    }
    expect(asha.trial("a")?.phase).toBe("stopped");
    expect(asha.decide()).toEqual({ kind: "done", reason: "drained" });
  });

  it("holds and releases", () => {
    const asha = started(3, { maxTrials: 3 });
    result(asha, "a", 0, 1);
    asha.apply({ kind: "hold", trialId: "a" });
    asha.apply({ kind: "hold", trialId: "b" });
    result(asha, "c", 0, 3);
    expect(asha.decide()).toEqual({ kind: "wait", reason: "held" });
    asha.apply({ kind: "release", trialId: "b" });
    expect(take(asha)).toMatchObject({ kind: "resume", trialId: "b" });
    result(asha, "b", 0, 2);
    expect(asha.decide()).toEqual({ kind: "wait", reason: "held" });
    asha.apply({ kind: "release", trialId: "a" });
    expect(asha.decide()).toMatchObject({ kind: "promote", trialId: "a" });
  });

  it("does not wait for a held trial that could not go on anyway", () => {
    const asha = started(3, { maxTrials: 3 });
    for (const [id, value] of [
      ["a", 1],
      ["b", 2],
      ["c", 3],
    ] as const)
      result(asha, id, 0, value);
    asha.apply({ kind: "hold", trialId: "c" });
    expect(take(asha)).toMatchObject({ kind: "promote", trialId: "a" });
    result(asha, "a", 1, 1);
    expect(asha.decide()).toEqual({ kind: "done", reason: "drained" });
  });

  it("stops at the budget, but finishes what is paid for", () => {
    const asha = started(3, { budgetSteps: 14_000 });
    expect(take(asha)).toMatchObject({ kind: "start" });
    expect(asha.decide()).toEqual({ kind: "wait", reason: "in-flight" });
    for (const [id, value] of [
      ["a", 1],
      ["b", 2],
      ["c", 3],
    ] as const)
      result(asha, id, 0, value);
    asha.apply({ kind: "interrupt", trialId: "new3", rung: 0, reason: "trainer killed" });
    // a's promotion would cost 6000 of the 2000 steps left.
    expect(take(asha)).toMatchObject({ kind: "resume", trialId: "new3" });
    result(asha, "new3", 0, 4);
    expect(asha.decide()).toEqual({ kind: "done", reason: "budget" });
    expect(asha.trainedSteps).toBe(12_000);
  });

  it("refuses decisions that do not fit the state", () => {
    const asha = started(1);
    const start = asha.decide();
    if (start.kind !== "start") throw new Error("no start");
    expect(asha.apply({ ...start, trialId: "a" })).toMatchObject({ code: "trial-exists" });
    const inputs = { n: 3, keep: "1/3", quota: 1, rank: 0, valBpb: 1, cutoffBpb: 1 };
    const promote = {
      kind: "promote",
      trialId: "a",
      fromRung: 0,
      toRung: 1,
      rule: "asha-top-fraction",
      inputs,
    } as const;
    expect(asha.apply(promote)).toMatchObject({ code: "not-in-this-state" });
    expect(asha.apply({ ...promote, fromRung: 1, toRung: 2 })).toMatchObject({ code: "unexpected-rung" });
  });
});
