/** Whole races on the fake trainer, undisturbed. */
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { fakeRace, isOver } from "../fixtures/race-bench.ts";
import { Benches, decisionsOf, expectSoundLog, type Outcome, racePath } from "../fixtures/race-outcome.ts";

const benches = new Benches();
/** The default race in peace. */
let peaceful: Outcome;
beforeAll(async () => {
  peaceful = await benches.run(fakeRace());
  await benches.closeAll();
});
afterEach(() => benches.closeAll());

describe("an undisturbed race", () => {
  test("ends with every rung filled and a sound log", () => {
    const { state, events, curves } = peaceful;
    expect(state).toMatchObject({ status: "finished", rule: "search-drained", lanes: 4, replayMismatches: 0 });
    expect(Object.keys(state.trials)).toHaveLength(9);
    // 9 trials to 10 steps, 3 from 10 to 30, 1 from 30 to 90.
    expect(state.trainedSteps).toBe(9 * 10 + 3 * 20 + 60);
    expect(state.orderedSteps).toBe(state.trainedSteps);
    expect(events.map((event) => event.seq)).toEqual(events.map((_, i) => i + 1));
    expect(curves["r1-t0003"]).toHaveLength(3 + 6 + 16);
    expectSoundLog(events, fakeRace(), null);
  });

  test("syncs decisions, results and states to the disk; only curves and what the trainer repeats may lag", async () => {
    const bench = await benches.open();
    const { setDurability } = bench.database;
    let level = "";
    Object.assign(bench.database, {
      setDurability: (chosen: "full" | "normal") => {
        level = chosen;
        setDurability(chosen);
      },
    });
    const levels = new Map<string, Set<string>>();
    bench.store.subscribe((_, events) => {
      for (const { kind } of events) levels.set(kind, (levels.get(kind) ?? new Set()).add(level));
    });
    await bench.manager.start(fakeRace(), racePath, null);
    await bench.until(isOver);
    const lagging = [...levels].filter(([, seen]) => seen.has("normal")).map(([kind]) => kind);
    expect(lagging.sort()).toEqual(["checkpoint", "checkpoints-released", "curve", "group-info"]);
    for (const kind of ["race-created", "race-state", "trial-created", "decision", "rung-result", "group-finished"]) {
      expect(levels.get(kind)).toEqual(new Set(["full"]));
    }
  });

  test("keeps the weights of the best three, and no other file", async () => {
    const bench = await benches.open();
    await bench.manager.start(fakeRace(), racePath, null);
    await bench.until(isOver);
    await bench.manager.close(0);
    const { trials } = bench.store.state("r1");
    const kept = Object.values(trials).filter((trial) => trial.checkpoints.length > 0);
    expect(kept).toHaveLength(3);
    expect(kept.map((trial) => trial.trialId)).toContain("r1-t0003");
    const named = kept.flatMap((trial) => trial.checkpoints.map((checkpoint) => checkpoint.file));
    // A sweep that knows no file deletes all there are.
    expect([...(await bench.files.sweep(new Set()))].sort()).toEqual(named.sort());
  });

  test("gives each trial the same curve whatever the number of lanes", async () => {
    const alone = await benches.run(fakeRace({ lanes: 1 }));
    const known = peaceful.curves as Record<string, unknown[]>;
    for (const [trialId, points] of Object.entries(alone.curves as Record<string, unknown[]>)) {
      const common = Math.min(points.length, known[trialId]?.length ?? 0);
      expect(common).toBeGreaterThan(0);
      expect(points.slice(0, common)).toEqual(known[trialId]?.slice(0, common));
    }
    expectSoundLog(alone.events, fakeRace({ lanes: 1 }), null);
  });

  test("keeps shapes apart", async () => {
    const config = fakeRace({ widths: [8, 16, 32], maxTrials: 18 });
    const { state, events } = await benches.run(config);
    expect(state.status).toBe("finished");
    const width = (trialId: string) => Number(trialId.slice(-4)) % 3;
    for (const event of events) {
      if (event.kind !== "group-started") continue;
      expect(new Set(event.jobs.map((job) => width(job.trialId))).size).toBe(1);
    }
    const groups = events.filter((event) => event.kind === "group-started");
    expect(groups.some((event) => event.kind === "group-started" && event.jobs.length === 4)).toBe(true);
    expectSoundLog(events, config, null);
  });

  test("stops at its budget", async () => {
    const { state, events } = await benches.run(fakeRace(), {}, 75);
    expect(state).toMatchObject({ status: "finished", rule: "search-budget" });
    expect(state.orderedSteps).toBeLessThanOrEqual(75);
    expect(state.trainedSteps).toBe(state.orderedSteps);
    expectSoundLog(events, fakeRace(), 75);
  });

  test("treats a diverged trial as a result that ranks last", async () => {
    const config = fakeRace({ lrs: [0.001, 0.9, 0.004, 0.002] });
    const { state, events } = await benches.run(config);
    expect(state.status).toBe("finished");
    expect(state.trials["r1-t0001"]).toMatchObject({
      status: "diverged",
      results: [{ rung: 0, step: 7, valBpb: null }],
    });
    expect(decisionsOf(events)).toContain("fail r1-t0001 0");
    expectSoundLog(events, config, null);
  });

  test("kills by INV-2 only above 3.5 BPB after 4000 steps", async () => {
    const rungs = [
      { steps: 4000, keep: { num: 1, den: 3 } },
      { steps: 4100, keep: { num: 1, den: 3 } },
      { steps: 4200, keep: null },
    ];
    // Far from the best rate the fake loss stays above 3.5 BPB for good.
    const config = fakeRace({ rungs, lrs: [1e-7], maxTrials: 3, reportEvery: 500 });
    const { state, events } = await benches.run(config);
    expect(decisionsOf(events).filter((line) => line.startsWith("kill"))).toHaveLength(1);
    expect(Object.values(state.trials).filter((trial) => trial.status === "killed")).toHaveLength(1);
    expectSoundLog(events, config, null);
  });
});
