/** Verdicts on levers through the built server over stdio: a real ledger is written, the editor is told, lenses follow. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { CodeAction, CodeLens, Diagnostic, Hover } from "vscode-languageserver";
import { canonicalHash, canonicalJson } from "../../daemon/config/canonical.ts";
import { chainedLine, noHash, type VerdictRow } from "../../daemon/evidence/ledger/row.ts";
import { appendVerdict } from "../../daemon/evidence/ledger/write.ts";
import { takeLock } from "../../daemon/store/lock.ts";
import { outcomeOf, verdictRow } from "../fixtures/lever-verdicts.ts";
import { ProofFolder } from "../prover/coq.ts";
import { ServerUnderTest } from "./server.ts";

const race = `[race]
rungs = [{ steps = 300 }]

[levers.softcap]
cap = 15
`;
const racePath = "races/a.igla.toml";
const ledgerPath = "assertions/seed_results.jsonl";
const claim = "Falsify this lever · claimed -0.0050 · ";
const refuted = "refuted: -0.0030 [-0.0080, +0.0020], 5 seeds";

let work: ProofFolder;
let server: ServerUnderTest;
let refreshes: number;
let watched: string[];

beforeEach(async () => {
  work = new ProofFolder({ [racePath]: race });
  server = new ServerUnderTest({ XDG_CACHE_HOME: work.cache });
  refreshes = 0;
  watched = [];
  server.connection.onRequest("workspace/codeLens/refresh", () => {
    refreshes += 1;
    return null;
  });
  server.connection.onRequest("client/registerCapability", ({ registrations }) => {
    for (const { registerOptions } of registrations) {
      for (const { globPattern } of registerOptions?.watchers ?? []) watched.push(globPattern);
    }
    return null;
  });
  const settings = { trusted: false, enabled: false, proverPath: "" };
  await server.initialize([work.folder], settings, {
    codeLens: { refreshSupport: true },
    didChangeWatchedFiles: { dynamicRegistration: true },
  });
});
afterEach(async () => {
  expect(await server.close()).toBe(0);
  expect(server.stderr).toBe("");
  server.connection.dispose();
  work.remove();
});

const absolute = (path: string) => join(work.folder, path);
const uriOf = (path: string) => pathToFileURL(absolute(path)).href;

async function append(outcome = outcomeOf("refuted"), more: Partial<VerdictRow> = {}, path = ledgerPath) {
  mkdirSync(dirname(absolute(path)), { recursive: true });
  const row = verdictRow(race, racePath, "softcap", outcome, more);
  const result = await appendVerdict(absolute(path), row, takeLock);
  expect(result.ok).toBe(true);
}

async function tell(path = ledgerPath, type = 2): Promise<void> {
  const changes = [{ uri: uriOf(path), type }];
  await server.connection.sendNotification("workspace/didChangeWatchedFiles", { changes });
}

const lenses = (path = racePath) =>
  server.connection.sendRequest<CodeLens[]>("textDocument/codeLens", { textDocument: { uri: uriOf(path) } });

async function title(path = racePath): Promise<string | undefined> {
  return (await lenses(path))[0]?.command?.title;
}

/** What the editor does: asks anew whenever it is told to. @throws {Error} it does not come */
async function titleAfterRefresh(isWanted: (title: string) => boolean): Promise<string> {
  const deadline = performance.now() + 30_000;
  for (let seen = -1; performance.now() < deadline; await new Promise((resolve) => setTimeout(resolve, 20))) {
    if (seen === refreshes) continue;
    seen = refreshes;
    const found = await title();
    if (found !== undefined && isWanted(found)) return found;
  }
  throw new Error(`the lens stayed at ${await title()}`);
}

async function open(path = racePath, text = race): Promise<void> {
  await server.open(uriOf(path), text);
  await server.diagnostics(uriOf(path), 1);
  await expect.poll(() => watched).toContain("**/seed_results.jsonl*");
}

const marksUntil = (isWanted: (codes: readonly unknown[]) => boolean): Promise<Diagnostic[]> =>
  server.diagnosticsUntil(uriOf(racePath), (found) => isWanted(found.map(({ code }) => code)));

