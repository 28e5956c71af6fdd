import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeSafetensors } from "../../daemon/checkpoint/safetensors.ts";
import { tinyRace, Workspace } from "./igla.ts";

let workspace: Workspace;
beforeAll(() => {
  workspace = new Workspace();
});
afterAll(() => workspace.close());

describe("igla race and what follows from it", () => {
  // biome-ignore lint/suspicious/noExplicitAny: a JSON document.
  let raced: any;

  it("ends with a leaderboard as one JSON document, progress on stderr", async () => {
    const { code, out, err } = await workspace.run("race", "tiny.igla.toml", "--json");
    raced = JSON.parse(out);
    expect(code).toBe(0);
    expect(raced).toMatchObject({
      raceId: "r1",
      name: "tiny",
      status: "finished",
      end: "over",
      trainedSteps: 6 * 20 + 3 * 40,
    });
    expect(raced.corpus).toMatchObject({ name: "text", bytes: 40_000, tag: "ascii", origin: "config path" });
    const bpb: number[] = raced.rows.map((row: { valBpb: number }) => row.valBpb);
    expect(bpb).toHaveLength(6);
    expect(bpb).toEqual(bpb.toSorted((a, b) => a - b));
    expect(raced.best).toMatchObject({ trialId: raced.rows[0].trialId, valBpb: bpb[0] });
    // The text is eight words in random order: no model gets below log2(8) bits a word of eight bytes.
    expect(bpb.every((value) => value > 0.3 && value < 8)).toBe(true);
    expect(err).toContain("corpus text");
    expect(err).toContain("BPB");
    expect(err).not.toContain("\u001b");
  });

  it("shows the same leaderboard with the daemon and without it", async () => {
    const withDaemon = await workspace.json("leaderboard");
    const words = (await workspace.run("leaderboard")).out;
    expect((await workspace.json("daemon", "stop")).document).toEqual({ stopped: true });
    expect((await workspace.json("daemon", "status")).code).toBe(1);
    const without = await workspace.json("leaderboard");
    expect(without).toEqual(withDaemon);
    expect(without.document.rows).toEqual(raced.rows);
    // In the words of the race's own report: nothing is paused that will never go on.
    expect(words.match(/\b(completed|not promoted|paused)\b/g)?.sort()).toEqual([
      ...Array(3).fill("completed"),
      ...Array(3).fill("not promoted"),
    ]);
    expect((await workspace.run("leaderboard")).out).toBe(words);
    const { out } = await workspace.run("leaderboard", "--limit", "2", "--race", "r1");
    expect(out.split("\n")[0]).toContain("split three-way · chunked");
    expect(out).toContain(raced.best.trialId);
    expect(out.trimEnd().split("\n")).toHaveLength(4);
  });

  it("leaves quietly when the reader of a pipe has gone", async () => {
    const { child, finished } = workspace.start("leaderboard");
    child.stdout?.destroy();
    const { code, err } = await finished;
    expect(err).toBe("");
    expect(code).toBe(1);
  });

  it("tells the state of the workspace", async () => {
    const { document } = await workspace.json("status");
    expect(document.daemon).toBeNull();
    expect(document.races).toMatchObject([
      { raceId: "r1", status: "finished", fraction: 1, trials: { completed: 3, paused: 3 } },
    ]);
    expect((await workspace.run("status")).out).toContain("r1    finished  100%");
  });

  it("samples the same text for the same seed, and another for another", async () => {
    const sample = async (...more: string[]) =>
      (await workspace.json("sample", raced.best.trialId, "--bytes", "60", ...more)).document.text;
    const text = await sample();
    expect(Buffer.byteLength(text)).toBeGreaterThanOrEqual(60);
    expect(await sample()).toBe(text);
    expect(await sample("--seed", "2")).not.toBe(text);
    const { out } = await workspace.run("sample", raced.best.trialId, "--bytes", "60");
    expect(out).toBe(`${text}\n`);
  });

  it("exports the parameters that the race counted", async () => {
    const { code, document } = await workspace.json("export", raced.best.trialId, "--out", "best.safetensors");
    expect(code).toBe(0);
    const path = join(workspace.folder, "best.safetensors");
    const { tensors, metadata } = decodeSafetensors(readFileSync(path), path);
    const count = [...tensors.values()].reduce((sum, { data }) => sum + data.length, 0);
    expect(count).toBe(raced.parameters);
    expect(tensors.size).toBe(document.tensors);
    const sampled = await workspace.json("sample", "best.safetensors");
    expect(sampled.code).toBe(1);
    expect(sampled.document.errors[0]).toMatchObject({
      code: "checkpoint.other-format",
      message: expect.stringContaining('safetensors file with the format "igla-model/1", not a checkpoint'),
      wayOut: expect.stringContaining("Name a trial, or a checkpoint"),
    });
    expect(metadata).toMatchObject({ step: "60", corpus_sha256: raced.corpus.sha256 });
  });

  it("runs the same race again to the same numbers", async () => {
    const { document } = await workspace.json("race", "tiny.igla.toml");
    expect(document.raceId).toBe("r2");
    const results = (rows: { valBpb: number; step: number }[]) => rows.map(({ valBpb, step }) => ({ valBpb, step }));
    expect(results(document.rows)).toEqual(results(raced.rows));
  });
});

