/** What stands at a place of an assertion file or a proof. */
import { plainName } from "../../invariants/folder.ts";
import type { AssertionEntry, ScannedDeclaration } from "../../invariants/model.ts";
import { isSameStart } from "../../invariants/places.ts";
import type { InvariantReport, Place, Range, TheoremReport } from "../../protocol/invariant-report.ts";
import type { ProofFolder } from "./proof-folder.ts";

export interface Position {
  readonly line: number;
  readonly character: number;
}

export type Subject =
  /** `part`: what of the entry; null: anything else in it. */
  | {
      readonly kind: "invariant";
      readonly invariant: InvariantReport;
      readonly entry: AssertionEntry;
      readonly part: "id" | "claim" | "theorem" | "file" | null;
      readonly range: Range | null;
    }
  /** A name in a list of admitted theorems. */
  | { readonly kind: "listed"; readonly name: string; readonly range: Range }
  /** A theorem or an axiom of this folder; `isDeclaration`: its own name in its own declaration. */
  | {
      readonly kind: "theorem";
      readonly theorem: TheoremReport;
      readonly range: Range;
      readonly isDeclaration: boolean;
    }
  /** A definition of this folder. */
  | { readonly kind: "definition"; readonly place: Place; readonly range: Range };

export function contains({ start, end }: Range, { line, character }: Position): boolean {
  const afterStart = line > start.line || (line === start.line && character >= start.character);
  return afterStart && (line < end.line || (line === end.line && character <= end.character));
}

/** @param text of the file; needed for proofs alone */
export function subjectAt(folder: ProofFolder, path: string, position: Position, text: string): Subject | null {
  return path.endsWith(".json") ? inAssertions(folder, path, position) : inProof(folder, path, position, text);
}

function inAssertions(folder: ProofFolder, path: string, position: Position): Subject | null {
  const source = folder.texts.source(path);
  const report = folder.assertionFile(path);
  const at = source?.entries.findIndex(({ place }) => contains(place.range, position)) ?? -1;
  const entry = source?.entries[at];
  const invariant = report?.invariants[at];
  if (entry === undefined || invariant === undefined) return null;
  const listed = entry.admittedTheorems.find(({ place }) => contains(place.range, position));
  if (listed !== undefined) return { kind: "listed", name: plainName(listed.value), range: listed.place.range };
  const parts = [
    ["id", entry.id.place],
    ["claim", entry.claimed?.place],
    ["theorem", entry.theorem?.place],
    ["file", entry.coqFile?.place],
  ] as const;
  const [part = null, place] = parts.find(([, each]) => each && contains(each.range, position)) ?? [];
  return { kind: "invariant", invariant, entry, part, range: place?.range ?? null };
}

function inProof(folder: ProofFolder, path: string, position: Position, text: string): Subject | null {
  const word = wordAt(text, position);
  return word === null ? null : named(folder, word.name, path, word.range, position);
}

/** A declaration of that name: of this file, else of the only other file that has one. */
function named(
  folder: ProofFolder,
  name: string,
  path: string,
  range: Range,
  position: Position | null,
): Subject | null {
  const scans = folder.texts.scans().flatMap((scan) => (scan.kind === "coq" ? [scan] : []));
  const own = scans.find((scan) => scan.path === path)?.declarations.filter((one) => one.name === name) ?? [];
  const here = position === null ? undefined : own.find((one) => contains(one.range, position));
  const found = here ?? own.at(-1);
  if (found !== undefined) return declared(folder, path, found, range, here !== undefined);
  const others = scans.flatMap((scan) =>
    scan.declarations.filter((one) => one.name === name).map((one) => ({ scan, one })),
  );
  const [only] = others;
  return only === undefined || new Set(others.map(({ scan }) => scan.path)).size > 1
    ? null
    : declared(folder, only.scan.path, only.one, range, false);
}

function declared(
  folder: ProofFolder,
  path: string,
  { range: nameRange }: ScannedDeclaration,
  range: Range,
  isDeclaration: boolean,
): Subject {
  const file = folder.proofFile(path);
  const theorem = file?.theorems.find(({ place }) => isSameStart(place.range, nameRange));
  return theorem
    ? { kind: "theorem", theorem, range, isDeclaration }
    : { kind: "definition", place: { path, range: nameRange }, range };
}

/** The theorem or definition that a plain name means, seen from nowhere in particular. */
export function subjectNamed(folder: ProofFolder, name: string, range: Range): Subject | null {
  return named(folder, name, "", range, null);
}

const identifier = /[\p{L}\p{N}_']/u;

/** The identifier under the position; of a qualified name the part that is pointed at. */
function wordAt(text: string, { line, character }: Position): { readonly name: string; readonly range: Range } | null {
  const content = text.split(/\r\n|\n|\r/, line + 1)[line] ?? "";
  let start = character;
  let end = character;
  while (start > 0 && identifier.test(content.charAt(start - 1))) start -= 1;
  while (end < content.length && identifier.test(content.charAt(end))) end += 1;
  if (start === end) return null;
  const range = { start: { line, character: start }, end: { line, character: end } };
  return { name: content.slice(start, end), range };
}
