/** Experiments that are stopped, disturbed or cut off: nothing is lost, nothing is decided that was not registered. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Experiment } from "../../daemon/protocol/experiments.ts";
import {
  listExperiments,
  listRaces,
  pauseRace,
  resumeRace,
  snapshotRace,
  startRace,
  stopExperiment,
  stopRace,
  stopTrial,
} from "../../daemon/protocol/requests.ts";
import type { TrialState } from "../../daemon/protocol/state.ts";
import { follow, isDone } from "../fixtures/daemon-bench.ts";
import { isBuilt, LabBench, labFile, untimed } from "./bench.ts";

let bench: LabBench;
beforeEach(async () => {
  bench = await LabBench.open();
});
afterEach(() => bench.close());

const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => error,
  );

/** Long enough to be disturbed: one lane, so that trials come one after the other. */
const long = { configText: labFile("lanes = 1"), steps: 300, seeds: 4 };
const stop = (experimentId: string): Promise<Experiment> => bench.client.request(stopExperiment, { experimentId });
const races = async () => (await bench.client.request(listRaces, {})).races;
/** Steps of the liveness probe are twenty. */
const inPairs = ({ doneSteps, raceIds }: Experiment): boolean => raceIds.length >= 2 && doneSteps > 20 + 350;

/** Starts a long one and waits until its pairs are being trained. */
async function underWay(): Promise<Experiment> {
  const { experimentId } = await bench.start(long);
  return bench.watch.until(experimentId, inPairs);
}

/** Stops a trial that is being trained; one that ends in the same moment is left alone. */
async function takeTrialAway(raceId: string): Promise<TrialState> {
  while (true) {
    const { trials } = await bench.race(raceId);
    const victim = Object.values(trials).find(({ status }) => status === "running" || status === "waiting");
    if (victim === undefined) continue;
    const { trialId } = victim;
    if ((await failure(bench.client.request(stopTrial, { trialId }))) === null) return victim;
  }
}

/** The same one in peace, in another workspace. */
async function inPeace(wish: object = long): Promise<Experiment> {
  const other = await LabBench.open();
  try {
    return await other.run(wish);
  } finally {
    await other.close();
  }
}

