import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { emptyRace, type RaceState, type TrialState } from "../../daemon/protocol/state.ts";
import { nextMilestone } from "../../daemon/race/jobs.ts";
import { fitsGroup, maxWaiting, type PackedJob, takeGroup } from "../../daemon/race/packing.ts";
import { neededFiles } from "../../daemon/race/retention.ts";

const job = (trialId: string, shapeKey: string, rung = 0): PackedJob => {
  const steps = [0, 1000, 3000, 9000, 27_000];
  return { trialId, rung, shapeKey, fromStep: steps[rung] ?? 0, toStep: steps[rung + 1] ?? 0 };
};

describe("packing", () => {
  test("puts equal shapes of neighbouring rungs together, and nothing else", () => {
    expect(fitsGroup([job("a", "x")], job("b", "x"))).toBe(true);
    expect(fitsGroup([job("a", "x")], job("b", "y"))).toBe(false);
    expect(fitsGroup([job("a", "x", 0)], job("b", "x", 1))).toBe(true);
    expect(fitsGroup([job("a", "x", 0)], job("b", "x", 2))).toBe(false);
    expect(fitsGroup([job("a", "x", 1), job("c", "x", 2)], job("b", "x", 0))).toBe(false);
    expect(fitsGroup([], job("b", "x"))).toBe(true);
  });

  test("takes the oldest job always, keeps order, loses and doubles nothing", () => {
    const jobs = fc.array(fc.record({ shape: fc.constantFrom("x", "y", "z"), rung: fc.integer({ min: 0, max: 3 }) }), {
      minLength: 1,
      maxLength: 30,
    });
    fc.assert(
      fc.property(jobs, fc.integer({ min: 1, max: 8 }), (list, lanes) => {
        const all = list.map(({ shape, rung }, i) => job(`t${i}`, shape, rung));
        const { group, rest } = takeGroup(all, lanes);
        expect(group[0]).toBe(all[0]);
        expect(group.length).toBeLessThanOrEqual(lanes);
        expect([...group, ...rest].toSorted(byNumber)).toEqual(all);
        expect(group).toEqual(group.toSorted(byNumber));
        expect(rest).toEqual(rest.toSorted(byNumber));
        expect(new Set(group.map(({ shapeKey }) => shapeKey)).size).toBe(1);
      }),
      { numRuns: 500 },
    );
  });

  test("lets no job wait for a single lane", () => {
    expect(maxWaiting(1)).toBe(0);
    expect(maxWaiting(8)).toBe(8);
  });
});

const byNumber = (a: PackedJob, b: PackedJob) => Number(a.trialId.slice(1)) - Number(b.trialId.slice(1));

describe("milestones", () => {
  const state: RaceState = {
    ...emptyRace("r1"),
    rungs: [10, 30, 90].map((steps) => ({ steps, keep: null })),
  };
  test.each([
    [90, 0, 10],
    [90, 10, 30],
    [90, 12, 30],
    [90, 30, 90],
    [90, 90, 90],
    [30, 10, 30],
    [10, 0, 10],
  ])("to %i from %i goes to %i first", (target, step, expected) => {
    expect(nextMilestone(state, target, step)).toBe(expected);
  });
});

describe("retention", () => {
  const checkpoint = (file: string, step: number) => ({ file, sha256: "a".repeat(64), step, bytes: 1 });
  const trial = (number: number, changes: Partial<TrialState>): TrialState => ({
    trialId: `t${number}`,
    number,
    point: {},
    seed: 1,
    specHash: "",
    status: "paused",
    held: false,
    job: null,
    step: 10,
    lossNats: 1,
    results: [{ rung: 0, step: 10, valBpb: 2 + number }],
    checkpoints: [checkpoint(`t${number}-8`, 8), checkpoint(`t${number}-10`, 10)],
    reason: "",
    ...changes,
  });
  const race = (status: RaceState["status"], trials: TrialState[]): RaceState => ({
    ...emptyRace("r1"),
    status,
    trials: Object.fromEntries(trials.map((one) => [one.trialId, one])),
  });
  const job1 = { rung: 1, fromStep: 10, toStep: 30, orderSeq: 1 };

  test("keeps two for a trial on its way, one for a waiting one, none for one that left", () => {
    const trials = [
      ...[0, 1, 2].map((number) => trial(number, {})),
      trial(3, { job: job1, status: "running" }),
      trial(4, {}),
      trial(5, { status: "killed" }),
      trial(6, { status: "diverged", results: [{ rung: 0, step: 7, valBpb: null }] }),
      trial(7, { status: "held" }),
    ];
    const kept = neededFiles(race("running", trials));
    expect([...kept].sort()).toEqual(["t0-10", "t1-10", "t2-10", "t3-10", "t3-8", "t4-10", "t7-10"]);
  });

  test("keeps the best three and the completed of a finished race", () => {
    const trials = [0, 1, 2, 3, 4].map((number) => trial(number, {}));
    const completed = trial(9, { status: "completed", results: [{ rung: 2, step: 90, valBpb: 99 }] });
    const kept = neededFiles(race("finished", [...trials, completed]));
    expect([...kept].sort()).toEqual(["t0-10", "t1-10", "t2-10", "t9-10"]);
  });

  test("keeps the best even where they were stopped", () => {
    expect([...neededFiles(race("stopped", [trial(0, { status: "stopped" })]))]).toEqual(["t0-10"]);
  });
});
