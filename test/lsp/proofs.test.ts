/** What the editor shows of claims that the real Coq was asked about, through the built server over stdio. */
import { afterEach, describe, expect, test } from "vitest";
import {
  type CodeAction,
  type CodeLens,
  DiagnosticSeverity,
  type DocumentSymbol,
  type InlayHint,
  type Location,
  type Position,
} from "vscode-languageserver";
import { needsCoq, prover } from "../prover/coq.ts";
import {
  all,
  arith,
  ask,
  change,
  checked,
  claims,
  codes,
  files,
  finish,
  hoverText,
  jsonPath,
  open,
  positionOf,
  race,
  save,
  server,
  start,
  textAt,
  uriOf,
} from "./proof-session.ts";

afterEach(finish);

describe.skipIf(prover === null)(needsCoq("with Coq"), () => {
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
});