describe("a verdict that is written while the file is open", () => {
  test("a registration whose experiment is given up stays in the lens until it has its verdict", async () => {
    await open();
    expect(await title()).toBe(`${claim}not tested here`);
    const { arms } = verdictRow(race, racePath, "softcap", outcomeOf("refuted"));
    const registration = {
      ...{ kind: "lever", hypothesis: "h", lever: "softcap", settings: { cap: 15 }, metric: "val_bpb", claim: 0.005 },
      ...{
        claimSource: "s",
        corpusSha256: "ab".repeat(32),
        split: "three-way",
        protocol: "chunked",
        seeds: [43, 44, 45],
      },
      ...{ looks: [3], spending: "obrien-fleming", alpha: 0.01, power: 0.8, test: "paired-t", stopRule: "s" },
      ...{ equal: "steps", steps: { off: 300, on: 300 }, arms, hypotheses: 1, codeVersion: "c", registeredAt: 1 },
      amends: null,
    };
    const file = `assertions/prereg/${canonicalHash(registration).slice(0, 12)}.json`;
    mkdirSync(dirname(absolute(file)), { recursive: true });
    writeFileSync(absolute(file), `${canonicalJson(registration)}\n`);
    await tell(file, 1);
    const given = `${claim}not tested here, 1 registration without a verdict`;
    expect(await titleAfterRefresh((found) => found === given)).toBe(given);
    await append(outcomeOf("refuted"), { prereg: canonicalHash(registration) });
    await tell(ledgerPath, 1);
    expect(await titleAfterRefresh((found) => found === claim + refuted)).toBe(claim + refuted);
    // The rules were changed after the data: the verdict is no longer that of the file it links to.
    const edited = `${claim}its registration was edited since: ${refuted}`;
    for (const content of [canonicalJson({ ...registration, claim: 0.001 }), "{", "[]"]) {
      writeFileSync(absolute(file), content);
      await tell(file);
      expect(await titleAfterRefresh((found) => found === edited)).toBe(edited);
      writeFileSync(absolute(file), `${canonicalJson(registration)}\n`);
      await tell(file);
      expect(await titleAfterRefresh((found) => found === claim + refuted)).toBe(claim + refuted);
    }
  });
  test("lens, mark, hover and fixes follow", async () => {
    await open();
    const [lens] = await lenses();
    expect(lens?.range.start).toEqual({ line: 3, character: 0 });
    expect(lens?.command).toEqual({
      title: `${claim}not tested here`,
      command: "igla.falsifyLever",
      arguments: [{ path: absolute(racePath), lever: "softcap" }],
    });
    const before = refreshes;
    await append();
    await tell(ledgerPath, 1);
    const [mark, ...more] = await marksUntil((codes) => codes.includes("lever.refuted"));
    expect(more).toEqual([]);
    await expect.poll(() => refreshes).toBeGreaterThan(before);
    expect(await title()).toBe(claim + refuted);
    expect(mark).toMatchObject({
      range: { start: { line: 3, character: 0 }, end: { line: 3, character: 16 } },
      severity: 2,
      source: "igla",
      relatedInformation: [{ location: { uri: uriOf(ledgerPath), range: { start: { line: 0 } } } }],
    });
    const hover = await server.connection.sendRequest<Hover>("textDocument/hover", {
      textDocument: { uri: uriOf(racePath) },
      position: { line: 3, character: 10 },
    });
    const { value } = hover.contents as { value: string };
    for (const part of ["**Logit softcap**", "Refuted when:", "**Verdict: refuted**", "at 99.0 %", "#L1)"]) {
      expect(value).toContain(part);
    }
    const actions = await server.connection.sendRequest<CodeAction[]>("textDocument/codeAction", {
      textDocument: { uri: uriOf(racePath) },
      range: mark?.range,
      context: { diagnostics: [mark] },
    });
    expect(actions.map((action) => action.title)).toEqual(["Switch softcap off", "Falsify again"]);

    // A newer verdict takes its place.
    await append(outcomeOf("survived"));
    await tell();
    expect(await marksUntil((codes) => codes.length === 0)).toEqual([]);
    expect(await title()).toBe(`${claim}survived: -0.0030 [-0.0080, +0.0020], 5 seeds`);
  });

  test("once the file changes it is out of date, and again true when the change is taken back", async () => {
    await append();
    await open();
    await marksUntil((codes) => codes.includes("lever.refuted"));
    const change = (version: number, text: string) =>
      server.connection.sendNotification("textDocument/didChange", {
        textDocument: { uri: uriOf(racePath), version },
        contentChanges: [{ text }],
      });
    await change(2, race.replace("15", "20"));
    expect(await title()).toBe(`${claim}before the file changed: ${refuted}`);
    expect(await server.diagnostics(uriOf(racePath), 2)).toEqual([]);
    await change(3, `${race}\n# a comment\n`);
    expect(await title()).toBe(claim + refuted);
    expect(await server.diagnostics(uriOf(racePath), 3)).toMatchObject([{ code: "lever.refuted" }]);
  });

  test("an edited row counts for nothing, and that is said; a removed folder takes them away", async () => {
    await append(outcomeOf("survived"));
    await open();
    expect(await titleAfterRefresh((text) => text.includes("survived"))).not.toContain("unverified");
    const text = readFileSync(absolute(ledgerPath), "utf8");
    writeFileSync(absolute(ledgerPath), text.replace('"gain":0.003', '"gain":0.004'));
    await tell();
    expect(await marksUntil((codes) => codes.includes("lever.unverified"))).toMatchObject([{ severity: 3 }]);
    expect(await title()).toBe(`${claim}verdicts not known, the ledger is not sound`);
    rmSync(absolute("assertions"), { recursive: true });
    await tell("assertions", 3);
    expect(await marksUntil((codes) => codes.length === 0)).toEqual([]);
    expect(await title()).toBe(`${claim}not tested here`);
  });

  test("an editor that tells of no file sees it when it asks", async () => {
    await open();
    expect(await title()).toContain("not tested here");
    await append();
    expect(await title()).toBe(claim + refuted);
    expect(await marksUntil((codes) => codes.includes("lever.refuted"))).toHaveLength(1);
  });
});

