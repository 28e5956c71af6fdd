/** The invariants view as VS Code asks for it: nothing that is shown is old, and only groups that changed are drawn again. */
import { createRequire } from "node:module";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { FolderReport, InvariantReport, Verdict } from "../../daemon/protocol/invariant-report.ts";
import { linkOf } from "../../extension/proofs/targets.ts";
import type { InvariantRow } from "../../extension/views/invariants-model.ts";
import { InvariantsTree } from "../../extension/views/invariants-tree.ts";

vi.mock("vscode", () => createRequire(import.meta.url)("../fixtures/vscode.cjs").createVscode({ folder: "/w" }).vscode);

const place = (path: string, line: number) => ({
  path,
  range: { start: { line, character: 0 }, end: { line, character: 5 } },
});

function claim(id: string, line: number, verdict: Verdict, more: Partial<InvariantReport> = {}): InvariantReport {
  return {
    id,
    name: "",
    description: "",
    claim: "Proven",
    claimText: "Proven",
    verdict,
    status: verdict === "matches" ? "Proven" : "Conditional",
    marks: [],
    evidence: { level: "coqc", prover: "coqc 8.16.1", sourceSha256: null, elapsedMs: 300, checkedAt: 0 },
    assumptions: [],
    theorem: "good",
    coqFile: "P.v",
    proofPath: "P.v",
    statement: null,
    place: place("a.json", line),
    idPlace: place("a.json", line),
    claimPlace: place("a.json", line),
    theoremPlace: place("P.v", 7),
    runtimeCheck: null,
    reasons: [],
    ...more,
  };
}

let listeners: (() => void)[];
let source: { reports: readonly FolderReport[]; onDidChange: (listener: () => void) => { dispose(): void } };
let tree: InvariantsTree;
/** Ids of what VS Code was told to draw again; "all" for the whole tree. */
let drawn: string[];
/** What VS Code holds: it knows rows by object, and asks below a group only when told to. */
let held: InvariantRow[];

beforeEach(() => {
  listeners = [];
  drawn = [];
  held = [];
  source = {
    reports: [],
    onDidChange: (listener) => {
      listeners.push(listener);
      return { dispose: () => undefined };
    },
  };
  tree = new InvariantsTree(source as never);
  tree.onDidChangeTreeData((change) => {
    const rows = Array.isArray(change) ? change : [change];
    drawn.push(...rows.map((row) => row?.id ?? "all"));
    for (const row of rows) if (row !== undefined) expect(held).toContain(row);
  });
});
afterEach(() => tree.dispose());

/** @returns what was drawn again because of it */
function show(...invariants: readonly InvariantReport[]): readonly string[] {
  const assertionFiles = [{ path: "a.json", budget: null, invariants, reasons: [] }];
  const report = { folder: "/w", prover: { name: "coqc 8.16.1" }, checking: false, assertionFiles, proofFiles: [] };
  drawn = [];
  source.reports = [report];
  for (const listener of listeners) listener();
  if (drawn.includes("all")) held = tree.getChildren();
  return drawn;
}

const rowOf = (id: string): InvariantRow => {
  const found = held.flatMap((group) => tree.getChildren(group)).find(({ label }) => label === id);
  if (found === undefined) throw new Error(`no row ${id}`);
  return found;
};
const tooltipOf = (id: string): string => {
  const row = rowOf(id);
  const item = tree.resolveTreeItem(tree.getTreeItem(row), row);
  return (item.tooltip as { value: string }).value;
};

test("the same report again draws nothing", () => {
  expect(show(claim("A", 1, "matches"), claim("B", 2, "over-claim"))).toEqual(["all"]);
  expect(show(claim("A", 1, "matches"), claim("B", 2, "over-claim"))).toEqual([]);
});

test("what changes within a group draws that group, and the row then is the new one", () => {
  show(claim("A", 1, "matches"), claim("B", 2, "over-claim"));
  const evidence = { ...claim("A", 1, "matches").evidence, level: "coqchk" as const };
  expect(show(claim("A", 1, "matches", { evidence }), claim("B", 2, "over-claim"))).toEqual(["group:matches"]);
  expect(tooltipOf("A")).toContain("coqchk");
  // Once more: VS Code still holds the group it was given first.
  expect(show(claim("A", 1, "matches"), claim("B", 2, "over-claim"))).toEqual(["group:matches"]);
  expect(tooltipOf("A")).not.toContain("coqchk");
});

test("a theorem that moves is opened where it stands now", () => {
  show(claim("A", 1, "matches"));
  expect(show(claim("A", 1, "matches", { theoremPlace: place("P.v", 30) }))).toEqual(["group:matches"]);
  expect(linkOf(rowOf("A"))).toMatchObject({ path: "/w/P.v", line: 30 });
  show(claim("A", 1, "matches", { theoremPlace: null }));
  expect(tree.getTreeItem(rowOf("A")).contextValue).toBe("claim");
});

test("a claim that goes to another group draws all: VS Code refuses a row that is in two groups", () => {
  show(claim("A", 1, "matches"), claim("B", 2, "over-claim"), claim("C", 3, "over-claim"));
  expect(show(claim("A", 1, "matches"), claim("B", 2, "matches"), claim("C", 3, "over-claim"))).toEqual(["all"]);
  expect(show()).toEqual(["all"]);
  expect(held).toEqual([]);
});
