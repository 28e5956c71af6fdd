/** The same with the engine: the CPU backend trains real models on real text while everything is killed. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { syntheticCorpus } from "../fixtures/specs.ts";
import { expectIntactLog, expectReplayable, expectSameRace } from "./checks.ts";
import { type ChaosOptions, runInPeace, runUnderFire } from "./driver.ts";

const daemonScript = fileURLToPath(new URL("../../dist/daemon.js", import.meta.url));
const isBuilt = existsSync(daemonScript);

/** Two shapes, so that lanes come and go; steps that cost milliseconds. */
const configText = `
[data]
corpus = "corpus.txt"
[model]
layers = 1
width = 16
heads = 2
context = 16
[optimizer]
batch = 4
[schedule]
warmup = 5
[levers.dropout]
[race]
max_trials = 12
lanes = 4
report_every_steps = 8
checkpoint_every_sec = 0.05
rungs = [{ steps = 40, keep = "1/3" }, { steps = 120, keep = "1/3" }, { steps = 360 }]
[space."optimizer.lr"]
log = [0.001, 0.02]
[space."model.mlp_mult"]
choice = [2, 4]
`;

const options: ChaosOptions = {
  daemonScript,
  trainerScript: null,
  backend: "cpu",
  configText,
  files: { "corpus.txt": syntheticCorpus(60_000) },
  env: {},
  kills: 30,
  seed: 7,
  timeoutMs: 120_000,
};

test.skipIf(!isBuilt)(
  `kill -9 at 30 random moments of a race on the CPU engine${isBuilt ? "" : " (skipped: dist/ is not built)"}`,
  async () => {
    const peaceful = await runInPeace(options);
    expectIntactLog(peaceful);
    const killed = await runUnderFire(options, peaceful);
    expect(killed.kills.length).toBe(options.kills);
    expectIntactLog(killed);
    expectSameRace(peaceful, killed);
    expectReplayable(killed, configText);
    expect(killed.orphans).toEqual([]);
  },
  600_000,
);
