/** Ways between a claim, its theorem, what the theorem assumes, and the numbers that cite it. */
import type { Location } from "vscode-languageserver";
import { compactId, isSamePlace } from "../../invariants/places.ts";
import type { InvariantReport, Place } from "../../protocol/invariant-report.ts";
import type { Cite } from "./cites.ts";
import { uriOf } from "./diagnostics.ts";
import type { ProofFolder } from "./proof-folder.ts";
import { type Subject, subjectNamed } from "./subject.ts";

/** What a citation means: an invariant by its id, else a theorem by its name; null: a paper, or nothing known. */
export function citedBy(folder: ProofFolder, name: string): Subject | null {
  const invariant = invariantNamed(folder, name);
  if (invariant === null) return subjectNamed(folder, name.slice(name.lastIndexOf("#") + 1), nowhere);
  const source = folder.texts.source(invariant.place.path);
  const entry = source?.entries.find(({ place }) => isSamePlace(place, invariant.place));
  return entry === undefined ? null : { kind: "invariant", invariant, entry, part: "id", range: null };
}

const nowhere = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };

export function invariantNamed(folder: ProofFolder, name: string): InvariantReport | null {
  const id = compactId(name);
  const all = folder.report().assertionFiles.flatMap(({ invariants }) => invariants);
  return all.find((one) => compactId(one.id) === id) ?? null;
}

export function definitions(folder: ProofFolder, subject: Subject): Location[] {
  const at = (place: Place | null): Location[] => (place === null ? [] : [locationOf(folder, place)]);
  if (subject.kind === "definition") return at(subject.place);
  if (subject.kind === "listed") {
    const named = subjectNamed(folder, subject.name, subject.range);
    return named?.kind === "theorem" ? at(named.theorem.place) : [];
  }
  if (subject.kind === "theorem") {
    const { theorem, isDeclaration } = subject;
    if (!isDeclaration) return at(theorem.place);
    const assumed = theorem.assumptions
      .flatMap(({ place }) => place ?? [])
      .filter((one) => !isSamePlace(one, theorem.place));
    return assumed.length > 0 ? assumed.flatMap(at) : at(theorem.place);
  }
  const { theoremPlace, proofPath } = subject.invariant;
  if (theoremPlace !== null && subject.part !== "file") return at(theoremPlace);
  const path = theoremPlace?.path ?? proofPath;
  return path === null || folder.texts.scan(path) === null ? [] : at({ path, range: nowhere });
}

/** Claims that cite a theorem, theorems that rest on it, and the numbers of race files that cite these claims. */
export function references(folder: ProofFolder, subject: Subject, withDeclaration: boolean): Location[] {
  const report = folder.report();
  const invariants = report.assertionFiles.flatMap((file) => file.invariants);
  if (subject.kind === "invariant") {
    const { invariant } = subject;
    const own = withDeclaration ? [locationOf(folder, invariant.idPlace)] : [];
    return [...own, ...theoremOf(folder, invariant), ...citations(folder, [invariant.id])];
  }
  const theorem = subject.kind === "theorem" ? subject.theorem : null;
  const listed = subject.kind === "listed" ? subjectNamed(folder, subject.name, subject.range) : null;
  const place = theorem?.place ?? (listed?.kind === "theorem" ? listed.theorem.place : null);
  if (place === null) return [];
  const users = invariants.filter(({ theoremPlace }) => theoremPlace !== null && isSamePlace(theoremPlace, place));
  const dependents = report.proofFiles.flatMap(({ theorems }) =>
    theorems.filter(
      (one) =>
        !isSamePlace(one.place, place) && one.assumptions.some((each) => each.place && isSamePlace(each.place, place)),
    ),
  );
  const name = theorem?.name ?? (listed?.kind === "theorem" ? listed.theorem.name : "");
  return [
    ...(withDeclaration ? [locationOf(folder, place)] : []),
    ...users.map((one) => locationOf(folder, theoremText(folder, one))),
    ...dependents.map((one) => locationOf(folder, one.place)),
    ...citations(folder, [...users.map(({ id }) => id), name]),
  ];
}

function theoremOf(folder: ProofFolder, { theoremPlace }: InvariantReport): Location[] {
  return theoremPlace === null ? [] : [locationOf(folder, theoremPlace)];
}

/** Where the assertion file writes the theorem's name. */
function theoremText(folder: ProofFolder, { place, idPlace }: InvariantReport): Place {
  const entry = folder.texts.source(place.path)?.entries.find((one) => isSamePlace(one.place, place));
  return entry?.theorem?.place ?? idPlace;
}

function citations(folder: ProofFolder, names: readonly string[]): Location[] {
  const wanted = new Set(names.map(compactId).filter((name) => name !== ""));
  return folder.texts
    .races()
    .flatMap(({ path, cites }) =>
      cites
        .filter(({ name }: Cite) => wanted.has(compactId(name)))
        .map(({ range }) => ({ uri: uriOf(folder.folder, path), range })),
    );
}

function locationOf({ folder }: ProofFolder, { path, range }: Place): Location {
  return { uri: uriOf(folder, path), range };
}
