/** Code actions: what a reason offers, opening the proof, a deep check, an entry for a theorem that has none. */
import { join } from "node:path";
import { type CodeAction, CodeActionKind, type Diagnostic, type Range } from "vscode-languageserver";
import { objectText } from "../../invariants/layout.ts";
import type { AssertionSource } from "../../invariants/model.ts";
import { isSameStart } from "../../invariants/places.ts";
import { invariantNumber } from "../../invariants/preflight/preflight.ts";
import { isBroken } from "../../invariants/rules/file-rules.ts";
import { certaintyOf } from "../../protocol/certainty.ts";
import type { Fix, Reason, TheoremReport } from "../../protocol/invariant-report.ts";
import { reasonsByPath, toDiagnostic, uriOf } from "./diagnostics.ts";
import type { ProofFolder } from "./proof-folder.ts";
import { subjectAt } from "./subject.ts";

export function proofActions(
  folder: ProofFolder,
  path: string,
  range: Range,
  diagnostics: readonly Diagnostic[],
  text: string,
): CodeAction[] {
  const reasons = reasonsByPath(folder).get(path) ?? [];
  const touched = reasons.filter(({ place }) => overlaps(place.range, range));
  return [
    ...touched.flatMap((reason) => fixes(reason, folder.folder, diagnostics)),
    ...about(folder, path, range, text),
  ];
}

function fixes(reason: Reason, folder: string, diagnostics: readonly Diagnostic[]): CodeAction[] {
  const own = diagnostics.find(({ code, range }) => code === reason.code && isSameStart(range, reason.place.range));
  return reason.fixes.map((fix, at) => ({
    title: fix.title,
    kind: CodeActionKind.QuickFix,
    diagnostics: [own ?? toDiagnostic(reason, folder)],
    isPreferred: at === 0,
    edit: editOf(fix, folder),
  }));
}

function editOf({ path, edits }: Fix, folder: string) {
  return { changes: { [uriOf(folder, path)]: edits.map(({ range, newText }) => ({ range, newText })) } };
}

function about(folder: ProofFolder, path: string, range: Range, text: string): CodeAction[] {
  const subject = subjectAt(folder, path, range.start, text);
  if (subject?.kind === "invariant") {
    const { theoremPlace: place, proofPath } = subject.invariant;
    const open = place === null ? [] : [openAction(folder, place.path, place.range)];
    return proofPath === null ? open : [...open, deepAction(folder, proofPath)];
  }
  if (subject?.kind !== "theorem") return [];
  const entry = subject.isDeclaration && subject.theorem.usedBy.length === 0 ? entryFix(folder, subject.theorem) : null;
  const add: CodeAction[] =
    entry === null ? [] : [{ title: entry.title, kind: CodeActionKind.Refactor, edit: editOf(entry, folder.folder) }];
  return [...add, deepAction(folder, subject.theorem.path)];
}

function openAction({ folder }: ProofFolder, path: string, range: Range): CodeAction {
  const title = "Open the proof";
  const args = [{ path: join(folder, path), line: range.start.line }];
  return { title, kind: CodeActionKind.Empty, command: { title, command: "igla.openProof", arguments: args } };
}

function deepAction({ folder }: ProofFolder, path: string): CodeAction {
  const title = "Deep check with coqchk";
  const args = [{ path: join(folder, path) }];
  return { title, kind: CodeActionKind.Empty, command: { title, command: "igla.deepCheckProofs", arguments: args } };
}

/** An entry at the end of the first assertion file that is whole, in that file's own shape and layout. */
function entryFix(folder: ProofFolder, theorem: TheoremReport): Fix | null {
  const source = folder.texts.sources().find((one) => one.layout !== null && !isBroken(one));
  const end = source?.entries.at(-1)?.place.range.end;
  if (source === undefined || source.layout === null || end === undefined) return null;
  const ids = source.entries.map(({ id }) => invariantNumber(id.value) ?? 0);
  const number = Math.max(0, ...ids) + 1;
  const entry = objectText(source.layout, fields(theorem, source.shape, number));
  const key = source.shape === "keys" ? `inv${number}` : `INV-${number}`;
  const named = source.shape === "list" ? entry : `${JSON.stringify(key)}${source.layout.colon}${entry}`;
  return {
    title: `Add an entry for ${theorem.name} to ${source.path}`,
    path: source.path,
    edits: [{ range: { start: end, end }, newText: `${source.layout.separator}${named}` }],
  };
}

function fields(
  { name, path, ...theorem }: TheoremReport,
  shape: AssertionSource["shape"],
  number: number,
): Readonly<Record<string, string | boolean>> {
  const isKnown = certaintyOf(theorem) === "verified" && theorem.status !== null && theorem.status !== "Broken";
  const isProven = isKnown && (theorem.status === "Proven" || theorem.status === "ProvenStd");
  if (shape === "keys") return { name, file: path, proof_qed: isProven };
  const status = isProven ? "Proven" : isKnown ? "Admitted" : "wip";
  const theoremKey = shape === "list" ? "coq_theorem" : "theorem";
  return { ...(shape === "list" ? { id: `INV-${number}`, name } : {}), [theoremKey]: name, coq_file: path, status };
}

function overlaps(a: Range, b: Range): boolean {
  const before = (one: Range["start"], other: Range["start"]) =>
    one.line < other.line || (one.line === other.line && one.character <= other.character);
  return before(a.start, b.end) && before(b.start, a.end);
}
