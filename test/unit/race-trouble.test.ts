/** What machines do to a race changes no result: crashes, lost devices, missing memory, bad files. */
import { rmSync, truncateSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Planner } from "../../daemon/race/plan.ts";
import { fakePlanner, fakeRace, isOver, temporaryFolder } from "../fixtures/race-bench.ts";
import {
  Benches,
  expectSame,
  expectSoundLog,
  fault,
  isFinished,
  type Outcome,
  outcomeOf,
  racePath,
} from "../fixtures/race-outcome.ts";

const benches = new Benches();
/** The default race in peace. */
let peaceful: Outcome;
beforeAll(async () => {
  peaceful = await benches.run(fakeRace());
  await benches.closeAll();
});
afterEach(() => benches.closeAll());

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
    expectSame(await benches.run(fakeRace(), { folder, env: fault(plan, folder) }), peaceful);
  });

  test("gives up after failures without progress, and goes on when resumed", async () => {
    const folder = temporaryFolder();
    const bench = await benches.open({ folder, env: fault({ at: "ready", how: "exit", times: 5 }, folder) });
    await bench.manager.start(fakeRace(), racePath, null);
    const failed = await bench.until(isOver);
    expect(failed).toMatchObject({ status: "failed", rule: "trainer.gave-up" });
    expect(failed.reason).toContain("planned failure");
    expect(failed.trainer.failures).toBe(3);
    // Two more failures: a resumed race has all its attempts again.
    await bench.manager.resume("r1");
    await bench.until((state) => state.status === "finished");
    expectSame(await outcomeOf(bench, isFinished), peaceful);
  });

  test("a specification that cannot run fails its trial and no other", async () => {
    const folder = temporaryFolder();
    const { state, events } = await benches.run(fakeRace(), {
      folder,
      env: fault({ at: "group", how: "bad-spec" }, folder),
    });
    expect(state.status).toBe("finished");
    expect(state.trials["r1-t0000"]).toMatchObject({ status: "failed", reason: "planned" });
    expect(Object.values(state.trials).filter((trial) => trial.status === "failed")).toHaveLength(1);
    expectSoundLog(events, fakeRace(), null);
  });

  test("a context that is too long for a split fails its trials, and the race goes on", async () => {
    const folder = temporaryFolder();
    const config = fakeRace({ widths: [8, 8, 8, 8, 16] });
    const { state, events } = await benches.run(config, {
      folder,
      env: fault({ at: "group", how: "context" }, folder),
    });
    expect(state.status).toBe("finished");
    const failed = Object.values(state.trials).filter((trial) => trial.status === "failed");
    expect(failed).toHaveLength(4);
    expect(state.notices.map((notice) => notice.message)).toContain("data.split-too-short: planned");
    expect(state.best).not.toBeNull();
    expectSoundLog(events, config, null);
  });

  test("that hangs is ended and replaced, and says so: same curves, same decisions", async () => {
    const folder = temporaryFolder();
    const env = fault({ at: "chunk", how: "hang", nth: 5 }, folder);
    const outcome = await benches.run(fakeRace(), { folder, env, silenceMs: 3000 });
    expectSame(outcome, peaceful);
    expect(outcome.state.notices.map((notice) => notice.code)).toEqual(["trainer.silent"]);
    const exits = outcome.events.flatMap((event) => (event.kind === "trainer" ? [event] : []));
    expect(exits).toContainEqual(expect.objectContaining({ status: "exited", failures: 1 }));
  });

  test("that is slow, but tells how it gets on, is left alone", async () => {
    // The last group alone takes 15 chunks: longer than the trainer may be silent.
    const outcome = await benches.run(fakeRace(), { env: { FAKE_CHUNK_MS: "250" }, silenceMs: 3000 });
    expect(outcome.state.notices).toEqual([]);
    expectSame(outcome, peaceful);
  });

  test("that always hangs ends the race for now", async () => {
    const folder = temporaryFolder();
    const env = fault({ at: "group", how: "hang", times: 9 }, folder);
    const { state } = await benches.run(fakeRace(), { folder, env, silenceMs: 150 });
    expect(state).toMatchObject({ status: "failed", rule: "trainer.gave-up" });
    expect(state.reason).toContain("trainer.silent");
  });

  test("a missing corpus fails the race, not its trials", async () => {
    const folder = temporaryFolder();
    const { state } = await benches.run(fakeRace(), { folder, env: fault({ at: "group", how: "data" }, folder) });
    expect(state).toMatchObject({ status: "failed", rule: "data.missing-corpus" });
    expect(Object.values(state.trials).every((trial) => trial.results.length === 0)).toBe(true);
  });

  test("a race file that a newer version reads differently is refused", async () => {
    const folder = temporaryFolder();
    const first = await benches.open({ folder, env: { FAKE_CHUNK_MS: "20" } });
    await first.manager.start(fakeRace(), racePath, null);
    await first.until((state) => state.resultCount > 0);
    await benches.abandon(first);
    const planner: Planner = (...args) => ({ ...fakePlanner(...args), configHash: "0".repeat(64) });
    const second = await benches.open({ folder, planner });
    second.manager.resumeAll();
    expect(await second.until(isOver)).toMatchObject({ status: "failed", rule: "race.other-meaning" });
  });

  test("a corpus that changed under the race is refused", async () => {
    const folder = temporaryFolder();
    const first = await benches.open({ folder, env: { FAKE_CHUNK_MS: "20" } });
    await first.manager.start(fakeRace(), racePath, null);
    await first.until((state) => state.resultCount > 0);
    await benches.abandon(first);
    const second = await benches.open({ folder, env: { FAKE_CORPUS: "d1".repeat(32) } });
    second.manager.resumeAll();
    expect(await second.until(isOver)).toMatchObject({ status: "failed", rule: "corpus.changed" });
  });
});

describe("checkpoints that went bad", () => {
  /** Runs until a promoted trial is on its way, leaves, spoils files, and continues. */
  async function spoil(damage: (folder: string, files: readonly string[]) => void): Promise<Outcome> {
    const folder = temporaryFolder();
    const first = await benches.open({ folder, env: { FAKE_CHUNK_MS: "20" } });
    await first.manager.start(fakeRace(), racePath, null);
    const at = await first.until((state) =>
      Object.values(state.trials).some((trial) => trial.job?.rung === 1 && trial.step > 20),
    );
    await benches.abandon(first);
    const trial = Object.values(at.trials).find((one) => one.job?.rung === 1);
    const files = Object.values(first.store.state("r1").trials)
      .filter((one) => one.trialId === trial?.trialId)
      .flatMap((one) => one.checkpoints.map((checkpoint) => checkpoint.file));
    damage(first.files.folder, files);
    const second = await benches.open({ folder });
    second.manager.resumeAll();
    await second.until((state) => state.status === "finished");
    return outcomeOf(second, isFinished);
  }

  test("a corrupt newest one: the one before it is used", async () => {
    const outcome = await spoil((folder, files) => truncateSync(join(folder, files.at(-1) ?? ""), 5));
    expect(outcome.state.notices.map((notice) => notice.code)).toContain("checkpoint.corrupt");
    expectSame(outcome, peaceful);
  });

  test("all of them gone: the trial is trained again from step 0, to the same values", async () => {
    const outcome = await spoil((folder, files) => {
      for (const file of files) unlinkSync(join(folder, file));
    });
    expect(outcome.state.notices.map((notice) => notice.code)).toContain("checkpoint.missing");
    expectSame(outcome, peaceful);
  });

  test("the whole folder gone", async () => {
    expectSame(await spoil((folder) => rmSync(folder, { recursive: true })), peaceful);
  });
});
