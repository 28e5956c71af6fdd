/** `igla gate checkpoint`, `igla train --init-from` and the bytes for each parameter, as processes. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeSafetensors, encodeSafetensors, type Tensor } from "../../daemon/checkpoint/safetensors.ts";
import { tinyRace, Workspace } from "./igla.ts";

let workspace: Workspace;
/** What `igla train` printed, and the checkpoint that it wrote, relative to the workspace. */
// biome-ignore lint/suspicious/noExplicitAny: the document of a command.
let trained: any;
let checkpoint: string;
const short = ["--steps", "20", "--backend", "cpu"] as const;
const start = (file: string, ...more: string[]) =>
  workspace.json("train", "tiny.igla.toml", ...short, "--init-from", file, ...more);
const read = (name: string) => readFileSync(join(workspace.folder, name));
const trainFolder = () => readdirSync(join(workspace.folder, ".igla", "train"));

/** A copy of the exported model with some tensors or metadata replaced. */
function variant(name: string, tensors: Record<string, Tensor>, metadata: Record<string, string> = {}): string {
  const model = decodeSafetensors(read("model.safetensors"), "model");
  const changed = new Map([...model.tensors, ...Object.entries(tensors)]);
  writeFileSync(join(workspace.folder, name), encodeSafetensors(changed, { ...model.metadata, ...metadata }));
  return name;
}

function mapped(change: (value: number, index: number) => number): Record<string, Tensor> {
  const { tensors } = decodeSafetensors(read("model.safetensors"), "model");
  return Object.fromEntries([...tensors].map(([name, { shape, data }]) => [name, { shape, data: data.map(change) }]));
}

beforeAll(async () => {
  workspace = new Workspace();
  const { code, document } = await workspace.json("train", "tiny.igla.toml", "--backend", "cpu");
  expect(code).toBe(0);
  trained = document;
  checkpoint = join(".igla", "train", basename(trained.checkpoint.path));
  const said = ["--licence", "MIT", "--data-source", "made-up words", "--data-licence", "CC0-1.0"];
  expect((await workspace.run("export", checkpoint, "--out", "model.safetensors", ...said, "--checksum")).code).toBe(0);
  writeFileSync(join(workspace.folder, "cut.safetensors"), read("model.safetensors").subarray(0, 4000));
  writeFileSync(join(workspace.folder, "stub.safetensors"), read("model.safetensors").subarray(0, 100));
  workspace.write("noise.safetensors", "no safetensors file at all");
  workspace.write("empty.safetensors", "");
});
afterAll(() => workspace.close());

