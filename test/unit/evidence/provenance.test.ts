/** What a checkpoint says about itself, and whether a model may start from it. */
import { describe, expect, it } from "vitest";
import { formatRatio, judgeTokenBudget, tokenBudget } from "../../../daemon/evidence/chinchilla.ts";
import { type CheckpointFacts, scoreCheckpoint } from "../../../daemon/evidence/provenance/checkpoint-score.ts";
import {
  type InitInput,
  inferredArchitecture,
  initFaults,
  isBetterThanRandom,
  statedArchitecture,
} from "../../../daemon/evidence/provenance/init-from.ts";

const sha = "ab".repeat(32);
const whole: CheckpointFacts = {
  publishedSha256: sha,
  foundSha256: sha,
  structureFaults: [],
  tensorCount: 3,
  metadata: {
    arch: '{"model":{"family":"attn"}}',
    config_hash: sha,
    corpus_sha256: sha,
    code_version: "abcdef0",
    step: "1000",
    licence: "MIT",
    data_source: "TinyShakespeare",
    data_licence: "public domain",
    tokenizer: "bytes",
  },
};
const without = (key: string): CheckpointFacts => ({
  ...whole,
  metadata: Object.fromEntries(Object.entries(whole.metadata).filter(([name]) => name !== key)),
});
const withField = (key: string, value: string): CheckpointFacts => ({
  ...whole,
  metadata: { ...whole.metadata, [key]: value },
});

describe("checkpoint score", () => {
  it("has a hundred points in five parts", () => {
    const { score, isShipReady, parts } = scoreCheckpoint(whole);
    expect([score, isShipReady]).toEqual([100, true]);
    expect(parts.map(({ part, points, outOf }) => [part, points, outOf])).toEqual([
      ["checksum", 20, 20],
      ["structure", 20, 20],
      ["provenance", 25, 25],
      ["identity", 20, 20],
      ["tokenizer", 15, 15],
    ]);
  });
  it.each([
    ["no checksum", { ...whole, publishedSha256: null }, 80],
    ["another checksum", { ...whole, publishedSha256: "cd".repeat(32) }, 80],
    ["a checksum that is none", { ...whole, publishedSha256: "abc", foundSha256: "abc" }, 80],
    ["a checksum in capitals", { ...whole, publishedSha256: sha.toUpperCase() }, 100],
    ["a broken format", { ...whole, structureFaults: ["A tensor overlaps another."] }, 80],
    ["no tensors", { ...whole, tensorCount: 0 }, 80],
    ["no licence", without("licence"), 91],
    ["no data source", without("data_source"), 92],
    ["no data licence", without("data_licence"), 92],
    ["a place holder for a licence", withField("licence", " TODO "), 91],
    ["no architecture", without("arch"), 96],
    ["an architecture in prose", withField("arch", "a small one"), 96],
    ["a short corpus hash", withField("corpus_sha256", "86c4e6aa9db7"), 96],
    ["no step", without("step"), 96],
    ["a step that is no count", withField("step", "-1"), 96],
    ["another tokenizer without its hash", withField("tokenizer", "bpe-8k"), 93],
    ["no tokenizer", without("tokenizer"), 85],
  ] as const)("%s", (_, facts, points) => {
    const found = scoreCheckpoint(facts);
    expect([found.score, found.isShipReady]).toEqual([points, points >= 90]);
    expect(found.parts.flatMap(({ missing }) => missing).length === 0).toBe(points === 100);
  });
  it("reads no field that the metadata inherits", () => {
    const inherited: CheckpointFacts = { ...whole, metadata: Object.create(whole.metadata) };
    expect(scoreCheckpoint(inherited).parts.find(({ part }) => part === "identity")?.points).toBe(0);
  });
});

const parameters = new Map<string, readonly number[]>([
  ["embedding", [256, 64]],
  ["layer0.attention.q", [64, 64]],
  ["layer1.attention.q", [64, 64]],
]);
const input = (more: Partial<InitInput> = {}): InitInput => ({
  place: "old.safetensors",
  arch: '{"model":{"family":"attn","layers":2,"width":64}}',
  tensors: parameters,
  wanted: { architecture: { family: "attn", layers: 2, width: 64, heads: 4 }, parameters },
  ...more,
});
const changed = (name: string, shape: readonly number[] | null) => {
  const copy = new Map(parameters);
  if (shape === null) copy.delete(name);
  else copy.set(name, shape);
  return copy;
};
const codes = (more: Partial<InitInput>) => initFaults(input(more)).map(({ code }) => code);

