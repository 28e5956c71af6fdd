/** The trainer: groups, rungs, checkpoints, pauses, divergence, and failures that say what to do. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { locateCorpus } from "../../daemon/data/locate.ts";
import { sha256Hex } from "../../daemon/data/tag.ts";
import type { Backend } from "../../daemon/engine/backend.ts";
import type { CheckpointRef } from "../../daemon/protocol/artifacts.ts";
import type { CorpusPin } from "../../daemon/protocol/events.ts";
import type { TrialSpec } from "../../daemon/protocol/trial.ts";
import type { LaneJob, TrainerCommand, TrainerEvent } from "../../daemon/train/messages.ts";
import { Trainer } from "../../daemon/train/trainer.ts";
import { cpuBackend } from "../fixtures/backend.ts";
import { syntheticCorpus, tinySpec } from "../fixtures/specs.ts";

const STEPS = 30;
const REPORT_EVERY = 8;

let backend: Backend;
let folder: string;
let events: TrainerEvent[];
let trainer: Trainer;

beforeAll(async () => {
  backend = await cpuBackend();
  folder = await mkdtemp(join(tmpdir(), "igla-group-"));
  await writeFile(join(folder, "corpus.txt"), syntheticCorpus(6000));
});
afterAll(async () => {
  await backend.dispose();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => {
  events = [];
  trainer = newTrainer((event) => events.push(event));
});

function newTrainer(emit: (event: TrainerEvent) => void): Trainer {
  return new Trainer({
    backend,
    checkpointFolder: folder,
    codeVersion: "test",
    emit,
    now: () => performance.now(),
    locate: (corpus, raceFolder) =>
      locateCorpus({ corpus, raceFolder, env: {}, platform: process.platform, standInPath: null }),
  });
}

function spec(seed: number, changes: Parameters<typeof tinySpec>[0] = {}): TrialSpec {
  return tinySpec({
    data: { corpus: "corpus.txt" },
    model: { width: 16, context: 16 },
    schedule: { steps: STEPS, warmup: 2 },
    levers: { dropout: { rate: 0.1 }, ema: { decay: 0.9 } },
    seed,
    ...changes,
  });
}

const job = (id: string, toStep: number, from: CheckpointRef | null = null, changed?: TrialSpec): LaneJob => ({
  trialId: id,
  spec: changed ?? spec(Number(id)),
  from,
  toStep,
});

function runGroup(jobs: readonly LaneJob[], checkpointEverySec = 3600, corpus: CorpusPin | null = null): Promise<void> {
  const command: TrainerCommand = {
    kind: "run-group",
    groupId: "g",
    raceFolder: folder,
    corpus,
    jobs,
    reportEvery: REPORT_EVERY,
    checkpointEverySec,
  };
  return trainer.handle(command);
}

const ofKind = <K extends TrainerEvent["kind"]>(kind: K) =>
  events.filter((event): event is Extract<TrainerEvent, { kind: K }> => event.kind === kind);
const curve = (id: string) =>
  ofKind("progress").flatMap(({ points }) => points.filter((p) => p.trialId === id).map((p) => p.point));
const finished = (id: string) => ofKind("lane-finished").find((event) => event.trialId === id);

describe("a group", () => {
  it("reports points at multiples of the interval and at the rung, and evaluates there", async () => {
    await runGroup([job("1", STEPS), job("2", STEPS)]);
    expect(curve("1").map(({ step }) => step)).toEqual([8, 16, 24, 30]);
    expect(finished("1")?.checkpoint.step).toBe(STEPS);
    expect(finished("1")?.evaluation.bytes).toBe(300);
    expect(finished("1")?.evaluation.valBpb).not.toBe(finished("2")?.evaluation.valBpb);
    expect(events.at(-1)).toEqual({ kind: "group-done", groupId: "g" });
  });

  it("gives the same points and evaluation over rungs, in mixed company and from safety checkpoints", async () => {
    await runGroup([job("1", STEPS)]);
    const whole = { curve: curve("1"), evaluation: finished("1")?.evaluation };

    events.length = 0;
    // Rung at a step that is no multiple of the interval would cut a point: use one that is.
    await runGroup([job("1", 16), job("2", 16)], 0);
    const safety = ofKind("checkpoint").find(({ trialId }) => trialId === "1")?.checkpoint;
    expect(safety?.step).toBe(8);
    const firstHalf = curve("1");
    const rung = finished("1")?.checkpoint as CheckpointRef;

    events.length = 0;
    await runGroup([job("3", 5), job("1", STEPS, rung), job("4", 11)]);
    expect([...firstHalf, ...curve("1")]).toEqual(whole.curve);
    expect(finished("1")?.evaluation).toEqual(whole.evaluation);
    expect(finished("3")?.checkpoint.step).toBe(5);

    events.length = 0;
    await runGroup([job("1", STEPS, safety as CheckpointRef)]);
    expect(curve("1")).toEqual(whole.curve.slice(1));
    expect(finished("1")?.checkpoint).toEqual((await repeat("1")).checkpoint);
  });

  /** The same trial uninterrupted in a trainer of its own. */
  async function repeat(id: string): Promise<Extract<TrainerEvent, { kind: "lane-finished" }>> {
    const own: TrainerEvent[] = [];
    const other = newTrainer((event) => own.push(event));
    const jobs = [job(id, STEPS)];
    await other.handle({
      kind: "run-group",
      groupId: "r",
      raceFolder: folder,
      corpus: null,
      jobs,
      reportEvery: REPORT_EVERY,
      checkpointEverySec: 3600,
    });
    return own.find((event) => event.kind === "lane-finished") as Extract<TrainerEvent, { kind: "lane-finished" }>;
  }

  it("lets a paused trial leave at a border with a checkpoint; the others go on", async () => {
    const running = runGroup([job("1", STEPS), job("2", STEPS)]);
    await trainer.handle({ kind: "pause-lanes", groupId: "g", trialIds: ["2"] });
    await running;
    const [paused] = ofKind("lane-paused");
    expect(paused?.trialId).toBe("2");
    expect((paused?.checkpoint.step ?? 0) % REPORT_EVERY).toBe(0);
    expect(finished("1")).toBeDefined();
    expect(finished("2")).toBeUndefined();

    events.length = 0;
    await runGroup([job("2", STEPS, paused?.checkpoint ?? null)]);
    const resumed = finished("2")?.checkpoint;
    expect(resumed).toEqual((await repeat("2")).checkpoint);
  });

  it("reports a diverging trial as a state and keeps the others' numbers", async () => {
    await runGroup([job("1", STEPS)]);
    const alone = finished("1");
    events.length = 0;
    const wild = spec(2, { optimizer: { lr: 1e25, clip_norm: 0 } });
    await runGroup([job("2", STEPS, null, wild), job("1", STEPS)]);
    const [diverged] = ofKind("lane-diverged");
    expect(diverged?.trialId).toBe("2");
    expect(diverged?.step).toBeGreaterThan(0);
    expect(finished("1")).toEqual(alone);
  });
});