describe("igla train", () => {
  it("gives the same curve twice, a model file, and another curve for another seed", async () => {
    const first = await workspace.json("train", "tiny.igla.toml", "--steps", "40");
    const second = await workspace.json("train", "tiny.igla.toml", "--steps", "40");
    const third = await workspace.json("train", "tiny.igla.toml", "--steps", "40", "--seed", "7");
    expect(first.code).toBe(0);
    expect(first.document.curve.map(({ step }: { step: number }) => step)).toEqual([10, 20, 30, 40]);
    expect(second.document.curve).toEqual(first.document.curve);
    expect(second.document.checkpoint).toEqual(first.document.checkpoint);
    expect(third.document.curve).not.toEqual(first.document.curve);
    expect(first.document.evaluation).toMatchObject({ bytes: 2000, protocol: "chunked" });
    const sampled = await workspace.json("sample", first.document.checkpoint.path, "--bytes", "20");
    expect(sampled.document).toMatchObject({ step: 40, trialId: "tiny-seed1" });
  });
});

describe("leaving a race", () => {
  it("Ctrl-C leaves it to the daemon, the same command takes it up, --stop-on-exit ends it", async () => {
    workspace.write("long.igla.toml", tinyRace({ name: "long", steps: 100_000 }));
    const first = workspace.start("race", "long.igla.toml");
    await first.untilErr("BPB");
    first.child.kill("SIGINT");
    const left = await first.finished;
    expect(left.code).toBe(130);
    expect(left.err).toContain("goes on in the background");
    const { document } = await workspace.json("status");
    expect(document.races.at(-1)).toMatchObject({ raceId: "r3", name: "long", status: "running" });

    const second = workspace.start("race", "long.igla.toml", "--stop-on-exit", "--json");
    await second.untilErr("race r3 goes on where it was");
    second.child.kill("SIGINT");
    const stopped = await second.finished;
    expect(stopped.code).toBe(130);
    expect(JSON.parse(stopped.out)).toMatchObject({ raceId: "r3", status: "stopped", end: "stopped" });
  });

  it("goes on by itself when the daemon is killed", async () => {
    workspace.write("killed.igla.toml", tinyRace({ name: "killed", steps: 400 }));
    const running = workspace.start("race", "killed.igla.toml", "--json");
    await running.untilErr("BPB");
    process.kill(await workspace.daemonPid(), "SIGKILL");
    const { code, out, err } = await running.finished;
    expect(err).toContain("the daemon is gone; starting it again");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ name: "killed", status: "finished", trainedSteps: 6 * 20 + 3 * 380 });
  });
});
