/** Which file an entry means when several have the path that it writes. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { placesOf } from "../../../daemon/invariants/paths.ts";
import { checkFolder } from "../../../daemon/prover/check-folder.ts";

describe("the nearest file is meant", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "igla-cited-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function meant(assertionPath: string, coqFile: string, proofs: readonly string[]): Promise<string | null> {
    const entry = { id: "INV-1", coq_theorem: "t", coq_file: coqFile, status: "Proven" };
    const texts = proofs.map((path): [string, string] => [path, "Theorem t : True. Admitted.\n"]);
    for (const [path, text] of [...texts, [assertionPath, JSON.stringify({ invariants: [entry] })] as const]) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const { report } = await checkFolder({ folder, prover: null, cacheFolder: join(folder, "no cache") });
    return report.assertionFiles[0]?.invariants[0]?.proofPath ?? null;
  }

  const inAssertions = "pkg/assertions/igla_assertions.json";
  it.each([
    ["beside the file before the root", "pkg/igla_assertions.json", "a.v", ["pkg/a.v", "a.v"], "pkg/a.v"],
    ["in assertions/: beside it", inAssertions, "a.v", ["pkg/assertions/a.v", "pkg/a.v", "a.v"], "pkg/assertions/a.v"],
    ["in assertions/: its parent before the root", inAssertions, "p/a.v", ["pkg/p/a.v", "p/a.v"], "pkg/p/a.v"],
    ["the root, where nothing is nearer", inAssertions, "p/a.v", ["p/a.v", "other/p/a.v"], "p/a.v"],
    ["a path from the root", inAssertions, "pkg/p/a.v", ["pkg/p/a.v"], "pkg/p/a.v"],
    ["nowhere: as it is written", inAssertions, "p/a.v", ["other/p/a.v"], "p/a.v"],
    ["blanks and brackets in the path", "pkg/igla_assertions.json", "p (b)/a.v", ["pkg/p (b)/a.v"], "pkg/p (b)/a.v"],
  ])("%s", async (_, assertionPath, coqFile, proofs, expected) => {
    expect(await meant(assertionPath, coqFile, proofs)).toBe(expected);
  });
});

it("places go up one folder at a time", () => {
  expect(placesOf("p/a.v", "x/y/z.json")).toEqual(["x/y/p/a.v", "x/p/a.v", "p/a.v"]);
  expect(placesOf("a.v", "z.json")).toEqual(["a.v"]);
});