describe.skipIf(!isBuilt)(`trouble${isBuilt ? "" : " (skipped: dist/ is not built)"}`, () => {
  it("stopped in the middle and started again: it goes on where it was, to the verdict of an undisturbed one", async () => {
    const { experimentId } = await underWay();
    const stopped = await stop(experimentId);
    expect(stopped).toMatchObject({ status: "stopped", verdict: null, failure: null });
    expect(bench.folder.rows()).toEqual([]);
    expect(await stop(experimentId)).toEqual(stopped);
    const trainedBefore = await bench.race("r2");
    expect(Object.values(trainedBefore.trials).filter(({ status }) => status === "completed").length).toBeGreaterThan(
      0,
    );

    const again = await bench.run(long);
    expect(again).toMatchObject({ experimentId, status: "decided", raceIds: ["r1", "r2"] });
    expect((await races()).map(({ raceId }) => raceId)).toEqual(["r1", "r2"]);
    expect(readdirSync(join(bench.folder.path, "assertions", "prereg"))).toHaveLength(1);
    expect(untimed(again.verdict)).toEqual(untimed((await inPeace()).verdict));
  });

  it("stopped before it has begun, and while it waits behind another race", async () => {
    const path = join(bench.folder.path, "other.igla.toml");
    const { corpus } = bench.folder.wish();
    const other = await bench.client.request(startRace, {
      configText: labFile().replace("steps = 30", "steps = 100000"),
      path,
      corpus,
    });
    const { experimentId } = await bench.start();
    expect((await stop(experimentId)).status).toBe("stopped");
    const queued = (await races()).find(({ raceId }) => raceId !== other.raceId);
    expect(["paused", undefined]).toContain(queued?.status);
    await bench.client.request(stopRace, { raceId: other.raceId });
    expect(await bench.run()).toMatchObject({ experimentId, status: "decided" });
  });

  it("only one at a time; the others may be planned, listed, and started when it is over", async () => {
    const [first, second] = await Promise.allSettled([bench.start(long), bench.start({ lever: "gelu" })]);
    expect([first.status, second.status].sort()).toEqual(["fulfilled", "rejected"]);
    const refused = [first, second].find(({ status }) => status === "rejected") as PromiseRejectedResult;
    expect(refused.reason).toMatchObject({ code: "experiment.busy" });
    expect(await failure(bench.start(long))).toMatchObject({ code: "experiment.busy" });
    expect(readdirSync(join(bench.folder.path, "assertions", "prereg"))).toHaveLength(1);
    const [running] = (await bench.client.request(listExperiments, {})).experiments;
    await stop(running?.experimentId ?? "");
    const next = await bench.run({ lever: "gelu" });
    expect(next.status).toBe("decided");
    const { experiments } = await bench.client.request(listExperiments, {});
    expect(experiments.map(({ status }) => status)).toEqual(["stopped", "decided"]);
  });

  it("the user stops one of its races: the experiment is stopped; started again it trains that one anew", async () => {
    const { experimentId } = await underWay();
    await bench.client.request(stopRace, { raceId: "r2" });
    expect(await bench.watch.until(experimentId)).toMatchObject({ status: "stopped", verdict: null });
    const again = await bench.run(long);
    expect(again).toMatchObject({ experimentId, status: "decided", raceIds: ["r1", "r3"] });
  });

  it("the user pauses one of its races: the experiment waits for it", async () => {
    const { experimentId } = await underWay();
    await bench.client.request(pauseRace, { raceId: "r2" });
    await new Promise((resolve) => setTimeout(resolve, 300));
    const { experiments } = await bench.client.request(listExperiments, {});
    expect(experiments[0]?.status).toBe("running");
    await bench.client.request(resumeRace, { raceId: "r2" });
    expect(await bench.watch.until(experimentId)).toMatchObject({ status: "decided", raceIds: ["r1", "r2"] });
  });

  it("stopped while its race rests: it is over at once, and goes on later", async () => {
    const { experimentId } = await underWay();
    await bench.client.request(pauseRace, { raceId: "r2" });
    expect((await stop(experimentId)).status).toBe("stopped");
    expect(await bench.run(long)).toMatchObject({ experimentId, status: "decided", raceIds: ["r1", "r2"] });
  });

  it("the user takes a trial away: an error that says so, no verdict; started again the race is trained anew", async () => {
    const { experimentId } = await underWay();
    const victim = await takeTrialAway("r2");
    const ended = await bench.watch.until(experimentId);
    expect(ended).toMatchObject({ status: "failed", verdict: null, failure: { code: "experiment.trial-failed" } });
    expect(ended.failure?.message).toContain(`Seed ${victim.seed}`);
    expect(ended.failure?.message).toMatch(/stopped/i);
    expect(bench.folder.rows()).toEqual([]);
    const again = await bench.run(long);
    expect(again).toMatchObject({ experimentId, status: "decided", raceIds: ["r1", "r3"] });
    expect(untimed(again.verdict)).toEqual(untimed((await inPeace()).verdict));
  });

  it("another race of the same file and name is not taken for one of its own", async () => {
    const path = bench.folder.wish().path;
    const started = await bench.start(long);
    await stop(started.experimentId);
    const name = `falsify relu2 ${started.experimentId.slice(0, 8)} look 1`;
    const configText = labFile().replace('"adamw"', JSON.stringify(name));
    const { corpus } = bench.folder.wish();
    const { raceId } = await bench.client.request(startRace, { configText, path, corpus });
    await (await follow(bench.client, raceId)).until(isDone);
    const ended = await bench.run(long);
    expect(ended).toMatchObject({ experimentId: started.experimentId, status: "decided" });
    expect(ended.raceIds).not.toContain(raceId);
  });

  it("a ledger that is unsound when the verdict comes: nothing is lost, mended the same command concludes", async () => {
    const first = await bench.run();
    const whole = readFileSync(bench.folder.ledger, "utf8");
    const { experimentId } = await bench.start({ lever: "gelu" });
    writeFileSync(bench.folder.ledger, `${whole}{"kind":"lever-verdict","half`);
    const failed = await bench.watch.until(experimentId);
    expect(failed).toMatchObject({ status: "failed", verdict: null, failure: { code: "experiment.ledger" } });
    expect(failed.failure?.message).toContain(`${bench.folder.ledger}:2`);
    const before = await races();
    writeFileSync(bench.folder.ledger, whole);
    const mended = await bench.run({ lever: "gelu" });
    expect(mended).toMatchObject({ experimentId, status: "decided", raceIds: failed.raceIds });
    expect(await races()).toEqual(before);
    expect(bench.folder.rows().map(({ prereg }) => prereg)).toEqual([first.experimentId, experimentId]);
  });

  it("where assertions cannot be written nothing is trained, and the place is named", async () => {
    const place = join(bench.folder.path, "assertions");
    writeFileSync(place, "in the way");
    const error = await failure(bench.start());
    expect(error).toMatchObject({ code: "experiment.registration", message: expect.stringContaining(place) });
    expect(await races()).toEqual([]);
    expect((await bench.client.request(listExperiments, {})).experiments).toEqual([]);
    rmSync(place);
    expect((await bench.run()).status).toBe("decided");
  });

  it("a corpus that changes on the way: no verdict on another text; the original one put back, it goes on", async () => {
    const { experimentId } = await underWay();
    await stop(experimentId);
    bench.folder.writeCorpus(bench.folder.corpus.slice(0, 30_000));
    expect(await failure(bench.start(long))).toMatchObject({ code: "corpus.changed" });
    await bench.leave();
    bench.folder.writeCorpus(bench.folder.corpus);
    bench = await LabBench.open(bench.folder);
    const { experimentId: same } = await bench.start(long);
    expect(same).toBe(experimentId);
    // The new trainer has read nothing yet.
    bench.folder.writeCorpus(bench.folder.corpus.slice(0, 30_000));
    const ended = await bench.watch.until(same);
    expect(ended).toMatchObject({ status: "failed", verdict: null, failure: { code: "corpus.changed" } });
    bench.folder.writeCorpus(bench.folder.corpus);
    expect(await bench.run(long)).toMatchObject({ experimentId, status: "decided", raceIds: ended.raceIds });
  });

  it("a daemon that is told to end leaves the experiment to the next one", async () => {
    const { experimentId } = await underWay();
    await bench.leave();
    expect(existsSync(bench.folder.ledger)).toBe(false);
    bench = await LabBench.open(bench.folder);
    expect((await bench.client.request(listExperiments, {})).experiments).toEqual([]);
    const again = await bench.run(long);
    expect(again).toMatchObject({ experimentId, status: "decided", raceIds: ["r1", "r2"] });
    expect(untimed(again.verdict)).toEqual(untimed((await inPeace()).verdict));
    const { state } = await bench.client.request(snapshotRace, { raceId: "r2" });
    expect(state.replayMismatches).toBe(0);
  });
});
