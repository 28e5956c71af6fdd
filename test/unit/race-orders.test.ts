/** What users order while a race runs: the rest of it is what it would have been. */
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { fakeRace, isOver, temporaryFolder } from "../fixtures/race-bench.ts";
import {
  Benches,
  decisionsOf,
  expectSame,
  expectSoundLog,
  isFinished,
  type Outcome,
  outcomeOf,
  racePath,
  resultsOf,
} from "../fixtures/race-outcome.ts";

const benches = new Benches();
/** The default race in peace. */
let peaceful: Outcome;
beforeAll(async () => {
  peaceful = await benches.run(fakeRace());
  await benches.closeAll();
});
afterEach(() => benches.closeAll());

describe("what users order", () => {
  const slow = { FAKE_CHUNK_MS: "5" };

  test("pause and resume of a race, several times", async () => {
    const bench = await benches.open({ env: slow });
    await bench.manager.start(fakeRace(), racePath, null);
    for (const results of [0, 3, 6, 9]) {
      await bench.until((state) => state.resultCount >= results && state.group !== null);
      await bench.manager.pause("r1");
      expect(bench.store.state("r1").status).toBe("paused");
      await bench.manager.resume("r1");
      await bench.until((state) => state.status !== "paused" && state.status !== "queued");
    }
    expectSame(await outcomeOf(bench, isFinished), peaceful);
  });

  test("a paused race stands still, also over a restart", async () => {
    const folder = temporaryFolder();
    const first = await benches.open({ folder, env: slow });
    await first.manager.start(fakeRace(), racePath, null);
    await first.until((state) => state.resultCount > 2 && state.group !== null);
    await first.manager.pause("r1");
    await benches.abandon(first);
    const second = await benches.open({ folder });
    second.manager.resumeAll();
    expect(second.store.state("r1").status).toBe("paused");
    expect(second.manager.activeRace).toBeNull();
    await second.manager.resume("r1");
    await second.until((state) => state.status === "finished");
    expectSame(await outcomeOf(second, isFinished), peaceful);
  });

  test("stop ends a race for good and keeps its results", async () => {
    const bench = await benches.open({ env: slow });
    await bench.manager.start(fakeRace(), racePath, null);
    await bench.until((state) => state.resultCount > 2 && state.group !== null);
    await bench.manager.stop("r1");
    const state = await bench.until((now) => now.status === "stopped");
    expect(state.group).toBeNull();
    expect(state.resultCount).toBeGreaterThan(2);
    await expect(bench.manager.resume("r1")).rejects.toMatchObject({ code: "race.wrong-state" });
  });

  test("a held trial is taken out and comes back, and the log still replays", async () => {
    const bench = await benches.open({ env: slow });
    await bench.manager.start(fakeRace(), racePath, null);
    await bench.until((state) => state.trials["r1-t0002"]?.status === "running");
    await bench.manager.order("r1-t0002", "pause");
    await bench.until((state) => state.trials["r1-t0002"]?.status === "held");
    // Everything else runs its course; then the race waits for the held one.
    const waiting = await bench.until((state) => state.status === "paused");
    expect(waiting.rule).toBe("only-held-trials");
    await bench.manager.order("r1-t0002", "resume");
    const { state, events, curves } = await outcomeOf(bench, isFinished);
    expect(state.status).toBe("finished");
    expect(Object.values(state.trials).every((trial) => trial.results.length > 0)).toBe(true);
    expect(curves["r1-t0002"]?.slice(0, 3)).toEqual(peaceful.curves["r1-t0002"]?.slice(0, 3));
    expect(decisionsOf(events)).toContain("resume r1-t0002 0");
    expectSoundLog(events, fakeRace(), null);
  });

  test("a hold that is taken back at once changes nothing", async () => {
    const bench = await benches.open({ env: slow });
    await bench.manager.start(fakeRace(), racePath, null);
    await bench.until((state) => state.trials["r1-t0002"]?.status === "running");
    await bench.manager.order("r1-t0002", "pause");
    await bench.manager.order("r1-t0002", "resume");
    expectSame(await outcomeOf(bench, isFinished), peaceful);
  });

  test("a stopped trial never trains again", async () => {
    const bench = await benches.open({ env: slow });
    await bench.manager.start(fakeRace(), racePath, null);
    // The best one of the race, stopped while it runs and while it waits.
    await bench.until((state) => state.trials["r1-t0003"]?.status === "running");
    await bench.manager.order("r1-t0003", "stop");
    await bench.until((state) => state.trials["r1-t0002"]?.status === "paused");
    await bench.manager.order("r1-t0002", "stop");
    const { state, events } = await outcomeOf(bench);
    expect(state.trials["r1-t0003"]).toMatchObject({ status: "stopped", results: [] });
    expect(state.trials["r1-t0002"]?.results).toHaveLength(1);
    expect(decisionsOf(events).filter((line) => line.startsWith("promote r1-t0003"))).toEqual([]);
    expect(decisionsOf(events).filter((line) => line.startsWith("promote r1-t0002"))).toEqual([]);
    expectSoundLog(events, fakeRace(), null);
  });

  test("a second race waits in line; pausing the first lets it go", async () => {
    const bench = await benches.open({ env: slow });
    await bench.manager.start(fakeRace(), racePath, null);
    await bench.manager.start(fakeRace({ maxTrials: 3 }), racePath, null);
    await bench.until((state) => state.group !== null, "r1");
    expect(bench.store.state("r2").status).toBe("queued");
    await bench.manager.pause("r1");
    expect((await bench.until(isOver, "r2")).status).toBe("finished");
    await bench.manager.resume("r1");
    await bench.until((state) => state.status === "finished");
    const results = resultsOf(bench.store.state("r1"));
    expect(results).toEqual(resultsOf(peaceful.state));
  });
});
