/** Files whose name promises claims: whatever they hold, nobody may take them for claims that hold. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readAssertions } from "../../../daemon/invariants/read-assertions.ts";
import { checkFolder } from "../../../daemon/prover/check-folder.ts";

const named = "assertions/igla_assertions.v2.json";

describe("what such a file holds", () => {
  it.each([
    ["", "json-syntax", "empty"],
    [" \n", "json-syntax", "empty"],
    ["claims", "json-syntax", "broken"],
    ["[".repeat(100_000), "json-syntax", "nested too deeply"],
    ['{ "invariants": [', "json-syntax", "broken"],
    ['[{ "id": "INV-1", "coq_theorem": "t", "status": "Proven" }]', "no-invariants", "holds a list"],
    ['"Proven"', "no-invariants", "holds a text"],
    ["null", "no-invariants", "holds null"],
    ["{}", "no-invariants", 'no "invariants"'],
    ['{ "inv1": {} }', "no-invariants", 'no "invariants"'],
    ['{ "invariants": 3 }', "no-invariants", "is a number"],
    ['{ "invariants": ["INV-1"] }', "no-invariants", "is an object with an id"],
    ['{ "invariants": { "INV-1": "Proven" } }', "no-invariants", "is an object with an id"],
  ])("nothing that can be read: case %#", (text, code, words) => {
    const { entries, problems } = readAssertions(named, text) ?? { entries: null, problems: [] };
    expect(entries).toEqual([]);
    expect([...new Set(problems.map((one) => one.code))]).toEqual([code]);
    expect(problems.map(({ message }) => message).join(" ")).toContain(words);
    expect(readAssertions("package.json", text)).toBeNull();
  });

  it.each([
    ['{ "invariants": [ENTRY, [ENTRY]] }', "a list"],
    ['{ "invariants": [ENTRY, "INV-2 Proven"] }', "a text"],
    ['{ "invariants": { "a": ENTRY, "b": [ENTRY] } }', "a list"],
    ['{ "invariants": { "a": ENTRY, "b": "Proven" } }', "a text"],
  ])("a claim beside others that nobody can read: case %#", (shape, what) => {
    const text = shape.replaceAll("ENTRY", '{ "coq_theorem": "t", "coq_file": "a.v", "status": "Proven" }');
    const { entries, problems } = readAssertions(named, text) ?? { entries: null, problems: [] };
    expect(entries).toHaveLength(1);
    expect(problems).toMatchObject([{ code: "no-invariants", message: expect.stringContaining(`is ${what}, which`) }]);
  });

  it("a remark among the entries is none of them", () => {
    const text = '{ "invariants": { "_note": "all of them", "a": { "coq_theorem": "t", "status": "Proven" } } }';
    expect(readAssertions(named, text)).toMatchObject({ entries: [{ claim: "Proven" }], problems: [] });
  });

  it("a report of the check is no file of claims; under the name of one it is an error", () => {
    const claims = '[{ "id": "INV-1", "theorem": "t", "claimed": "Proven" }]';
    const rest = '"summary": {}, "files": [], "proofFiles": [], "leftOut": []';
    const report = `\ufeff{ "folder": "/f", "prover": {}, "invariants": ${claims}, ${rest} }`;
    expect(readAssertions("out.json", report)).toBeNull();
    expect(readAssertions(named, report)).toMatchObject({
      entries: [],
      problems: [{ code: "no-invariants", message: expect.stringContaining("claims nothing itself") }],
    });
    // Without one of its parts it may be anything.
    expect(readAssertions("out.json", report.replace("leftOut", "left"))?.entries).toHaveLength(1);
  });

  it.each(['{ "invariants": [] }', '{ "invariants": {} }'])("%s claims nothing, which is no mistake", (text) => {
    expect(readAssertions(named, text)).toMatchObject({ entries: [], problems: [] });
  });
});

describe.skipIf(process.platform === "win32")("what is not read of a folder", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "igla-unread-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const check = () => checkFolder({ folder, prover: null, cacheFolder: join(folder, "no cache") });
  const claims = '{ "invariants": [{ "id": "INV-1", "coq_theorem": "t", "coq_file": "a.v", "status": "Proven" }] }';

  it("an assertion file that is a link or too large is an error of that file", async () => {
    write("elsewhere.txt", claims);
    symlinkSync("elsewhere.txt", join(folder, "igla_assertions.json"));
    write("big/igla_assertions.json", claims);
    truncateSync(join(folder, "big/igla_assertions.json"), 8 * 1024 * 1024 + 1);
    const { report, leftOut } = await check();
    expect(report.assertionFiles.map(({ path, reasons: [reason] }) => [path, reason?.code, reason?.severity])).toEqual([
      ["igla_assertions.json", "assertions-not-read", "error"],
      ["big/igla_assertions.json", "assertions-not-read", "error"],
    ]);
    expect(report.assertionFiles[0]?.reasons[0]?.message).toBe(
      "igla_assertions.json is a link, which is not followed, so none of its claims was checked.",
    );
    expect(leftOut).toEqual([
      "igla_assertions.json is a link, which is not followed",
      "big/igla_assertions.json is larger than 8 MiB",
    ]);
  });

  it("links to proofs and to folders are named, other links and tools' folders are not", async () => {
    write("real/a.v", "");
    write("notes.txt", "");
    write("node_modules/x/a.v", "");
    symlinkSync("real/a.v", join(folder, "b.v"));
    symlinkSync("nowhere", join(folder, "gone.v"));
    symlinkSync("real", join(folder, "proofs"));
    symlinkSync("notes.txt", join(folder, "more.txt"));
    symlinkSync("real", join(folder, "dist"));
    const { report, leftOut } = await check();
    expect(leftOut).toEqual(["b.v", "gone.v", "proofs"].map((path) => `${path} is a link, which is not followed`));
    expect(report.proofFiles.map(({ path }) => path)).toEqual(["real/a.v"]);
  });
});
