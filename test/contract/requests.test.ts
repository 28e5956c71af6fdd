/** Every request of the protocol: its result matches the schema, its errors carry the codes that it declares. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { z } from "zod";
import { type ErrorCode, IglaError } from "../../daemon/protocol/errors.ts";
import type { Experiment } from "../../daemon/protocol/experiments.ts";
import type { RequestDefinition } from "../../daemon/protocol/request.ts";
import {
  daemonStatus,
  experimentVerdicts,
  leaderboard,
  listExperiments,
  listLevers,
  listRaces,
  pauseRace,
  pauseTrial,
  planExperiment,
  requests,
  resumeRace,
  resumeTrial,
  shutdownDaemon,
  snapshotRace,
  startExperiment,
  starterRace,
  startRace,
  stopExperiment,
  stopRace,
  stopTrial,
  subscribeRace,
  trialCheckpoint,
  trialCurve,
  trialCurves,
  trialDecisions,
  unsubscribeRace,
} from "../../daemon/protocol/requests.ts";
import { type DaemonBench, follow, isDone, openDaemon, raceFile } from "../fixtures/daemon-bench.ts";

let bench: DaemonBench;
/** A race that has run to its end. */
let done: string;
const asked = new Set<string>();

beforeAll(async () => {
  bench = await openDaemon();
  done = await bench.start();
  const follower = await follow(bench.client, done);
  expect((await follower.until(isDone)).status).toBe("finished");
});
afterAll(() => bench.close());

/** Asks, and checks the answer against the schema. */
async function ask<P extends z.ZodType, R extends z.ZodType>(definition: RequestDefinition<P, R>, params: z.input<P>) {
  asked.add(definition.name);
  const result = await bench.client.request(definition, params);
  definition.result.parse(result);
  return result;
}

async function refused<P extends z.ZodType, R extends z.ZodType>(
  definition: RequestDefinition<P, R>,
  params: z.input<P>,
  code: ErrorCode,
) {
  const error = await bench.client.request(definition, params).then(
    () => null,
    (failure: unknown) => failure,
  );
  expect(error).toBeInstanceOf(IglaError);
  expect((error as IglaError).code).toBe(code);
  expect([...definition.errors, "protocol.bad-params"]).toContain(code);
  return error as IglaError;
}

describe("races", () => {
  test("race/list names the race with its best trial", async () => {
    const { races } = await ask(listRaces, {});
    expect(races.map((race) => race.raceId)).toContain(done);
    const race = races.find(({ raceId }) => raceId === done);
    expect(race).toMatchObject({ name: "contract", status: "finished", trials: 9 });
    expect(race?.best?.valBpb).toBeGreaterThan(1);
  });

  test("race/start refuses a bad file with places", async () => {
    const text = raceFile().replace("heads = 2", "heads = 3\nlearning_rate = 1");
    const error = await refused(startRace, { configText: text, path: "/x/bad.igla.toml" }, "race.bad-config");
    expect(error.data).toEqual(
      expect.arrayContaining([expect.objectContaining({ place: expect.stringContaining("bad.igla.toml:6:") })]),
    );
  });

  test("race/start applies a budget", async () => {
    const raceId = await bench.start(raceFile(), 60);
    const follower = await follow(bench.client, raceId);
    const state = await follower.until(isDone);
    expect(state).toMatchObject({ status: "finished", rule: "search-budget", budgetSteps: 60 });
    expect(state.orderedSteps).toBeLessThanOrEqual(60);
    asked.add(startRace.name);
  });

  test("race/start binds the race to the corpus that the client found", async () => {
    const path = "/x/bound.igla.toml";
    const corpus = { path: "corpus.txt", sha256: "ab".repeat(32), name: "tinyshakespeare", origin: "IGLA_DATA" };
    const configText = raceFile({ rungs: [4000, 12_000] });
    const { raceId } = await ask(startRace, { configText, path, corpus });
    const { state } = await ask(snapshotRace, { raceId });
    expect(state.corpusPin).toEqual({ ...corpus, path: join(bench.workspace, "corpus.txt") });
    expect(await ask(startRace, { configText, path, corpus, takeUp: true })).toMatchObject({ raceId, isNew: false });
    const other = await ask(startRace, {
      configText,
      path,
      corpus: { ...corpus, sha256: "cd".repeat(32) },
      takeUp: true,
    });
    expect(other.isNew).toBe(true);
    for (const id of [other.raceId, raceId]) await ask(stopRace, { raceId: id });
    await refused(startRace, { configText, path, corpus: { ...corpus, sha256: "ab" } }, "protocol.bad-params");
  });

  test("race/snapshot equals what the events give", async () => {
    const follower = await follow(await bench.connect(), done);
    const state = await follower.until(isDone);
    expect((await ask(snapshotRace, { raceId: done })).state).toEqual(state);
    await refused(snapshotRace, { raceId: "r99" }, "race.not-found");
  });

  test("race/subscribe and race/unsubscribe", async () => {
    expect(await ask(subscribeRace, { raceId: done, sinceSeq: 0 })).toMatchObject({ mode: "events" });
    await ask(unsubscribeRace, { raceId: done });
    await refused(subscribeRace, { raceId: "r99", sinceSeq: 0 }, "race.not-found");
  });

  test("race/pause, race/resume, race/stop move through their states", async () => {
    const raceId = await bench.start(raceFile({ rungs: [4000, 12_000], maxTrials: 40 }));
    const follower = await follow(bench.client, raceId);
    await follower.until((state) => state.trainer.status === "ready");
    expect(await ask(pauseRace, { raceId })).toMatchObject({ status: "paused" });
    await refused(pauseRace, { raceId }, "race.wrong-state");
    expect(["queued", "running"]).toContain((await ask(resumeRace, { raceId })).status);
    await refused(resumeRace, { raceId }, "race.wrong-state");
    expect(await ask(stopRace, { raceId })).toMatchObject({ status: "stopped" });
    await refused(stopRace, { raceId }, "race.wrong-state");
    await refused(stopRace, { raceId: "r99" }, "race.not-found");
  });
});