/** Writes a corpus and binds a race to it. */
async function pin(file: string, text: Uint8Array): Promise<CorpusPin> {
  const path = join(folder, file);
  await writeFile(path, text);
  return { path, sha256: sha256Hex(text), name: "tinyshakespeare", origin: "IGLA_DATA" };
}

describe("a pinned corpus", () => {
  it("is read in place of what the configuration names, under its name and origin", async () => {
    const corpus = await pin("pinned.txt", syntheticCorpus(7000));
    await runGroup([job("1", 8, null, spec(1, { data: { corpus: "absent.txt" } }))], 3600, corpus);
    const { path: _, ...tag } = corpus;
    expect(ofKind("group-started")[0]?.corpus).toEqual({ ...tag, bytes: 7000, tag: "ascii" });
    expect(finished("1")).toBeDefined();
  });

  it("is refused when its content is another or it is gone", async () => {
    const corpus = await pin("changed.txt", syntheticCorpus(7000));
    await writeFile(corpus.path, syntheticCorpus(7001));
    await runGroup([job("1", 8)], 3600, corpus);
    await rm(corpus.path);
    await runGroup([job("1", 8)], 3600, corpus);
    expect(ofKind("group-failed")).toMatchObject([
      { code: "corpus.changed", retry: false },
      { code: "data.missing-corpus", retry: false },
    ]);
    expect(finished("1")).toBeUndefined();
  });
});

describe("a group that cannot run", () => {
  const failure = () => ofKind("group-failed")[0];

  it("names a missing corpus and the way out", async () => {
    await runGroup([job("1", STEPS, null, spec(1, { data: { corpus: "absent.txt" } }))]);
    expect(failure()).toMatchObject({ code: "data.missing-corpus", retry: false });
    expect(failure()?.message).toContain("absent.txt");
  });

  it("names a context that is longer than a split", async () => {
    await runGroup([job("1", STEPS, null, spec(1, { model: { width: 16, context: 400 } }))]);
    expect(failure()).toMatchObject({ code: "data.split-too-short", retry: false });
  });

  it("refuses a corpus whose validation part occurs in train", async () => {
    const text = syntheticCorpus(3000);
    await writeFile(join(folder, "leak.txt"), Buffer.concat([text, text]));
    await runGroup([job("1", STEPS, null, spec(1, { data: { corpus: "leak.txt" } }))]);
    expect(failure()).toMatchObject({ code: "data.leak", retry: false });
  });

  it("refuses a changed checkpoint and a checkpoint of another configuration", async () => {
    await runGroup([job("1", 8)]);
    const ref = finished("1")?.checkpoint as CheckpointRef;
    events.length = 0;
    await runGroup([job("1", STEPS, ref, spec(1, { optimizer: { lr: 0.004 } }))]);
    expect(failure()?.message).toContain("another configuration");

    const path = join(folder, ref.file);
    const bytes = await readFile(path);
    bytes[bytes.length - 5] = (bytes[bytes.length - 5] ?? 0) ^ 1;
    await writeFile(path, bytes);
    events.length = 0;
    await runGroup([job("1", STEPS, ref)]);
    expect(failure()).toMatchObject({ code: "checkpoint.hash-mismatch", retry: true, trialId: "1" });
  });

  it("refuses a checkpoint of another corpus", async () => {
    await runGroup([job("1", 8)]);
    const ref = finished("1")?.checkpoint as CheckpointRef;
    events.length = 0;
    await runGroup([job("1", STEPS, ref)], 3600, await pin("other.txt", syntheticCorpus(6001)));
    expect(failure()).toMatchObject({ code: "checkpoint.malformed", trialId: "1" });
    expect(failure()?.message).toContain("another corpus");
    expect(finished("1")).toBeUndefined();
  });

  it("goes on with the next group after a failure", async () => {
    await runGroup([job("1", STEPS, null, spec(1, { data: { corpus: "absent.txt" } }))]);
    await runGroup([job("1", 8)]);
    expect(finished("1")?.checkpoint.step).toBe(8);
  });
});
