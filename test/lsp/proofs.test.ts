/** Claims against proofs through the built server over stdio, with the real Coq where there is one. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { CancellationTokenSource } from "vscode-jsonrpc";
import {
  type CodeAction,
  type CodeLens,
  type Diagnostic,
  DiagnosticSeverity,
  type DocumentSymbol,
  type Hover,
  type InlayHint,
  type Location,
  type Position,
} from "vscode-languageserver";
import {
  type CheckProofsResult,
  checkProofsRequest,
  isProofRequest,
  proverSettingsChanged,
  type ReportResult,
  reportRequest,
} from "../../daemon/protocol/invariant-requests.ts";
import { needsCoq, ProofFolder, processesBelow, prover } from "../prover/coq.ts";
import { ServerUnderTest } from "./server.ts";

const arith = `(* Gaps are admitted; Theorem in_a_comment : False. *)
Axiom bound : forall n : nat, n < 100.
Lemma gap : forall n : nat, n <= n * n. Admitted.
Theorem good : forall n : nat, n + 0 = n.
Proof. intro n. rewrite <- plus_n_O. reflexivity. Qed.
Theorem leaning : forall n : nat, n < 100 /\\ n <= n * n.
Proof. intro n. split. apply bound. apply gap. Qed.
`;
const entry = (id: string, theorem: string, status: string, more: object = {}) => ({
  id,
  name: `name of ${id}`,
  coq_theorem: theorem,
  coq_file: "proofs/Arith.v",
  status,
  ...more,
});
const band = { runtime_check: { action: "abort", message: "The learning rate leaves its band." } };
const claims = JSON.stringify(
  {
    invariants: [
      entry("INV-1", "good", "Proven"),
      entry("INV-2", "leaning", "Proven"),
      entry("INV-8", "gap", "Admitted", band),
    ],
  },
  null,
  2,
);
const race = `[data]
corpus = "demo"

[optimizer]
lr = 0.02  # cites: INV-8
batch = 16
`;
const loop = "Ltac spin := idtac; spin.\nTheorem good : True. spin. Qed.\n";
const files = { "assertions/igla_assertions.json": claims, "proofs/Arith.v": arith, "race.igla.toml": race };

let work: ProofFolder;
let server: ServerUnderTest;
afterEach(async () => {
  if (!server.child.killed) {
    expect(await server.close()).toBe(0);
    const build = join(work.cache, "igla/proofs/build");
    expect(existsSync(build) ? readdirSync(build) : []).toEqual([]);
  }
  expect(processesBelow(work.root)).toEqual([]);
  server.connection.dispose();
  work.remove();
});

async function start(given: Readonly<Record<string, string>>, settings: { trusted?: boolean; enabled?: boolean } = {}) {
  work = new ProofFolder(given);
  server = new ServerUnderTest({ XDG_CACHE_HOME: work.cache });
  await server.initialize([work.folder], { trusted: true, enabled: true, proverPath: "", ...settings });
}

const uriOf = (path: string) => pathToFileURL(join(work.folder, path)).href;
const jsonPath = "assertions/igla_assertions.json";
const languages: Readonly<Record<string, string>> = { json: "json", v: "plaintext", toml: "igla-toml" };

async function open(path: string, text = readFileSync(join(work.folder, path), "utf8")): Promise<string> {
  await server.open(uriOf(path), text, languages[path.slice(path.lastIndexOf(".") + 1)]);
  return uriOf(path);
}

async function change(path: string, version: number, text: string): Promise<void> {
  const textDocument = { uri: uriOf(path), version };
  await server.connection.sendNotification("textDocument/didChange", { textDocument, contentChanges: [{ text }] });
}

async function save(path: string, text: string): Promise<void> {
  work.write(path, text);
  await server.connection.sendNotification("textDocument/didSave", { textDocument: { uri: uriOf(path) } });
}

/** Of the `nth` occurrence of a text, one character inside. */
function positionOf(text: string, what: string, nth = 1): Position {
  let at = -1;
  for (let n = 0; n < nth; n++) at = text.indexOf(what, at + 1);
  if (at < 0) throw new Error(`${what} does not occur`);
  const before = text.slice(0, at + 1).split("\n");
  return { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
}

const ask = <T>(method: string, uri: string, more: object) =>
  server.connection.sendRequest<T>(method, { textDocument: { uri }, ...more });

async function hoverText(uri: string, position: Position): Promise<string> {
  const hover = await ask<Hover | null>("textDocument/hover", uri, { position });
  return (hover?.contents as { value: string } | undefined)?.value ?? "";
}

const all = { start: { line: 0, character: 0 }, end: { line: 1000, character: 0 } };
const codes = (diagnostics: readonly Diagnostic[]) => diagnostics.map(({ code }) => code);
const textAt = (text: string, { range }: Pick<Diagnostic, "range">) =>
  text.split("\n")[range.start.line]?.slice(range.start.character, range.end.character);

describe("a folder that is not trusted", () => {
  test("is read, never run: hollow glyphs, the reason and the way out, bad news all the same", async () => {
    await start(files, { trusted: false });
    const uri = await open(jsonPath);
    await server.diagnosticsUntil(uri, (found) => codes(found).includes("unchecked"));
    const good = await hoverText(uri, positionOf(claims, "INV-1"));
    expect(good).toContain("○ **Not checked by Coq** · `good`");
    expect(good).toContain("the folder is not trusted");
    expect(good).not.toMatch(/[✔◑▲]/);
    const gap = await hoverText(uri, positionOf(claims, "gap"));
    expect(gap).toContain("○ **Admitted by its text, not checked by Coq** · `gap`");
    const answer = await server.connection.sendRequest<CheckProofsResult>(checkProofsRequest, {});
    expect(answer).toMatchObject({ checked: 0, refusal: expect.stringContaining("trust") });
    expect(await work.snapshot()).toEqual(new ProofFolderCopy(files).of(work));
  });
});

/** What a folder must look like when nothing was written into it. */
class ProofFolderCopy {
  readonly #files: Readonly<Record<string, string>>;
  constructor(given: Readonly<Record<string, string>>) {
    this.#files = given;
  }
  of({ folder }: ProofFolder): Record<string, string> {
    const encoded = Object.entries(this.#files).map(([path, text]): [string, string] => [
      join(folder, path),
      Buffer.from(text).toString("base64"),
    ]);
    return Object.fromEntries(encoded.sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

describe.skipIf(prover === null)(needsCoq("with Coq"), () => {
  const checked = (found: readonly Diagnostic[]) => codes(found).includes("over-claim");

  test("an over-claim is an error on the claim's value, with the way to the axiom and a fix", async () => {
    await start(files);
    const uri = await open(jsonPath);
    const diagnostics = await server.diagnosticsUntil(uri, checked);
    const [error, ...more] = diagnostics.filter(({ severity }) => severity === DiagnosticSeverity.Error);
    expect(more).toEqual([]);
    expect(error && textAt(claims, error)).toBe('"Proven"');
    expect(error?.range.start.line).toBe(positionOf(claims, '"Proven"', 2).line);
    const related = error?.relatedInformation?.map(({ message, location }) => [
      message.split(":")[0],
      location.uri,
      location.range.start.line,
    ]);
    expect(related?.toSorted((a, b) => Number(b[2]) - Number(a[2]))).toEqual([
      ["leaning", uriOf("proofs/Arith.v"), 5],
      ["assumed here", uriOf("proofs/Arith.v"), 2],
      ["assumed here", uriOf("proofs/Arith.v"), 1],
    ]);
    const context = { diagnostics: [error] };
    const actions = await ask<CodeAction[]>("textDocument/codeAction", uri, { range: error?.range, context });
    expect(actions.map(({ title }) => title)).toEqual([
      "Set the claim to Admitted, as Coq says",
      "Open the proof",
      "Deep check with coqchk",
    ]);
    expect(actions[0]).toMatchObject({
      isPreferred: true,
      edit: { changes: { [uri]: [{ range: error?.range, newText: '"Admitted"' }] } },
    });
    const good = await hoverText(uri, positionOf(claims, "INV-1"));
    expect(good).toMatch(/^✔ \*\*Proven\*\* · `good`/);
    expect(good).toContain("claims **Proven**; the truth is **Proven**: as claimed");
    expect(good).toContain("forall n : nat, n + 0 = n");
    expect(good).toMatch(/coqc \d+\.\d+.*source sha [0-9a-f]{12}, \d+ s ago/);
    const bad = await hoverText(uri, positionOf(claims, "leaning"));
    expect(bad).toMatch(/^◑ \*\*Conditional on 1 admitted theorem and 1 axiom of this project\*\*/);
    expect(bad).toMatch(/Rests on admitted proofs:.*gap.*Rests on axioms of this project:.*bound/s);
    const gap = await hoverText(uri, positionOf(claims, "gap"));
    expect(gap).toMatch(/^▲ \*\*Admitted\*\*/);
  });

  test("ways lead from claim to theorem to axiom, and back from both", async () => {
    await start(files);
    const json = await open(jsonPath);
    const v = await open("proofs/Arith.v");
    const toml = await open("race.igla.toml");
    await server.diagnosticsUntil(json, checked);
    const places = (found: readonly Location[]) =>
      found.map(({ uri, range }): [string, number] => [uri, range.start.line]);
    const definition = (uri: string, position: Position) =>
      ask<Location[]>("textDocument/definition", uri, { position });
    const context = { includeDeclaration: false };
    const references = (uri: string, position: Position) =>
      ask<Location[]>("textDocument/references", uri, { position, context });
    expect(places(await definition(json, positionOf(claims, "leaning")))).toEqual([[v, 5]]);
    expect(places(await definition(v, positionOf(arith, "leaning"))).toSorted((a, b) => a[1] - b[1])).toEqual([
      [v, 1],
      [v, 2],
    ]);
    expect(places(await definition(v, positionOf(arith, "bound", 2)))).toEqual([[v, 1]]);
    expect(places(await references(v, positionOf(arith, "bound")))).toEqual([[v, 5]]);
    expect(places(await references(v, positionOf(arith, "gap")))).toEqual([
      [json, positionOf(claims, '"gap"').line],
      [v, 5],
      [toml, 4],
    ]);
    expect(places(await definition(toml, positionOf(race, "INV-8")))).toEqual([
      [json, positionOf(claims, '"INV-8"').line],
    ]);
    expect(places(await references(json, positionOf(claims, "INV-8")))).toEqual([
      [v, 2],
      [toml, 4],
    ]);
  });

  test("lenses, outlines and hints say the same as the hover", async () => {
    await start(files);
    const json = await open(jsonPath);
    const v = await open("proofs/Arith.v");
    const toml = await open("race.igla.toml");
    await server.diagnosticsUntil(json, checked);
    const lenses = await ask<CodeLens[]>("textDocument/codeLens", v, {});
    expect(lenses.map(({ command }) => command?.title)).toEqual([
      "▲ Admitted",
      "▲ Admitted · used by INV-8",
      "✔ Proven · used by INV-1",
      "◑ Conditional on 1 admitted theorem and 1 axiom of this project · used by INV-2",
    ]);
    const outline = await ask<DocumentSymbol[]>("textDocument/documentSymbol", v, {});
    expect(outline.map(({ name, detail }) => `${name}: ${detail}`)).toContain("good: Theorem ✔ Proven");
    const entries = await ask<DocumentSymbol[]>("textDocument/documentSymbol", json, {});
    expect(entries.map(({ detail }) => detail)).toEqual([
      "Proven ✔ Proven",
      "Proven ◑ Conditional",
      "Admitted ▲ Admitted",
    ]);
    const hints = await ask<InlayHint[]>("textDocument/inlayHint", json, { range: all });
    expect(hints.map(({ label }) => label)).toEqual(["✔ Proven", "◑ Conditional", "▲ Admitted"]);
    const cited = await ask<InlayHint[]>("textDocument/inlayHint", toml, { range: all });
    expect(cited).toMatchObject([{ label: "▲ INV-8 Admitted", position: { line: 4, character: "lr = 0.02".length } }]);
    expect(await hoverText(toml, positionOf(race, "0.02"))).toContain("▲ **Admitted** · `gap`");
  });

  test("a race file hears of a broken invariant at the key, and of numbers without a source", async () => {
    await start(files);
    const uri = await open("race.igla.toml");
    const diagnostics = await server.diagnosticsUntil(uri, (found) => codes(found).includes("guard-violated"));
    const violation = diagnostics.find(({ code }) => code === "guard-violated");
    expect(violation && textAt(race, violation)).toBe("0.02");
    expect(violation).toMatchObject({ severity: DiagnosticSeverity.Error });
    expect(violation?.message).toContain("The learning rate leaves its band.");
    expect(violation?.message).toContain("The race will not start.");
    expect(violation?.relatedInformation?.[0]?.location.uri).toBe(uriOf(jsonPath));
    const uncited = diagnostics.filter(({ code }) => code === "uncited-number");
    expect(uncited.map((one) => textAt(race, one))).toEqual(["16"]);
    await change("race.igla.toml", 2, race.replace("0.02", "0.004").replace("INV-8", "INV-77"));
    const mended = await server.diagnosticsUntil(uri, (found) => !codes(found).includes("guard-violated"));
    expect(codes(mended)).toContain("unknown-citation");
  });

  test("a proof that is broken while it is edited: stale at once, an error at the claim once saved, well again after", async () => {
    await start(files);
    const json = await open(jsonPath);
    const v = await open("proofs/Arith.v");
    await server.diagnosticsUntil(json, checked);
    const broken = arith.replace("rewrite <- plus_n_O. reflexivity.", "reflexivity.");
    await change("proofs/Arith.v", 2, broken);
    await expect
      .poll(() => hoverText(json, positionOf(claims, "INV-1")))
      .toMatch(/^↺ \*\*Proven, before the last change\*\*/);
    await save("proofs/Arith.v", broken);
    const diagnostics = await server.diagnosticsUntil(json, (found) =>
      found.some(
        ({ code, range }) => code === "does-not-compile" && range.start.line === positionOf(claims, '"Proven"').line,
      ),
    );
    const error = diagnostics.find(({ code }) => code === "does-not-compile");
    expect(error && textAt(claims, error)).toBe('"Proven"');
    const inProof = await server.diagnosticsUntil(v, (found) => codes(found).includes("does-not-compile"));
    expect(inProof.find(({ code }) => code === "does-not-compile")?.range.start.line).toBe(4);
    expect(await hoverText(json, positionOf(claims, "INV-1"))).toMatch(/^✘ \*\*Broken\*\*/);
    await change("proofs/Arith.v", 3, arith);
    await save("proofs/Arith.v", arith);
    await server.diagnosticsUntil(
      json,
      (found) =>
        codes(found).filter((code) => code === "over-claim").length === 1 && !codes(found).includes("does-not-compile"),
    );
    await expect.poll(() => hoverText(json, positionOf(claims, "INV-1"))).toMatch(/^✔ \*\*Proven\*\*/);
  });

  test("a proof without a claim offers an entry that says what Coq said", async () => {
    await start({
      ...files,
      "proofs/More.v": "Theorem extra : forall n : nat, 0 <= n. Proof. induction n; auto. Qed.\n",
    });
    await open(jsonPath);
    const v = await open("proofs/More.v");
    const range = { start: { line: 0, character: 9 }, end: { line: 0, character: 9 } };
    const actions = () => ask<CodeAction[]>("textDocument/codeAction", v, { range, context: { diagnostics: [] } });
    await expect.poll(async () => (await hoverText(v, range.start)).slice(0, 1), { timeout: 20_000 }).toBe("✔");
    const add = (await actions()).find(({ title }) => title.startsWith("Add an entry"));
    const [edit] = add?.edit?.changes?.[uriOf(jsonPath)] ?? [];
    const at = positionOf(claims, "\n  ]\n");
    expect(edit?.range.start.line).toBe(at.line - 1);
    const lines = claims.split("\n");
    const before = lines.slice(0, edit?.range.start.line).join("\n");
    const line = lines[edit?.range.start.line ?? 0] ?? "";
    const after = lines.slice((edit?.range.start.line ?? 0) + 1).join("\n");
    const written = JSON.parse(`${before}\n${line}${edit?.newText}\n${after}`) as { invariants: object[] };
    expect(written.invariants.at(-1)).toEqual({
      id: "INV-9",
      name: "extra",
      coq_theorem: "extra",
      coq_file: "proofs/More.v",
      status: "Proven",
    });
  });

  test("a project file that weakens Coq's checks, and a file that comes between, are noticed", async () => {
    const circle = "Unset Universe Checking.\nTheorem good : forall n : nat, n + 0 = n. Proof. auto. Qed.\n";
    await start({
      ...files,
      "proofs/Arith.v": `Require Import List Base.\n${arith}`,
      "proofs/Base.v": "Definition x := 1.\n",
    });
    const uri = await open(jsonPath);
    await server.diagnosticsUntil(uri, checked);
    const write = async (path: string, text: string) => {
      work.write(path, text);
      const changes = [{ uri: uriOf(path), type: 1 }];
      await server.connection.sendNotification("workspace/didChangeWatchedFiles", { changes });
    };
    const first = () => hoverText(uri, positionOf(claims, "INV-1"));
    expect(await first()).toMatch(/^✔/);
    await write("proofs/Base.v", "Definition x : nat := true.\n");
    await expect.poll(first, { timeout: 20_000 }).toMatch(/^✘ \*\*Broken/);
    await write("proofs/Base.v", circle);
    await expect.poll(first, { timeout: 20_000 }).toMatch(/^✔/);
    await write("proofs/_CoqProject", "-arg -type-in-type\n");
    const v = await open("proofs/Arith.v");
    await server.diagnosticsUntil(v, (found) => codes(found).includes("weakened-checks"));
  });

  test("nothing is asked while checks are off; asking once is possible; trust begins them", async () => {
    await start(files, { enabled: false });
    const uri = await open(jsonPath);
    await server.diagnosticsUntil(uri, (found) => codes(found).includes("unchecked"));
    expect(await hoverText(uri, positionOf(claims, "INV-1"))).toContain("checks are switched off");
    const answer = await server.connection.sendRequest<CheckProofsResult>(checkProofsRequest, {
      path: join(work.folder, jsonPath),
    });
    expect(answer).toEqual({ checked: 1, refusal: null });
    expect(await hoverText(uri, positionOf(claims, "INV-1"))).toMatch(/^✔/);
    await server.connection.sendNotification(proverSettingsChanged, { trusted: false, enabled: true, proverPath: "" });
    const refused = await server.connection.sendRequest<CheckProofsResult>(checkProofsRequest, {});
    expect(refused.refusal).toContain("trust");
  });

  test("a check can be cancelled, and one of nothing says so", async () => {
    await start({ "igla_assertions.json": claims, "Loop.v": loop, "package.json": "{}" });
    await open("igla_assertions.json");
    const about = (path: string) => ({ path: join(work.folder, path) });
    const nothing = await server.connection.sendRequest<CheckProofsResult>(checkProofsRequest, about("package.json"));
    expect(nothing).toEqual({ checked: 0, refusal: "package.json is no proof and cites none that exists." });
    const cancel = new CancellationTokenSource();
    const started = performance.now();
    const check = server.connection.sendRequest<CheckProofsResult>(checkProofsRequest, about("Loop.v"), cancel.token);
    await expect.poll(() => processesBelow(work.root).length, { timeout: 10_000 }).toBeGreaterThan(0);
    cancel.cancel();
    expect((await check).checked).toBe(0);
    expect(performance.now() - started).toBeLessThan(15_000);
  });

  test("a loop is stopped with the server, and the report says what runs", async () => {
    await start({
      "igla_assertions.json": claims.replaceAll("proofs/Arith.v", "Loop.v"),
      "Loop.v": loop,
    });
    await open("igla_assertions.json");
    const running = async () => {
      const { folders } = await server.connection.sendRequest<ReportResult>(reportRequest);
      return folders[0]?.checking;
    };
    await expect.poll(running, { timeout: 10_000 }).toBe(true);
    await expect.poll(() => processesBelow(work.root).length, { timeout: 10_000 }).toBeGreaterThan(0);
    expect(await hoverText(uriOf("igla_assertions.json"), positionOf(claims, "INV-1"))).toContain("Coq is");
  });
});

test("without Coq everything is read, and the way to get it is told", async () => {
  work = new ProofFolder(files);
  server = new ServerUnderTest({ XDG_CACHE_HOME: work.cache, PATH: join(work.root, "nothing") });
  await server.initialize([work.folder], { trusted: true, enabled: true, proverPath: "" });
  const uri = await open(jsonPath);
  await server.diagnosticsUntil(uri, (found) => codes(found).includes("unchecked"));
  const hover = await hoverText(uri, positionOf(claims, "INV-1"));
  expect(hover).toContain("○ **Not checked by Coq**");
  expect(hover).toContain("no Coq was found. Install Coq");
  expect(hover).not.toContain("Check again");
  const answer = await server.connection.sendRequest<CheckProofsResult>(checkProofsRequest, {});
  expect(answer).toMatchObject({ checked: 0, refusal: expect.stringContaining("Install Coq") });
});

describe("bad input", () => {
  test("broken JSON, duplicate ids, prose, paths that leave the folder: each is named at its place, the rest is read", async () => {
    const text = `{"invariants": [
  {"id": "A-1", "coq_theorem": "good", "coq_file": "../outside/Arith.v", "status": "Proven"},
  {"id": "A-1", "coq_theorem": "good", "coq_file": "proofs/Later.v (NOT YET CREATED)", "status": "wip"},
  {"id": "A-3", "coq_theorem": "good", "coq_file": "somewhere in the proofs", "status": "Proven"},
  {"id": "A-4", "coq_theorem": "absent", "coq_file": "proofs/Arith.v", "status": "Proven"},,
]}`;
    await start({ ...files, [jsonPath]: text }, { trusted: false });
    const uri = await open(jsonPath);
    const found = await server.diagnosticsUntil(uri, (diagnostics) => diagnostics.length > 0);
    const at = (code: string) => found.filter((one) => one.code === code).map(({ range }) => range.start.line);
    expect(at("path-outside")).toEqual([1]);
    expect(at("duplicate-id")).toEqual([2]);
    expect(at("planned-file")).toEqual([2]);
    expect(at("path-unreadable")).toEqual([3]);
    expect(at("cites-missing-theorem")).toContain(4);
    expect(at("json-syntax")).toContain(4);
    expect(await hoverText(uri, positionOf(text, "A-4"))).toMatch(/✘|Broken/);
  });

  test("text of a file cannot become a command, a link or a picture in the hover", async () => {
    const evil = "![x](https://example.com/x.png) [run](command:workbench.action.quit) <img src=x> ```";
    const text = JSON.stringify({ invariants: [{ ...entry(evil, "good", evil), description: evil }] });
    await start({ ...files, [jsonPath]: text }, { trusted: false });
    const uri = await open(jsonPath);
    await server.diagnosticsUntil(uri, (diagnostics) => diagnostics.length > 0);
    const hover = await hoverText(uri, { line: 0, character: 30 });
    expect(hover).toContain("example");
    expect(hover).not.toMatch(/(?<!\\)\[run(?<!\\)\]|(?<!\\)!\[|(?<!\\)<img/);
  });
});

test.skipIf(prover === null || process.platform !== "linux")(
  needsCoq("a server that is killed takes its provers along"),
  async () => {
    await start({ "igla_assertions.json": claims.replaceAll("proofs/Arith.v", "Loop.v"), "Loop.v": loop });
    await expect.poll(() => processesBelow(work.root).length, { timeout: 10_000 }).toBeGreaterThan(0);
    server.child.kill("SIGKILL");
    await expect.poll(() => processesBelow(work.root), { timeout: 10_000 }).toEqual([]);
  },
);

test("Verilog, foreign JSON and files outside of the folder are left in peace", async () => {
  await start({
    "cpu.v": "module cpu(input clk);\nendmodule\n",
    "package.json": '{"name": "x"}',
    "Ok.v": "Definition x := 1.\n",
  });
  const verilog = await open("cpu.v");
  const json = await open("package.json");
  const ok = await open("Ok.v");
  const isProof = (uri: string) => server.connection.sendRequest<boolean>(isProofRequest, { uri });
  expect(await isProof(verilog)).toBe(false);
  expect(await isProof(ok)).toBe(true);
  expect(await server.diagnostics(verilog, 1)).toEqual([]);
  expect(await server.diagnostics(json, 1)).toEqual([]);
  expect(await hoverText(verilog, { line: 0, character: 8 })).toBe("");
  await server.open("file:///elsewhere/x.json", claims, "json");
  expect(await server.diagnostics("file:///elsewhere/x.json", 1)).toEqual([]);
  expect(await isProof("untitled:Untitled-1")).toBe(false);
});

test("fifty proofs: the first answer comes from the text, hovers from the store; times and memory are printed", async () => {
  const many = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`proofs/P${n}.v`, arith.repeat(10)]));
  const entries = Array.from({ length: 50 }, (_, n) => ({
    ...entry(`INV-${n + 1}`, "good", "Proven"),
    coq_file: `proofs/P${n}.v`,
  }));
  const text = JSON.stringify({ invariants: entries }, null, 2);
  await start({ ...many, "igla_assertions.json": text }, { trusted: false });
  const started = performance.now();
  const uri = await open("igla_assertions.json");
  await server.diagnosticsUntil(uri, (found) => codes(found).filter((code) => code === "unchecked").length === 50);
  const firstMs = performance.now() - started;
  const times: number[] = [];
  for (let n = 1; n <= 50; n++) {
    const asked = performance.now();
    expect(await hoverText(uri, positionOf(text, `"INV-${n}"`))).toContain("Not checked by Coq");
    times.push(performance.now() - asked);
  }
  const hoverMs = times.toSorted((a, b) => a - b)[25] ?? Number.NaN;
  const memory = (server.rssBytes() ?? 0) / 1024 / 1024;
  console.log(
    `first answer ${firstMs.toFixed(0)} ms, hover ${hoverMs.toFixed(1)} ms, resident ${memory.toFixed(0)} MiB`,
  );
  expect(firstMs).toBeLessThan(5000);
  expect(hoverMs).toBeLessThan(200);
});