describe("trials", () => {
  test("trial/curve pages through all points once", async () => {
    const { rows } = await ask(leaderboard, { raceId: done });
    const trialId = rows[0]?.trialId ?? "";
    const whole = await ask(trialCurve, { trialId });
    expect(whole.nextStep).toBeNull();
    expect(whole.points.length).toBeGreaterThan(5);
    const paged: unknown[] = [];
    let afterStep: number | null = 0;
    while (afterStep !== null) {
      const page: z.output<typeof trialCurve.result> = await ask(trialCurve, { trialId, afterStep, limit: 3 });
      expect(page.points.length).toBeLessThanOrEqual(3);
      paged.push(...page.points);
      afterStep = page.nextStep;
    }
    expect(paged).toEqual(whole.points);
    await refused(trialCurve, { trialId: "nobody" }, "trial.not-found");
  });

  test("trial/curves gives short curves whole and long ones reduced, with the time of every point", async () => {
    const { rows } = await ask(leaderboard, { raceId: done, limit: 2 });
    const trialIds = rows.map((row) => row.trialId);
    const { points } = await ask(trialCurve, { trialId: trialIds[0] ?? "" });
    const { curves } = await ask(trialCurves, { trialIds });
    expect(curves.map((curve) => curve.trialId)).toEqual(trialIds);
    const [whole] = curves;
    expect(whole?.steps).toEqual(points.map(({ step }) => step));
    expect(whole?.lossNats).toEqual(points.map(({ lossNats }) => lossNats));
    expect(whole?.atMs).toEqual(whole?.atMs.toSorted((a, b) => a - b));
    const { state } = await ask(snapshotRace, { raceId: done });
    expect(whole?.atMs[0]).toBeGreaterThanOrEqual(state.createdAt);
    expect(whole).toMatchObject({ totalPoints: points.length, lastStep: points.at(-1)?.step, protocol: "chunked" });

    const reduced = (await ask(trialCurves, { trialIds, maxPoints: 10, smoothing: 0.5 })).curves[0];
    expect(reduced?.steps.length).toBeLessThan(points.length);
    expect([reduced?.steps[0], reduced?.steps.at(-1)]).toEqual([whole?.steps[0], whole?.steps.at(-1)]);
    expect(reduced?.ema.weight).toBeCloseTo(1 - 0.5 ** points.length, 12);

    const [low, high] = [points[2]?.step ?? 0, points[4]?.step ?? 0];
    const part = (await ask(trialCurves, { trialIds, fromStep: low, toStep: high })).curves[0];
    expect(part?.steps).toEqual(points.slice(1, 6).map(({ step }) => step));
    await refused(trialCurves, { trialIds: [...trialIds, "nobody"] }, "trial.not-found");
  });

  test("trial/checkpoint names a file that exists, for the best trial", async () => {
    const { rows } = await ask(leaderboard, { raceId: done, limit: 1 });
    const [best] = rows;
    const answer = await ask(trialCheckpoint, { trialId: best?.trialId ?? "" });
    expect(existsSync(answer.path)).toBe(true);
    expect(answer.checkpoint.step).toBe(best?.step);
    expect(answer.spec.optimizer.lr).toBe(best?.point["optimizer.lr"]);
    await refused(trialCheckpoint, { trialId: "nobody" }, "trial.not-found");
  });

  test("trial/checkpoint of a trial that left the race", async () => {
    const { rows } = await ask(leaderboard, { raceId: done });
    await refused(trialCheckpoint, { trialId: rows.at(-1)?.trialId ?? "" }, "checkpoint.missing");
  });

  test("trial/pause, trial/resume, trial/stop", async () => {
    const raceId = await bench.start(raceFile({ rungs: [4000, 12_000], maxTrials: 40 }));
    const follower = await follow(bench.client, raceId);
    await follower.until((state) => state.group !== null);
    const trialId = `${raceId}-t0001`;
    await ask(pauseTrial, { trialId });
    await refused(pauseTrial, { trialId }, "trial.wrong-state");
    await ask(resumeTrial, { trialId });
    await refused(resumeTrial, { trialId }, "trial.wrong-state");
    expect(await ask(stopTrial, { trialId })).toMatchObject({ status: "stopped" });
    await refused(stopTrial, { trialId }, "trial.wrong-state");
    await refused(stopTrial, { trialId: "nobody" }, "trial.not-found");
    await ask(stopRace, { raceId });
    await refused(pauseTrial, { trialId: `${raceId}-t0000` }, "trial.wrong-state");
  });

  test("trial/decisions tells why a trial went on", async () => {
    const { rows } = await ask(leaderboard, { raceId: done, limit: 1 });
    const { decisions } = await ask(trialDecisions, { trialId: rows[0]?.trialId ?? "" });
    expect(decisions.map(({ action }) => action)).toEqual(["start", "pause", "promote", "pause", "promote"]);
    await refused(trialDecisions, { trialId: "nobody" }, "trial.not-found");
  });

  test("race/starter answers with a file that race/start accepts", async () => {
    const { configText } = await ask(starterRace, { corpus: "notes.txt" });
    const { raceId } = await ask(startRace, { configText, path: "/x/starter.igla.toml" });
    await ask(stopRace, { raceId });
  });

  test("leaderboard is ordered by BPB and ranks from 1", async () => {
    const { rows } = await ask(leaderboard, { raceId: done });
    expect(rows).toHaveLength(9);
    expect(rows.map((row) => row.rank)).toEqual(rows.map((_, i) => i + 1));
    expect(rows.map((row) => row.valBpb)).toEqual(rows.map((row) => row.valBpb).sort((a, b) => a - b));
    await refused(leaderboard, { raceId: "r99" }, "race.not-found");
  });
});

