import { describe, expect, test } from "vitest";
import type { CodeAction } from "vscode-languageserver";
import { TextDocument } from "vscode-languageserver-textdocument";
import { diagnose } from "../../daemon/lsp/race-file/diagnostics.ts";
import { codeActions } from "../../daemon/lsp/race-file/fixes.ts";
import { outline } from "../../daemon/lsp/race-file/outline.ts";
import { documentOf } from "./marked.ts";

function actions(text: string): CodeAction[] {
  return codeActions(documentOf(text), diagnose(text, "a.igla.toml"));
}

/** The text after each action, by title. */
function results(text: string): Record<string, string> {
  const document = documentOf(text);
  return Object.fromEntries(
    actions(text).map(({ title, edit }) => [
      title,
      TextDocument.applyEdits(document, [...(edit?.changes?.[document.uri] ?? [])]),
    ]),
  );
}

describe("diagnostics", () => {
  test("stand at the exact key, with code, suggestion and data", () => {
    const [only, ...more] = diagnose("[optimizer]\n  learning_rate = 0.003\n", "f");
    expect(more).toEqual([]);
    expect(only).toMatchObject({
      range: { start: { line: 1, character: 2 }, end: { line: 1, character: 15 } },
      severity: 1,
      source: "igla",
      code: "config.unknown-key",
      message: "optimizer.learning_rate is not a known key. Did you mean optimizer.lr?",
      data: { path: "optimizer.learning_rate", suggestion: "optimizer.lr" },
    });
    expect(diagnose("[model]\nlayers = 2.5\n", "f")[0]?.message).toContain("Expected: a whole number from 1 to 64.");
  });
});

describe("fixes", () => {
  test("a suggested key of the section is put in place", () => {
    expect(results("[optimizer]\nlearning_rate = 0.003\n")).toEqual({
      "Change to lr": "[optimizer]\nlr = 0.003\n",
      "Remove learning_rate": "[optimizer]\n",
    });
    expect(actions("[optimizer]\nlearning_rate = 1\n").map(({ isPreferred }) => isPreferred)).toEqual([true, false]);
  });
  test("a key of another section moves there", () => {
    expect(
      results("[model]\nlr = 0.01 # high\nlayers = 2\n[optimizer]\nbatch = 8\n\n[race]\nseed = 1\n"),
    ).toMatchObject({
      "Move to [optimizer] as lr":
        "[model]\nlayers = 2\n[optimizer]\nbatch = 8\nlr = 0.01 # high\n\n[race]\nseed = 1\n",
    });
    expect(results("[model]\nlr = 0.01\n")["Move to [optimizer] as lr"]).toBe("[model]\n\n[optimizer]\nlr = 0.01\n");
    // It is there already: only the second one can go.
    expect(Object.keys(results("[optimizer]\nlr = 1\n[model]\nlr = 0.01\n"))).toEqual(["Remove lr"]);
    expect(results("lr = 0.01\n[model]\nlayers = 1")["Move to [optimizer] as lr"]).toBe(
      "[model]\nlayers = 1\n\n[optimizer]\nlr = 0.01\n",
    );
  });
  test("sections, levers and paths of the space are renamed", () => {
    expect(results("[optimiser]\nlr = 1\n")).toEqual({
      "Change to optimizer": "[optimizer]\nlr = 1\n",
      "Remove the section optimiser": "",
    });
    expect(results("[levers.sofcap]\n[model]\n")["Change to softcap"]).toBe("[levers.softcap]\n[model]\n");
    expect(results('[space."optimizer.learning_rate"]\nlog = [1, 2]\n')).toEqual({
      'Change to "optimizer.lr"': '[space."optimizer.lr"]\nlog = [1, 2]\n',
      "Remove the section space.optimizer.learning_rate": "",
    });
    expect(results("[space.optimizer.lrr]\nlog = [1, 2]\n")["Change to lr"]).toBe(
      "[space.optimizer.lr]\nlog = [1, 2]\n",
    );
  });
  test("values of enumerations take the nearest one", () => {
    expect(results('[schedule]\nkind = "cosin"\n')).toEqual({ 'Change to "cosine"': '[schedule]\nkind = "cosine"\n' });
    expect(results('[schedule]\nkind = "xyzzy"\n')).toEqual({});
  });
  test("a removed key takes its whole value with it, and no more", () => {
    expect(results("[race]\nxyzzy = [\n  1,\n  2,\n]\nseed = 1\n")["Remove xyzzy"]).toBe("[race]\nseed = 1\n");
    const rungs = (inner: string) => `[race]\nrungs = [{ ${inner} }]\n`;
    expect(results(rungs("steps = 900, xyzzy = [1, 2]"))["Remove xyzzy"]).toBe(rungs("steps = 900"));
    expect(results(rungs("xyzzy = 1, steps = 900"))["Remove xyzzy"]).toBe(rungs("steps = 900"));
  });
  test("a second definition can go", () => {
    expect(results("[model]\nlayers = 2\nlayers = 3\n")).toEqual({ "Remove layers": "[model]\nlayers = 2\n" });
  });
  test("diagnostics of others are left alone", () => {
    const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } };
    expect(codeActions(documentOf("[x]"), [{ range, message: "m", source: "other" }])).toEqual([]);
    expect(codeActions(documentOf("[x]"), [{ range, message: "m", source: "igla", code: "lever.unknown" }])).toEqual(
      [],
    );
  });
});

test("the outline holds sections with their keys and values", () => {
  const document = documentOf('[model]\nlayers = 2\n\n[space."optimizer.lr"]\nlog = [1,\n 2]\n[\n');
  const symbols = outline(document.getText(), (offset) => document.positionAt(offset));
  expect(symbols.map(({ name }) => name)).toEqual(["model", "space.optimizer.lr", "[ ]"]);
  expect(symbols[1]?.children).toMatchObject([{ name: "log", detail: "[1, 2]" }]);
  expect(symbols[1]?.range).toEqual({ start: { line: 3, character: 0 }, end: { line: 5, character: 3 } });
});