describe("init from a checkpoint", () => {
  it("the same model, exported or as a checkpoint, with or without metadata", () => {
    expect(initFaults(input())).toEqual([]);
    const parts = new Map([...parameters].map(([name, shape]) => [`param/${name}`, shape]));
    parts.set("optim/embedding.m", [256, 64]).set("lane/step", [1]);
    expect(codes({ tensors: parts })).toEqual([]);
    expect(codes({ arch: null })).toEqual([]);
    expect(codes({ arch: "prose" })).toEqual([]);
  });
  it("metadata that contradicts its tensors is named with both", () => {
    const [fault, ...others] = initFaults(input({ arch: '{"model":{"family":"attn","layers":3,"width":64}}' }));
    expect(fault).toMatchObject({
      code: "metadata-contradicts-tensors",
      message: '"layers" is 3 in the metadata of old.safetensors and 2 in the tensors of old.safetensors.',
    });
    expect(others.map(({ code }) => code)).toEqual(["architecture-differs"]);
    expect(codes({ arch: '{"family":"nca","layers":2,"width":64}' })).toContain("metadata-contradicts-tensors");
  });
  it("another model, a shape, a tensor too few and one too many are each refused", () => {
    const other = { architecture: { family: "attn", layers: 2, width: 128, heads: 4 }, parameters };
    expect(codes({ wanted: other })).toEqual(["architecture-differs", "architecture-differs"]);
    const transposed = initFaults(input({ tensors: changed("layer1.attention.q", [64, 32]) }));
    expect(transposed).toEqual([
      {
        code: "shape-differs",
        message: '"layer1.attention.q" is [64, 32] in old.safetensors and [64, 64] in the model.',
      },
    ]);
    expect(codes({ tensors: changed("layer0.attention.q", null), arch: null })).toEqual(["missing-tensor"]);
    expect(codes({ tensors: changed("layer1.gain", [64]) })).toEqual(["unknown-tensor"]);
    expect(codes({ tensors: changed("optim/stray", [64]) })).toEqual(["unknown-tensor"]);
    expect(codes({ tensors: changed("layer1.attention.q", [64, 64, 1]) })).toEqual(["shape-differs"]);
    expect(codes({ tensors: changed("layer1.attention.q", [64]) })).toEqual(["shape-differs"]);
  });
  it("another number of heads, which no shape shows, is refused where the metadata tells it", () => {
    const [fault, ...others] = initFaults(input({ arch: '{"model":{"family":"attn","heads":8}}' }));
    expect(fault).toEqual({
      code: "architecture-differs",
      message: '"heads" is 8 in the metadata of old.safetensors and 4 in the race file.',
    });
    expect(others).toEqual([]);
  });
  it("optimiser state alone is no model", () => {
    expect(codes({ tensors: new Map() })).toEqual(["no-parameters"]);
    expect(codes({ tensors: new Map([["optim/embedding.m", [256, 64]]]) })).toEqual(["no-parameters"]);
  });
  it("what is not known is not guessed", () => {
    expect(statedArchitecture('["attn"]')).toEqual({ family: null, layers: null, width: null, heads: null });
    expect(statedArchitecture('{"model":{"family":7,"layers":"2","width":1.5}}')).toEqual({
      family: null,
      layers: null,
      width: null,
      heads: null,
    });
    expect(inferredArchitecture(new Map([["table", [256, 64]]]))).toEqual({
      family: null,
      layers: null,
      width: null,
      heads: null,
    });
  });
  it("a start must be better than chance", () => {
    expect([
      isBetterThanRandom(5.4, 5.5),
      isBetterThanRandom(5.5, 5.5),
      isBetterThanRandom(Number.NaN, 5.5),
      isBetterThanRandom(1, Number.POSITIVE_INFINITY),
    ]).toEqual([true, false, false, false]);
  });
});

describe("the gate of tokens for each parameter", () => {
  const run = { batch: 10, sequence: 100, parameters: 1000, corpusTokens: 1e9 };
  const gate = (steps: number, isForced: boolean, corpusTokens = 1e9) =>
    judgeTokenBudget(tokenBudget({ ...run, steps, corpusTokens }), isForced);
  it("passes from 20 on, and below it only by force, which is said with the zone", () => {
    expect(gate(20, false).verdict).toBe("pass");
    expect(gate(19, false)).toMatchObject({ verdict: "refused", message: expect.stringContaining("20 steps") });
    expect(gate(9, true)).toMatchObject({ verdict: "forced", message: expect.stringContaining("degeneration") });
    expect(gate(15, true).message).toContain("plateau");
  });
  it("only advises where the corpus is repeated", () => {
    expect(gate(9, false, 5000).verdict).toBe("advice");
    expect(gate(5, false, 5000).verdict).toBe("refused");
  });
  it("a ratio below a border is never shown as the border", () => {
    expect([19.9999, 20, 9.999, 0.004].map(formatRatio)).toEqual(["19.99", "20.00", "9.99", "0.00"]);
    const almost = tokenBudget({ ...run, steps: 19_999, parameters: 1_000_000 });
    expect(judgeTokenBudget(almost, true).message).toContain("19.99 tokens for each parameter: plateau");
  });
  it("no number at all is not sound", () => {
    expect(tokenBudget({ ...run, steps: 0, parameters: 0 }).zone).toBe("degeneration");
  });
});
