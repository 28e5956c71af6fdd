import { rmSync } from "node:fs";
import { dirname } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleDaemon } from "../fixtures/bundle.ts";
import { raceFile } from "../fixtures/daemon-bench.ts";
import { fakeTrainer } from "../fixtures/race-bench.ts";
import { expectIntactLog, expectReplayable, expectSameRace } from "./checks.ts";
import { type ChaosOptions, type RaceRecord, runInPeace, runUnderFire } from "./driver.ts";

const configText = raceFile({
  maxTrials: 24,
  rungs: [20, 60, 180],
  more: '[space."optimizer.beta1"]\nuniform = [0.8, 0.95]\n[space."model.layers"]\nchoice = [1, 2]\n',
});

let daemonScript: string;
let peaceful: RaceRecord;
const options = (seed: number): ChaosOptions => ({
  daemonScript,
  trainerScript: fakeTrainer,
  backend: "auto",
  configText,
  files: {},
  env: { FAKE_CHUNK_MS: "15", FAKE_CHECKPOINT_CHUNKS: "3" },
  kills: 30,
  seed,
  timeoutMs: 60_000,
});

beforeAll(async () => {
  daemonScript = await bundleDaemon();
  peaceful = await runInPeace(options(0));
});
afterAll(() => rmSync(dirname(dirname(daemonScript)), { recursive: true, force: true }));

test("the undisturbed race is sound", () => {
  expectIntactLog(peaceful);
  expectReplayable(peaceful, configText);
  expect(peaceful.orphans).toEqual([]);
});

test("kill -9 of trainer, daemon or both at 30 random moments changes no number and no decision", async () => {
  const killed = await runUnderFire(options(20_261), peaceful);
  expect(killed.kills.length).toBe(30);
  expect(new Set(killed.kills.map(({ victim }) => victim)).size).toBe(3);
  expectIntactLog(killed);
  expectSameRace(peaceful, killed);
  expectReplayable(killed, configText);
  expect(killed.orphans).toEqual([]);
}, 240_000);