describe("igla gate checkpoint", () => {
  const points = ({ parts }: { parts: { part: string; points: number }[] }) =>
    Object.fromEntries(parts.map(({ part, points }) => [part, points]));

  it("an export with its statements and checksum is ship-ready", async () => {
    const { code, document } = await workspace.json("gate", "checkpoint", "model.safetensors");
    expect(code).toBe(0);
    const sha256 = createHash("sha256").update(read("model.safetensors")).digest("hex");
    expect(document).toMatchObject({ file: join(workspace.folder, "model.safetensors"), sha256, shipReady: true });
    // Its code version is a release number.
    expect(document.score).toBe(96);
    expect(points(document)).toEqual({ checksum: 20, structure: 20, provenance: 25, identity: 16, tokenizer: 15 });
    expect(read("model.safetensors.sha256").toString()).toBe(`${sha256}  model.safetensors\n`);
  });

  it("a checkpoint as it was trained is not, and is told what is missing and how to supply it", async () => {
    const { code, document } = await workspace.json("gate", "checkpoint", checkpoint);
    expect([code, document.score, document.shipReady]).toEqual([1, 36, false]);
    expect(points(document)).toEqual({ checksum: 0, structure: 20, provenance: 0, identity: 16, tokenizer: 0 });
    for (const { missing, supply } of document.parts) expect(missing.length > 0).toBe(supply !== null);
    const { code: same, out } = await workspace.run("gate", "checkpoint", checkpoint);
    expect(same).toBe(1);
    expect(out).toMatch(/0 of 25 {2}provenance\n +The metadata has no "licence"\./);
    expect(out).toContain("--licence X --data-source Y --data-licence Z");
    expect(out).toContain("36 of 100: not ship-ready");
  });

  it("a file that is cut off loses its structure, not what its header says", async () => {
    const { code, document } = await workspace.json("gate", "checkpoint", "cut.safetensors");
    expect(code).toBe(1);
    expect(points(document)).toEqual({ checksum: 0, structure: 0, provenance: 25, identity: 16, tokenizer: 15 });
    expect(document.parts[1].missing[0]).toMatch(/tensors need \d+ bytes of data/);
  });

  it("a changed file fails against the published checksum, whatever else that file lists", async () => {
    const { sha256 } = (await workspace.json("gate", "checkpoint", "model.safetensors")).document;
    const other = variant(
      "changed.safetensors",
      mapped((value) => value + 1),
    );
    const checksum = async (text: string) => {
      workspace.write(`${other}.sha256`, text);
      return (await workspace.json("gate", "checkpoint", other)).document.parts[0];
    };
    expect(await checksum(`${sha256}  ${other}\n`)).toMatchObject({ points: 0, missing: [/was published/] });
    const own = createHash("sha256").update(read(other)).digest("hex");
    expect(await checksum(`${sha256}  model.safetensors\n${own} *${other}\r\n`)).toMatchObject({ points: 20 });
    expect(await checksum("")).toMatchObject({ points: 0 });
  });

  it("numbers that are none and a name that belongs to other content are faults of structure", async () => {
    const broken = variant(
      "nan.safetensors",
      mapped((value, i) => (i === 0 ? Number.NaN : value)),
    );
    const { document } = await workspace.json("gate", "checkpoint", broken);
    expect(document.parts[1]).toMatchObject({ part: "structure", points: 0 });
    expect(document.parts[1].missing[0]).toContain('Tensor "embedding" holds values that are not finite.');
    writeFileSync(join(workspace.folder, "m-0123456789abcdef.safetensors"), read("model.safetensors"));
    const renamed = await workspace.json("gate", "checkpoint", "m-0123456789abcdef.safetensors");
    expect(renamed.document.parts[1].missing[0]).toContain("was changed or damaged");
  });

  it("a kind of number that Igla does not read is no fault of structure, but no start either", async () => {
    const header = JSON.stringify({ w: { dtype: "F64", shape: [1], data_offsets: [0, 8] } }).padEnd(64);
    const bytes = Buffer.concat([Buffer.from(BigUint64Array.of(64n).buffer), Buffer.from(header), Buffer.alloc(8)]);
    writeFileSync(join(workspace.folder, "f64.safetensors"), bytes);
    const { code, document } = await workspace.json("gate", "checkpoint", "f64.safetensors");
    expect([code, document.score]).toEqual([1, 20]);
    const begun = await start("f64.safetensors");
    expect([begun.code, begun.document.errors[0].code]).toEqual([2, "checkpoint.unsupported-dtype"]);
  });

  it("no text of a file reaches the terminal as an escape code", async () => {
    const { out } = await workspace.run("gate", "checkpoint", variant("esc.safetensors", {}, { step: "\u001b[2J\n" }));
    expect(out).toContain('"step" says nothing usable: "\u00b7[2J\u00b7"');
    expect(out).not.toContain("\u001b");
  });

  it.each([
    ["a file that is not there", "none.safetensors", "gate.unreadable"],
    ["a folder", ".", "gate.unreadable"],
    ["another kind of file", "noise.safetensors", "checkpoint.malformed"],
    ["an empty file", "empty.safetensors", "checkpoint.malformed"],
    ["a header that is cut off", "stub.safetensors", "checkpoint.malformed"],
  ])("%s cannot be judged: exit code 10", async (_, file, code) => {
    const found = await workspace.json("gate", "checkpoint", file);
    expect([found.code, found.document.errors[0].code]).toEqual([10, code]);
  });
});

