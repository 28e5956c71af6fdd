import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Checkpoint, readCheckpoint, writeCheckpoint } from "../../daemon/checkpoint/checkpoint.ts";
import { ioError } from "../../daemon/checkpoint/error.ts";
import { exportModel } from "../../daemon/checkpoint/export.ts";
import { decodeSafetensors, type Tensor } from "../../daemon/checkpoint/safetensors.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "igla-checkpoint-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const code = (value: string) => expect.objectContaining({ code: value });

function sample(step = 300): Checkpoint {
  const vector = (...values: number[]) => ({ shape: [values.length], data: Float32Array.from(values) });
  return {
    metadata: {
      trialId: "t/1 ü",
      arch: '{"family":"attn"}',
      configHash: "c0ffee",
      corpusSha256: "86c4",
      codeVersion: "0.1.0",
      step,
    },
    params: new Map([
      ["blocks.0.mlp/up", vector(0.1, -0, Number.NaN)],
      ["wte", vector(1, 2)],
    ]),
    optimizer: new Map([["wte.m", vector(3, 4)]]),
    lane: new Map<string, Tensor>([
      ["state", { shape: [4], data: Uint32Array.of(step, 43, 0, 0) }],
      ["schedule", vector(0.5, 0.9)],
    ]),
  };
}

describe("checkpoint", () => {
  it("gives back exactly what was written, under a name with the content hash", async () => {
    const ref = await writeCheckpoint(folder, sample());
    expect(ref).toMatchObject({ step: 300, bytes: readFileSync(join(folder, ref.file)).length });
    expect(ref.file).toBe(`t_1_-s300-${ref.sha256.slice(0, 16)}.safetensors`);
    expect(await readCheckpoint(folder, ref)).toEqual(sample());
  });

  it("writes the same file for the same content and leaves no temporary one", async () => {
    const first = await writeCheckpoint(folder, sample());
    expect(await writeCheckpoint(folder, sample())).toEqual(first);
    expect((await writeCheckpoint(folder, sample(301))).file).not.toBe(first.file);
    expect(readdirSync(folder)).toHaveLength(2);
  });

  it("makes the folder", async () => {
    const ref = await writeCheckpoint(join(folder, "a/b"), sample());
    expect(readdirSync(join(folder, "a/b"))).toEqual([ref.file]);
  });

  it("refuses one changed bit anywhere", async () => {
    const ref = await writeCheckpoint(folder, sample());
    const path = join(folder, ref.file);
    const good = readFileSync(path);
    for (const at of [0, 40, good.length - 1]) {
      const bad = Buffer.from(good);
      bad[at] = (bad[at] as number) ^ 1;
      writeFileSync(path, bad);
      await expect(readCheckpoint(folder, ref)).rejects.toThrow(code("checkpoint.hash-mismatch"));
    }
    writeFileSync(path, good.subarray(0, -1));
    await expect(readCheckpoint(folder, ref)).rejects.toThrow(code("checkpoint.hash-mismatch"));
  });

  it("says that a file is gone", async () => {
    const ref = await writeCheckpoint(folder, sample());
    rmSync(join(folder, ref.file));
    await expect(readCheckpoint(folder, ref)).rejects.toThrow(code("checkpoint.missing"));
  });

  it("fails with a code where no folder can be", async () => {
    writeFileSync(join(folder, "file"), "");
    await expect(writeCheckpoint(join(folder, "file/checkpoints"), sample())).rejects.toThrow(code("checkpoint.io"));
  });

  it("clears the temporary file when the last step fails", async () => {
    const ref = await writeCheckpoint(folder, sample());
    rmSync(join(folder, ref.file));
    mkdirSync(join(folder, ref.file, "in the way"), { recursive: true });
    await expect(writeCheckpoint(folder, sample())).rejects.toThrow(
      expect.objectContaining({ place: join(folder, ref.file) }),
    );
    expect(readdirSync(folder)).toEqual([ref.file]);
  });

  it.each([
    ["ENOSPC", "checkpoint.disk-full"],
    ["EDQUOT", "checkpoint.disk-full"],
    ["EROFS", "checkpoint.read-only"],
    ["EACCES", "checkpoint.read-only"],
    ["EIO", "checkpoint.io"],
  ])("turns %s into %s", (errno, expected) => {
    const error = ioError("/x", Object.assign(new Error(errno), { code: errno }));
    expect(error).toMatchObject({ code: expected, place: "/x" });
    expect(error.wayOut).not.toBe("");
  });

  it("exports the parameters alone", async () => {
    const out = join(folder, "model.safetensors");
    const { metadata: of, params } = sample();
    expect(await exportModel(out, { metadata: of, parameters: params, weights: "ema" })).toMatchObject({ tensors: 2 });
    const { tensors, metadata } = decodeSafetensors(readFileSync(out), out);
    expect([...tensors.keys()]).toEqual(["blocks.0.mlp/up", "wte"]);
    expect(metadata).toMatchObject({ step: "300", weights: "ema", arch: '{"family":"attn"}' });
  });

  it("stands whole or not at all after kill -9 in the middle of writing", async () => {
    const script = `
      import { writeCheckpoint } from ${JSON.stringify(new URL("../../daemon/checkpoint/checkpoint.ts", import.meta.url).href)};
      const data = new Float32Array(2_000_000);
      const metadata = { trialId: "t", arch: "{}", configHash: "", corpusSha256: "", codeVersion: "" };
      for (let step = 1; ; step++) {
        data.fill(step);
        const params = new Map([["w", { shape: [data.length], data }]]);
        const ref = await writeCheckpoint(process.argv[1], { metadata: { ...metadata, step }, params, optimizer: new Map(), lane: new Map() });
        process.stdout.write(JSON.stringify(ref) + "\\n");
      }`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script, folder], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let lines = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      // The third one is written: the fourth is on its way.
      lines += text;
      if (lines.split("\n").length > 3) setTimeout(() => child.kill("SIGKILL"), 20);
    });
    await new Promise((done) => child.on("close", done));
    const refs = lines
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line));
    for (const ref of refs) await readCheckpoint(folder, ref);
    for (const file of readdirSync(folder).filter((name) => !name.endsWith(".tmp"))) {
      expect(() => decodeSafetensors(readFileSync(join(folder, file)), file)).not.toThrow();
    }
  });
});