describe("experiments", () => {
  const configText = raceFile({ more: '[data]\ncorpus = "./text.txt"\n' });
  const path = "lab/contract.igla.toml";
  const wish = { configText, path, lever: "relu2", seeds: 3, steps: 2000 };
  const text = (length: number) => {
    let state = 7;
    const next = () => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return 97 + ((state >>> 16) % 26);
    };
    return Buffer.from(Array.from({ length }, next));
  };
  const write = (bytes: Uint8Array) => {
    mkdirSync(join(bench.workspace, "lab"), { recursive: true });
    writeFileSync(join(bench.workspace, "lab", "text.txt"), bytes);
  };

  test("lever/list and experiment/verdicts answer before anything was tried", async () => {
    const { levers } = await ask(listLevers, {});
    expect(levers.find(({ id }) => id === "relu2")).toMatchObject({ group: expect.any(String) });
    expect(await ask(experimentVerdicts, {})).toEqual({
      path: join(bench.workspace, "assertions", "seed_results.jsonl"),
      sound: true,
      findings: [],
      verdicts: [],
    });
  });

  test("experiment/plan finds the corpus beside the race file, and refuses one that leaks", async () => {
    write(text(40_000));
    const design = await ask(planExperiment, wish);
    expect(design).toMatchObject({ lever: "relu2", seeds: [43, 44, 45], totalSteps: 12_000 });
    expect(design.corpus).toMatchObject({ path: join(bench.workspace, "lab", "text.txt"), name: "text" });
    expect(design.arms.on.flopsPerStep).toBeGreaterThan(0);
    expect(existsSync(join(bench.workspace, "assertions", "prereg"))).toBe(false);
    expect((await ask(planExperiment, { ...wish, corpus: design.corpus })).corpus).toEqual(design.corpus);

    const half = text(20_000);
    write(Buffer.concat([half, half]));
    const leak = await refused(planExperiment, wish, "experiment.corpus");
    expect(leak.message).toContain("leak into training data");
    await refused(planExperiment, { ...wish, corpus: design.corpus }, "corpus.changed");
    rmSync(join(bench.workspace, "lab", "text.txt"));
    expect((await refused(planExperiment, wish, "experiment.corpus")).message).toContain("text.txt");
    write(text(40_000));
    await refused(planExperiment, { ...wish, lever: "warp" }, "experiment.unknown-lever");
    await refused(planExperiment, { ...wish, steps: 1 }, "experiment.bad-design");
    await refused(planExperiment, { ...wish, configText: "nonsense" }, "race.bad-config");
  });

  test("experiment/start tells every client, one runs at a time, experiment/stop ends it", async () => {
    write(text(40_000));
    const heard: Experiment[] = [];
    const other = await bench.connect();
    other.onExperiment((experiment) => heard.push(experiment));
    const started = await ask(startExperiment, wish);
    expect(started).toMatchObject({ status: "running", lever: "relu2", path: join(bench.workspace, path) });
    await refused(startExperiment, wish, "experiment.busy");
    expect(await ask(stopExperiment, { experimentId: started.experimentId })).toMatchObject({ status: "stopped" });
    const { experiments } = await ask(listExperiments, {});
    expect(experiments.map(({ experimentId, status }) => [experimentId, status])).toEqual([
      [started.experimentId, "stopped"],
    ]);
    expect(heard.map(({ experimentId }) => experimentId)).toContain(started.experimentId);
    await refused(stopExperiment, { experimentId: "none" }, "experiment.not-found");
    expect((await ask(experimentVerdicts, {})).verdicts).toEqual([]);
  });

  test("experiment/verdicts says what is wrong with the ledger", async () => {
    const ledger = join(bench.workspace, "assertions", "seed_results.jsonl");
    mkdirSync(join(bench.workspace, "assertions"), { recursive: true });
    writeFileSync(ledger, '{"half');
    const { sound, findings } = await ask(experimentVerdicts, {});
    expect(sound).toBe(false);
    expect(findings).toEqual([{ line: 1, message: expect.stringContaining("no whole line") }]);
    rmSync(ledger);
  });
});

describe("the daemon", () => {
  test("daemon/status", async () => {
    const status = await ask(daemonStatus, {});
    expect(status).toMatchObject({ pid: process.pid, workspace: bench.workspace, protocol: "1.0" });
    expect(status.headSeq).toBeGreaterThan(100);
  });

  test("parameters of the wrong type are named", async () => {
    const error = await refused(trialCurve, { trialId: "x", limit: 0 }, "protocol.bad-params");
    expect(error.message).toContain("limit");
  });

  test("daemon/shutdown ends it, and every request has been asked", async () => {
    const other = await openDaemon();
    asked.add(shutdownDaemon.name);
    expect(await other.client.request(shutdownDaemon, {})).toEqual({});
    expect(await other.daemon.stopped).toBeNull();
    await other.close();
    expect([...asked].sort()).toEqual(requests.map(({ name }) => name).sort());
  });
});