describe("igla train --init-from", () => {
  it("starts where the checkpoint ended, and says from which file", async () => {
    const { code, document } = await start(checkpoint);
    expect(code).toBe(0);
    const { initFrom } = document;
    expect(initFrom).toMatchObject({
      file: trained.checkpoint.path,
      sha256: trained.checkpoint.sha256,
      bpb: trained.evaluation.valBpb,
      sameSplit: true,
    });
    expect(initFrom.lossNats).toBeLessThan(initFrom.randomLossNats);
    expect(initFrom.randomBpb).toBeGreaterThan(7.5);
    expect(document.checkpoint.step).toBe(20);
    expect(document.curve.map(({ step }: { step: number }) => step)).toEqual([10, 20]);
    // Better than the same steps from random numbers, by far.
    const random = await workspace.json("train", "tiny.igla.toml", ...short);
    expect(random.document.initFrom).toBeNull();
    expect(document.evaluation.valBpb).toBeLessThan(random.document.evaluation.valBpb - 1);
    expect((await start(checkpoint)).document.checkpoint).toEqual(document.checkpoint);
  });

  it("an exported model gives the same start, and the printed result names it", async () => {
    const { out, code } = await workspace.run("train", "tiny.igla.toml", ...short, "--init-from", "model.safetensors");
    expect(code).toBe(0);
    const sha256 = createHash("sha256").update(read("model.safetensors")).digest("hex");
    expect(out).toContain(`started from ${join(workspace.folder, "model.safetensors")} (${sha256.slice(0, 12)})`);
    expect(out).not.toContain("may have seen");
    const [exported, kept] = [await start("model.safetensors"), await start(checkpoint)];
    expect(exported.document.checkpoint).toEqual(kept.document.checkpoint);
  });

  it("says when the weights may have seen the validation part", async () => {
    const { document } = await start(variant("foreign.safetensors", {}, { corpus_sha256: "00".repeat(32) }));
    expect(document.initFrom.sameSplit).toBe(false);
    const { out } = await workspace.run("train", "tiny.igla.toml", ...short, "--init-from", "foreign.safetensors");
    expect(out).toContain("may have seen this validation part");
  });

  /** Refused before step 1: nothing was trained, and no checkpoint stands for it. */
  async function refusal(file: string, race = "tiny.igla.toml") {
    const before = trainFolder();
    const { code, document } = await workspace.json("train", race, ...short, "--init-from", file);
    expect(code).toBe(2);
    expect(trainFolder()).toEqual(before);
    const [error] = document.errors;
    expect(error.wayOut).not.toBe("");
    return error;
  }

  it("another architecture is refused, and both are named", async () => {
    workspace.write("deep.igla.toml", tinyRace({ name: "deep" }).replace("layers = 1", "layers = 2"));
    const error = await refusal(checkpoint, "deep.igla.toml");
    expect(error.code).toBe("init.refused");
    expect(error.message).toContain(`"layers" is 1 in the metadata of ${checkpoint} and 2 in the race file.`);
    expect(error.message).toContain(`"layers" is 1 in the tensors of ${checkpoint} and 2 in the race file.`);
    workspace.write("heads.igla.toml", tinyRace({ name: "heads" }).replace("heads = 2", "heads = 4"));
    const heads = await refusal(checkpoint, "heads.igla.toml");
    expect(heads.message).toContain(`"heads" is 2 in the metadata of ${checkpoint} and 4 in the race file.`);
  });

  it("a tensor of another shape is refused with both shapes, a missing one and a strange one by name", async () => {
    const wide = variant("wide.safetensors", { "layer0.attention.q": { shape: [1, 4], data: new Float32Array(4) } });
    expect((await refusal(wide)).message).toMatch(
      /"layer0\.attention\.q" is \[1, 4\] in wide\.safetensors and \[16, 16\] in the model\./,
    );
    const strange = variant("strange.safetensors", { bias: { shape: [1], data: new Float32Array(1) } });
    expect((await refusal(strange)).message).toContain('"bias" [1] that the model has not');
    writeFileSync(join(workspace.folder, "bare.safetensors"), encodeSafetensors(new Map(), {}));
    expect((await refusal("bare.safetensors")).message).toContain("holds no model parameters");
  });

  it("weights that know no more than chance are refused, numbers that are none too", async () => {
    const { message } = await refusal(
      variant(
        "chance.safetensors",
        mapped((_, i) => Math.sin(i * 12.9898) * 9),
      ),
    );
    expect(message).toMatch(/know no more of this text than chance: \d+\.\d{4} BPB at step 0, random numbers/);
    expect(
      (
        await refusal(
          variant(
            "none.nan.safetensors",
            mapped(() => Number.NaN),
          ),
        )
      ).code,
    ).toBe("init.refused");
  });

  it.each([
    ["noise.safetensors", "checkpoint.malformed"],
    ["empty.safetensors", "checkpoint.malformed"],
    ["cut.safetensors", "checkpoint.malformed"],
    ["stub.safetensors", "checkpoint.malformed"],
    ["nowhere.safetensors", "checkpoint.missing"],
    [".", "checkpoint.io"],
  ])("%s is refused: %s", async (file, code) => {
    expect((await refusal(file)).code).toBe(code);
  });

  it("a checkpoint whose content is not that of its name is refused", async () => {
    writeFileSync(join(workspace.folder, "x-0123456789abcdef.safetensors"), read("model.safetensors"));
    expect((await refusal("x-0123456789abcdef.safetensors")).code).toBe("checkpoint.hash-mismatch");
  });
});

