/** Whole races on the fake trainer: what users order and what machines do to them changes no result. */
import { rmSync, truncateSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import type { IglaEvent } from "../../daemon/protocol/events.ts";
import type { RaceState } from "../../daemon/protocol/state.ts";
import type { Planner } from "../../daemon/race/plan.ts";
import { searchLog } from "../../daemon/race/search-log.ts";
import { replay } from "../../daemon/search/replay.ts";
import { readCurve } from "../../daemon/store/curves.ts";
import {
  type Bench,
  type BenchOptions,
  fakePlanner,
  fakeRace,
  isOver,
  openBench,
  temporaryFolder,
} from "../fixtures/race-bench.ts";

const path = "/races/fake.igla.toml";
const opened: Bench[] = [];
afterEach(async () => {
  for (const bench of opened.splice(0)) await bench.close();
});

async function open(options: BenchOptions = {}): Promise<Bench> {
  const bench = await openBench(options);
  opened.push(bench);
  return bench;
}

/** A planned failure of the fake trainer; `marker` counts how often it has struck. */
function fault(plan: { at: string; how: string; nth?: number; times?: number }, folder: string) {
  return { FAKE_FAULT: JSON.stringify({ ...plan, marker: join(folder, "fault") }) };
}

async function curvesOf(bench: Bench, state: RaceState): Promise<Record<string, unknown>> {
  const curves: Record<string, unknown> = {};
  for (const trialId of Object.keys(state.trials)) {
    curves[trialId] = (await readCurve(bench.store.db, trialId, 0, 5000)).points;
  }
  return curves;
}

const resultsOf = (state: RaceState) =>
  Object.fromEntries(Object.values(state.trials).map((trial) => [trial.trialId, trial.results]));

const decisionsOf = (events: readonly IglaEvent[]) =>
  events.flatMap((event) => (event.kind === "decision" ? [`${event.action} ${event.trialId} ${event.rung}`] : []));

function expectSoundLog(events: readonly IglaEvent[], config: string, budget: number | null, complete = true): void {
  const { rules } = fakePlanner(config, path, budget);
  expect(replay(rules, searchLog(events), complete).violations).toEqual([]);
}

interface Outcome {
  readonly state: RaceState;
  readonly events: readonly IglaEvent[];
  readonly curves: Record<string, unknown>;
}

async function finish(bench: Bench): Promise<Outcome> {
  const state = await bench.until(isOver);
  return { state, events: await bench.events(), curves: await curvesOf(bench, state) };
}

async function run(config: string, options: BenchOptions = {}, budget: number | null = null): Promise<Outcome> {
  const bench = await open(options);
  await bench.manager.start(config, path, budget);
  return finish(bench);
}

/** The default race in peace. */
let peaceful: Outcome;
beforeAll(async () => {
  peaceful = await run(fakeRace());
  for (const bench of opened.splice(0)) await bench.close();
});

function expectSameAsPeaceful({ state, events, curves }: Outcome): void {
  expect(state.status).toBe("finished");
  expect(state.replayMismatches).toBe(0);
  expect(curves).toEqual(peaceful.curves);
  expect(resultsOf(state)).toEqual(resultsOf(peaceful.state));
  expect(decisionsOf(events)).toEqual(decisionsOf(peaceful.events));
  expectSoundLog(events, fakeRace(), null);
}

describe("an undisturbed race", () => {
  test("ends with every rung filled and a sound log", () => {
    const { state, events, curves } = peaceful;
    expect(state).toMatchObject({ status: "finished", rule: "search-drained", lanes: 4, replayMismatches: 0 });
    expect(Object.keys(state.trials)).toHaveLength(9);
    // 9 trials to 10 steps, 3 from 10 to 30, 1 from 30 to 90.
    expect(state.trainedSteps).toBe(9 * 10 + 3 * 20 + 60);
    expect(state.orderedSteps).toBe(state.trainedSteps);
    expect(events.map((event) => event.seq)).toEqual(events.map((_, i) => i + 1));
    expect((curves["r1-t0003"] as unknown[]).length).toBe(3 + 6 + 16);
    expectSoundLog(events, fakeRace(), null);
  });

  test("keeps the weights of the best three, and no other file", async () => {
    const bench = await open();
    await bench.manager.start(fakeRace(), path, null);
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
    const alone = await run(fakeRace({ lanes: 1 }));
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
    const { state, events } = await run(config);
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
    const { state, events } = await run(fakeRace(), {}, 75);
    expect(state).toMatchObject({ status: "finished", rule: "search-budget" });
    expect(state.orderedSteps).toBeLessThanOrEqual(75);
    expect(state.trainedSteps).toBe(state.orderedSteps);
    expectSoundLog(events, fakeRace(), 75);
  });

  test("treats a diverged trial as a result that ranks last", async () => {
    const config = fakeRace({ lrs: [0.001, 0.9, 0.004, 0.002] });
    const { state, events } = await run(config);
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
    const { state, events } = await run(config);
    expect(decisionsOf(events).filter((line) => line.startsWith("kill"))).toHaveLength(1);
    expect(Object.values(state.trials).filter((trial) => trial.status === "killed")).toHaveLength(1);
    expectSoundLog(events, config, null);
  });
});

describe("a trainer in trouble", () => {
  test.each([
    ["killed in the middle of a group", { at: "chunk", how: "kill", nth: 5 }],
    ["killed again and again, with progress between", { at: "checkpoint", how: "kill", times: 4 }],
    ["killed between writing and naming a checkpoint", { at: "before-rename", how: "kill", nth: 3 }],
    ["killed after a lane's last checkpoint", { at: "finish", how: "kill", nth: 2 }],
    ["killed before the group is done", { at: "done", how: "kill", nth: 2 }],
    ["gone before it was ready", { at: "ready", how: "exit" }],
    ["that loses its device", { at: "group", how: "lost", nth: 2 }],
    ["short of memory for full groups", { at: "group", how: "memory", times: 2 }],
  ])("%s: same curves, same decisions", async (_name, plan) => {
    const folder = temporaryFolder();
    expectSameAsPeaceful(await run(fakeRace(), { folder, env: fault(plan, folder) }));
  });

  test("gives up after failures without progress, and goes on when resumed", async () => {
    const folder = temporaryFolder();
    const bench = await open({ folder, env: fault({ at: "ready", how: "exit", times: 5 }, folder) });
    await bench.manager.start(fakeRace(), path, null);
    const failed = await bench.until(isOver);
    expect(failed).toMatchObject({ status: "failed", rule: "trainer.gave-up" });
    expect(failed.reason).toContain("planned failure");
    expect(failed.trainer.failures).toBe(3);
    // Two more failures: a resumed race has all its attempts again.
    await bench.manager.resume("r1");
    await bench.until((state) => state.status === "finished");
    expectSameAsPeaceful(await finish(bench));
  });

  test("a specification that cannot run fails its trial and no other", async () => {
    const folder = temporaryFolder();
    const { state, events } = await run(fakeRace(), { folder, env: fault({ at: "group", how: "bad-spec" }, folder) });
    expect(state.status).toBe("finished");
    expect(state.trials["r1-t0000"]).toMatchObject({ status: "failed", reason: "planned" });
    expect(Object.values(state.trials).filter((trial) => trial.status === "failed")).toHaveLength(1);
    expectSoundLog(events, fakeRace(), null);
  });

  test("a missing corpus fails the race, not its trials", async () => {
    const folder = temporaryFolder();
    const { state } = await run(fakeRace(), { folder, env: fault({ at: "group", how: "data" }, folder) });
    expect(state).toMatchObject({ status: "failed", rule: "data.missing-corpus" });
    expect(Object.values(state.trials).every((trial) => trial.results.length === 0)).toBe(true);
  });

  test("a race file that a newer version reads differently is refused", async () => {
    const folder = temporaryFolder();
    const first = await open({ folder, env: { FAKE_CHUNK_MS: "20" } });
    await first.manager.start(fakeRace(), path, null);
    await first.until((state) => state.resultCount > 0);
    await first.abandon();
    opened.pop();
    const planner: Planner = (...args) => ({ ...fakePlanner(...args), configHash: "0".repeat(64) });
    const second = await open({ folder, planner });
    second.manager.resumeAll();
    expect(await second.until(isOver)).toMatchObject({ status: "failed", rule: "race.other-meaning" });
  });

  test("a corpus that changed under the race is refused", async () => {
    const folder = temporaryFolder();
    const first = await open({ folder, env: { FAKE_CHUNK_MS: "20" } });
    await first.manager.start(fakeRace(), path, null);
    await first.until((state) => state.resultCount > 0);
    await first.abandon();
    opened.pop();
    const second = await open({ folder, env: { FAKE_CORPUS: "d1".repeat(32) } });
    second.manager.resumeAll();
    expect(await second.until(isOver)).toMatchObject({ status: "failed", rule: "corpus.changed" });
  });
});

describe("what users order", () => {
  const slow = { FAKE_CHUNK_MS: "5" };

  test("pause and resume of a race, several times", async () => {
    const bench = await open({ env: slow });
    await bench.manager.start(fakeRace(), path, null);
    for (const results of [0, 3, 6, 9]) {
      await bench.until((state) => state.resultCount >= results && state.group !== null);
      await bench.manager.pause("r1");
      expect(bench.store.state("r1").status).toBe("paused");
      await bench.manager.resume("r1");
      await bench.until((state) => state.status !== "paused" && state.status !== "queued");
    }
    expectSameAsPeaceful(await finish(bench));
  });

  test("a paused race stands still, also over a restart", async () => {
    const folder = temporaryFolder();
    const first = await open({ folder, env: slow });
    await first.manager.start(fakeRace(), path, null);
    await first.until((state) => state.resultCount > 2 && state.group !== null);
    await first.manager.pause("r1");
    await first.abandon();
    opened.pop();
    const second = await open({ folder });
    second.manager.resumeAll();
    expect(second.store.state("r1").status).toBe("paused");
    expect(second.manager.activeRace).toBeNull();
    await second.manager.resume("r1");
    await second.until((state) => state.status === "finished");
    expectSameAsPeaceful(await finish(second));
  });

  test("stop ends a race for good and keeps its results", async () => {
    const bench = await open({ env: slow });
    await bench.manager.start(fakeRace(), path, null);
    await bench.until((state) => state.resultCount > 2 && state.group !== null);
    await bench.manager.stop("r1");
    const state = await bench.until((now) => now.status === "stopped");
    expect(state.group).toBeNull();
    expect(state.resultCount).toBeGreaterThan(2);
    await expect(bench.manager.resume("r1")).rejects.toMatchObject({ code: "race.wrong-state" });
  });

  test("a held trial is taken out and comes back, and the log still replays", async () => {
    const bench = await open({ env: slow });
    await bench.manager.start(fakeRace(), path, null);
    await bench.until((state) => state.trials["r1-t0002"]?.status === "running");
    await bench.manager.order("r1-t0002", "pause");
    await bench.until((state) => state.trials["r1-t0002"]?.status === "held");
    // Everything else runs its course; then the race waits for the held one.
    const waiting = await bench.until((state) => state.status === "paused");
    expect(waiting.rule).toBe("only-held-trials");
    await bench.manager.order("r1-t0002", "resume");
    const { state, events, curves } = await finishAfter(bench);
    expect(state.status).toBe("finished");
    expect(Object.values(state.trials).every((trial) => trial.results.length > 0)).toBe(true);
    expect((curves["r1-t0002"] as unknown[]).slice(0, 3)).toEqual(
      (peaceful.curves["r1-t0002"] as unknown[]).slice(0, 3),
    );
    expect(decisionsOf(events)).toContain("resume r1-t0002 0");
    expectSoundLog(events, fakeRace(), null);
  });

  test("a hold that is taken back at once changes nothing", async () => {
    const bench = await open({ env: slow });
    await bench.manager.start(fakeRace(), path, null);
    await bench.until((state) => state.trials["r1-t0002"]?.status === "running");
    await bench.manager.order("r1-t0002", "pause");
    await bench.manager.order("r1-t0002", "resume");
    expectSameAsPeaceful(await finish(bench));
  });

  test("a stopped trial never trains again", async () => {
    const bench = await open({ env: slow });
    await bench.manager.start(fakeRace(), path, null);
    // The best one of the race, stopped while it runs and while it waits.
    await bench.until((state) => state.trials["r1-t0003"]?.status === "running");
    await bench.manager.order("r1-t0003", "stop");
    await bench.until((state) => state.trials["r1-t0002"]?.status === "paused");
    await bench.manager.order("r1-t0002", "stop");
    const { state, events } = await finish(bench);
    expect(state.trials["r1-t0003"]).toMatchObject({ status: "stopped", results: [] });
    expect(state.trials["r1-t0002"]?.results).toHaveLength(1);
    expect(decisionsOf(events).filter((line) => line.startsWith("promote r1-t0003"))).toEqual([]);
    expect(decisionsOf(events).filter((line) => line.startsWith("promote r1-t0002"))).toEqual([]);
    expectSoundLog(events, fakeRace(), null);
  });

  test("a second race waits in line; pausing the first lets it go", async () => {
    const bench = await open({ env: slow });
    await bench.manager.start(fakeRace(), path, null);
    await bench.manager.start(fakeRace({ maxTrials: 3 }), path, null);
    await bench.until((state) => state.group !== null, "r1");
    expect(bench.store.state("r2").status).toBe("queued");
    await bench.manager.pause("r1");
    expect((await bench.until(isOver, "r2")).status).toBe("finished");
    await bench.manager.resume("r1");
    await bench.until((state) => state.status === "finished");
    const results = resultsOf(bench.store.state("r1"));
    expect(results).toEqual(resultsOf(peaceful.state));
  });

  async function finishAfter(bench: Bench): Promise<Outcome> {
    await bench.until((state) => state.status === "finished");
    return finish(bench);
  }
});

describe("checkpoints that went bad", () => {
  /** Runs until a promoted trial is on its way, leaves, spoils files, and continues. */
  async function spoil(damage: (folder: string, files: readonly string[]) => void): Promise<Outcome> {
    const folder = temporaryFolder();
    const first = await open({ folder, env: { FAKE_CHUNK_MS: "20" } });
    await first.manager.start(fakeRace(), path, null);
    const at = await first.until((state) =>
      Object.values(state.trials).some((trial) => trial.job?.rung === 1 && trial.step > 20),
    );
    await first.abandon();
    opened.pop();
    const trial = Object.values(at.trials).find((one) => one.job?.rung === 1);
    const files = Object.values(first.store.state("r1").trials)
      .filter((one) => one.trialId === trial?.trialId)
      .flatMap((one) => one.checkpoints.map((checkpoint) => checkpoint.file));
    damage(first.files.folder, files);
    const second = await open({ folder });
    second.manager.resumeAll();
    await second.until((state) => state.status === "finished");
    return finish(second);
  }

  test("a corrupt newest one: the one before it is used", async () => {
    const outcome = await spoil((folder, files) => truncateSync(join(folder, files.at(-1) ?? ""), 5));
    expect(outcome.state.notices.map((notice) => notice.code)).toContain("checkpoint.corrupt");
    expectSameAsPeaceful(outcome);
  });

  test("all of them gone: the trial is trained again from step 0, to the same values", async () => {
    const outcome = await spoil((folder, files) => {
      for (const file of files) unlinkSync(join(folder, file));
    });
    expect(outcome.state.notices.map((notice) => notice.code)).toContain("checkpoint.missing");
    expectSameAsPeaceful(outcome);
  });

  test("the whole folder gone", async () => {
    expectSameAsPeaceful(await spoil((folder) => rmSync(folder, { recursive: true })));
  });
});
