/** Random orders of a user, trainer crashes and restarts of the daemon, all at once, seeded. */
import { rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, expect, test } from "vitest";
import { uniformStream } from "../../daemon/engine/random/philox.ts";
import { IglaError } from "../../daemon/protocol/errors.ts";
import { reduce } from "../../daemon/protocol/reduce.ts";
import { emptyRace } from "../../daemon/protocol/state.ts";
import { type Bench, fakeRace, openBench, temporaryFolder } from "../fixtures/race-bench.ts";
import { Benches, expectSoundLog, isFinished, type Outcome, outcomeOf, racePath } from "../fixtures/race-outcome.ts";

const config = fakeRace({ maxTrials: 14, widths: [8, 8, 16] });
const env = { FAKE_CHUNK_MS: "2" };
const moves = 25;

let peaceful: Outcome;
beforeAll(async () => {
  const benches = new Benches();
  peaceful = await benches.run(config);
  await benches.closeAll();
});

async function move(bench: Bench, uniform: () => number): Promise<void> {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(uniform() * list.length)] as T;
  const { manager, supervisor } = bench;
  const trialIds = Object.keys(bench.store.state("r1").trials);
  const ofTrial = (order: "pause" | "resume" | "stop") => async () => {
    if (trialIds.length > 0) await manager.order(pick(trialIds), order);
  };
  const choices: readonly (() => Promise<unknown>)[] = [
    () => manager.pause("r1"),
    () => manager.resume("r1"),
    () => manager.resume("r1"),
    ofTrial("pause"),
    ofTrial("pause"),
    ofTrial("resume"),
    ofTrial("resume"),
    ofTrial("stop"),
    () => supervisor.kill(),
  ];
  try {
    await pick(choices)();
  } catch (error) {
    // Many orders do not fit the moment; they must be refused with a code and change nothing.
    if (!(error instanceof IglaError) || !error.code.endsWith(".wrong-state")) throw error;
  }
}

/** Lets everything go that was paused, so that the race can end. */
async function release(bench: Bench): Promise<void> {
  while (!isFinished(bench.store.state("r1"))) {
    const { status, trials } = bench.store.state("r1");
    for (const trial of Object.values(trials)) if (trial.held) await bench.manager.order(trial.trialId, "resume");
    if (status === "paused" || status === "failed") await bench.manager.resume("r1").catch(() => undefined);
    await sleep(10);
  }
}

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  "whatever is ordered, the log stays sound and every curve a part of the true one (seed %i)",
  async (seed) => {
    const uniform = uniformStream(seed, 2);
    const folder = temporaryFolder();
    let bench = await openBench({ folder, env, maxFailures: 20 });
    await bench.manager.start(config, racePath, null);
    for (let i = 0; i < moves && !isFinished(bench.store.state("r1")); i++) {
      await sleep(uniform() * 25);
      if (uniform() < 0.12) {
        await bench.abandon();
        bench = await openBench({ folder, env, maxFailures: 20 });
        bench.manager.resumeAll();
      } else await move(bench, uniform);
    }
    await release(bench);
    const { state, events, curves } = await outcomeOf(bench, isFinished);
    await bench.close();
    rmSync(folder, { recursive: true, force: true });
    expect(state.replayMismatches).toBe(0);
    expectSoundLog(events, config, null);
    expect(events.map((event) => event.seq)).toEqual(events.map((_, k) => k + 1));
    expect(events.reduce(reduce, emptyRace("r1"))).toEqual(state);
    for (const [trialId, points] of Object.entries(curves)) {
      const known = peaceful.curves[trialId] ?? [];
      const common = Math.min(known.length, points.length);
      expect(points.slice(0, common)).toEqual(known.slice(0, common));
    }
  },
);