describe("bytes for each parameter", () => {
  it("igla train says them, starts all the same, and its result carries the zone", async () => {
    const { tokens, parameters } = trained;
    expect(tokens).toMatchObject({
      zone: "degeneration",
      verdict: "forced",
      trainedTokens: 60 * 4 * 16,
      uniqueTokens: 3840,
      repeatedTokens: 0,
      corpusTokens: 34_000,
      isAdvisory: false,
      suggestedSteps: Math.ceil((20 * parameters) / 64),
    });
    expect(tokens.ratio).toBe(3840 / parameters);
    const { err } = await workspace.run("train", "tiny.igla.toml", ...short);
    expect(err).toMatch(/0\.11 bytes a parameter: DEGENERATION \(below 10\); 1,280 bytes, at most 1,280 unique/);
    expect(err).not.toContain("advice only");
  });

  it("--strict-tokens refuses before anything trains, unless the text is repeated", async () => {
    const before = trainFolder();
    const { code, document } = await workspace.json("train", "tiny.igla.toml", ...short, "--strict-tokens");
    expect([code, document.errors[0].code]).toEqual([2, "train.few-tokens"]);
    expect(document.errors[0].message).toContain("0.11 tokens for each parameter: degeneration");
    expect(trainFolder()).toEqual(before);
    const long = await workspace.run(
      "train",
      "tiny.igla.toml",
      "--steps",
      "700",
      "--backend",
      "cpu",
      "--strict-tokens",
    );
    expect(long.code).toBe(0);
    expect(long.err).toContain("at most 34,000 unique, at least 10,800 repeated; advice only");
  });

  it("igla falsify --plan says them of its arms", async () => {
    const plan = ["falsify", "tiny.igla.toml", "--lever", "relu2", "--plan", "--backend", "cpu"] as const;
    const { code, document } = await workspace.json(...plan);
    expect(code).toBe(0);
    expect(document.tokens.off).toMatchObject({ zone: "degeneration", trainedTokens: 3840 });
    expect((await workspace.run(...plan)).err).toMatch(/bytes a parameter: DEGENERATION/);
    expect(existsSync(join(workspace.folder, "assertions"))).toBe(false);
  });
});