test("ledgers beside the race file and above it count, one outside of the workspace does not", async () => {
  await append(outcomeOf("survived"), { race: `work/${racePath}` }, `../${ledgerPath}`);
  await open();
  expect(await title()).toContain("not tested here");
  await append(outcomeOf("refuted"), { race: "a.igla.toml" }, `races/${ledgerPath}`);
  expect(await title()).toBe(claim + refuted);
  await append(outcomeOf("dead-lever"), { ts: "2026-02-01T00:00:00Z" });
  expect(await title()).toContain("dead-lever: ");
});

describe("what is no ledger is said, and holds nobody up", () => {
  const deep = `${"[".repeat(400_000)}\n{"a":${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}}\n`;
  const random = () => Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * 2654435761) >>> 13));
  test.each([
    ["random bytes", random, "verdicts not known, the ledger is not sound"],
    ["line breaks", () => Buffer.alloc(8_000_000, "{\n"), "verdicts not read, the ledger has more than 1000 faults"],
    ["deeply nested", () => Buffer.from(deep), "verdicts not known, the ledger is not sound"],
    [
      "verdicts of no chain",
      () => Buffer.from('{"kind":"lever-verdict","lever":"softcap"}\n'),
      "verdicts not known, the ledger is not sound",
    ],
  ])("%s", async (_, bytes, words) => {
    work.write(ledgerPath, bytes());
    await open();
    expect(await titleAfterRefresh((text) => text.includes(words))).toBe(claim + words);
    expect(await marksUntil((codes) => codes.includes("lever.unverified"))).toHaveLength(1);
  });
  test.each([
    [
      "50 MB",
      () => truncateSync(absolute(ledgerPath), 50e6),
      "has 50000000 bytes, more than the 16777216 that are read here",
    ],
    ["a link", () => relink(), "is a link, which is not followed"],
    ["a folder", () => mkdirSync(gone()), "is no regular file"],
    ["a pipe that nobody writes", () => execFileSync("mkfifo", [gone()]), "is no regular file"],
  ])("%s", async (_, make, words) => {
    work.write(ledgerPath, "");
    make();
    await open();
    expect(await title()).toBe(`${claim}verdicts not read, the ledger ${words}`);
    expect(await marksUntil((codes) => codes.includes("lever.unverified"))).toHaveLength(1);
  });
  function gone(): string {
    rmSync(absolute(ledgerPath));
    return absolute(ledgerPath);
  }
  function relink(): void {
    work.write("elsewhere.jsonl", "");
    symlinkSync(absolute("elsewhere.jsonl"), gone());
  }

  test("a sound ledger of 15 MB: other requests are answered meanwhile; times are printed", async () => {
    const row = verdictRow(race, racePath, "softcap", outcomeOf("refuted"));
    let [prev, count] = [noHash, 0];
    const lines: string[] = [];
    for (let bytes = 0; bytes < 15e6; count += 1) {
      const { line, hash } = chainedLine(row, prev);
      lines.push(line);
      bytes += line.length;
      prev = hash;
    }
    work.write(ledgerPath, lines.join(""));
    work.write(`${ledgerPath}.head`, `${count}\n`);
    const start = performance.now();
    await open();
    const times: number[] = [];
    while (!(server.published.at(-1)?.diagnostics ?? []).some(({ code }) => code === "lever.refuted")) {
      const asked = performance.now();
      const position = { line: 4, character: 1 };
      await server.connection.sendRequest("textDocument/hover", { textDocument: { uri: uriOf(racePath) }, position });
      times.push(performance.now() - asked);
    }
    const all = performance.now() - start;
    expect(await title()).toBe(claim + refuted);
    const worst = Math.max(...times);
    console.log(
      `${count} verdicts: ${all.toFixed(0)} ms; hover meanwhile: worst ${worst.toFixed(0)} ms of ${times.length}`,
    );
    expect(times.length).toBeGreaterThan(10);
    expect(worst).toBeLessThan(all / 2);
  });
});
