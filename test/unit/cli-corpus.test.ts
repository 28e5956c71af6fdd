import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { assertWritable } from "../../daemon/checkpoint/writable.ts";
import { fittingSplits } from "../../daemon/cli/corpus-fit.ts";
import { leakLine } from "../../daemon/cli/corpus-step.ts";
import { parseRaceText } from "../../daemon/cli/race-file.ts";
import { pinOf } from "../../daemon/data/pinned.ts";
import { splitRanges } from "../../daemon/data/splits.ts";
import type { CorpusTag } from "../../daemon/protocol/artifacts.ts";

const tag: CorpusTag = { name: "text", sha256: "ab".repeat(32), bytes: 10_000, tag: "ascii", origin: "IGLA_DATA" };

function file(space: string) {
  const text = `
[schedule]
warmup = 2
[race]
max_trials = 2
rungs = [{ steps = 10, keep = "1/2" }, { steps = 20 }]
${space}
[space."optimizer.lr"]
log = [0.001, 0.03]
`;
  return parseRaceText(text, "/w/long.igla.toml");
}

const contexts = (domain: string) => file(`[space."model.context"]\n${domain}`);

describe("the corpus lines", () => {
  it("show both leak rates of every part", () => {
    const line = leakLine([
      { part: "validation", rate64: 0.00042, rate13: 0.0688, copyAt: null, refused: false },
      { part: "test", rate64: 0, rate13: 0.071, copyAt: null, refused: false },
    ]);
    expect(line.join("").trim()).toBe(
      "train passages repeated in validation: 64-byte 0.04 %, 13-byte 6.9 %; in test: 64-byte 0.00 %, 13-byte 7.1 %",
    );
  });

  it("and the race speak of the same file", () => {
    const located = { path: "/data/text.txt", bytes: new Uint8Array(0), tag, reasons: [] };
    const { name, sha256, origin } = tag;
    expect(pinOf(located)).toEqual({ path: "/data/text.txt", name, sha256, origin });
  });
});

describe("the contexts of a space", () => {
  it("are all tried: those that do not fit are named with the split and its bytes", () => {
    // Validation has 500 bytes.
    const refused = (domain: string, values: RegExp) =>
      expect(() => fittingSplits(contexts(domain), tag, "race")).toThrow(
        expect.objectContaining({
          code: "data.split-too-short",
          place: '/w/long.igla.toml, [space."model.context"]',
          message: expect.stringMatching(values),
        }),
      );
    refused("choice = [64, 1024, 501]", /validation part .* has 500 bytes, .*context length of 501\. .*: 501, 1024\.$/);
    refused("int = [499, 502]", /: 501, 502\.$/);
    expect(fittingSplits(contexts("choice = [64, 500]"), tag, "race")).toEqual(splitRanges("three-way", 10_000));
  });

  it("do not matter to a single training, and the file's own context only where the space leaves it alone", () => {
    const long = contexts("choice = [64, 1024]");
    expect(() => fittingSplits(long, tag, "trial")).not.toThrow();
    expect(() => fittingSplits(long, tag, "race")).toThrow();
    const small = { ...tag, bytes: 1000 };
    expect(() => fittingSplits(file(""), small, "race")).toThrow(/context length of 64/);
    expect(() => fittingSplits(contexts("choice = [16, 50]"), small, "race")).not.toThrow();
  });
});

describe("the folder for checkpoints", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "igla-writable-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("is created and left empty when it can be written", async () => {
    await assertWritable(join(folder, "a/b"));
    expect(readdirSync(join(folder, "a/b"))).toEqual([]);
  });

  it("is named when it cannot", async () => {
    writeFileSync(join(folder, "taken"), "");
    const path = join(folder, "taken", "train");
    await expect(assertWritable(path)).rejects.toMatchObject({ code: "checkpoint.io", place: path });
  });
});
