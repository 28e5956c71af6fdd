/** What the rules look things up in: files, declarations, facts. */

import { isVacuous } from "../protocol/certainty.ts";
import type { FolderReport, Place, UnknownReason } from "../protocol/invariant-report.ts";
import type { ProofFacts } from "./facts.ts";
import type { AssertionEntry, AssertionSource, CoqScan, ProofScan, ScannedDeclaration, Unread } from "./model.ts";
import { normalise, placesOf } from "./paths.ts";
import { isStale, isSubsequence, type StatusResult, statusOf } from "./status.ts";

export interface JudgeInput {
  /** Absolute. */
  readonly folder: string;
  readonly assertions: readonly AssertionSource[];
  readonly scans: readonly ProofScan[];
  readonly facts: ReadonlyMap<string, ProofFacts>;
  /** SHA-256 of the present bytes of each proof file, by path. */
  readonly sources: ReadonlyMap<string, string>;
  /** Why there are no facts about a file, where there are none. */
  readonly unknownBecause: (path: string) => UnknownReason;
  readonly prover: FolderReport["prover"];
  readonly checking: boolean;
  /** What is at a path that is none of the scans. */
  readonly unread: (path: string) => Unread;
}

/** What an entry cites. */
export interface Cited {
  /** The file that was meant; null when the entry names none. */
  readonly path: string | null;
  readonly file: "found" | "missing" | "unread" | "foreign" | "none";
  /** What is known of a file that is `unread`; null for any other. */
  readonly unread: Exclude<Unread, { kind: "missing" }> | null;
  readonly scan: CoqScan | null;
  /** The theorem's own name, without file, module or prose around it. */
  readonly name: string | null;
  readonly declaration: ScannedDeclaration | null;
}

export class Folder {
  readonly input: JudgeInput;
  readonly #scans: ReadonlyMap<string, ProofScan>;
  readonly #named = new Map<string, { readonly path: string; readonly declaration: ScannedDeclaration }[]>();
  #usedAxioms: { readonly value: ReadonlySet<string> | null } | null = null;
  /** Each path is looked at once. */
  readonly #looked = new Map<string, Unread>();
  readonly #statuses = new Map<ScannedDeclaration, StatusResult>();

  constructor(input: JudgeInput) {
    this.input = input;
    this.#scans = new Map(input.scans.map((scan) => [scan.path, scan]));
    for (const scan of input.scans) {
      if (scan.kind !== "coq") continue;
      for (const declaration of scan.declarations) {
        const list = this.#named.get(declaration.name) ?? [];
        list.push({ path: scan.path, declaration });
        this.#named.set(declaration.name, list);
      }
    }
  }

  declares(name: string): boolean {
    return this.#named.has(plainName(name));
  }

  scan(path: string): ProofScan | undefined {
    return this.#scans.get(path);
  }

  /** The file is looked for from the assertion file upwards, so that a copied project means its own proofs. */
  cited(entry: AssertionEntry, assertionPath: string): Cited {
    const name = entry.theorem === null ? null : plainName(entry.theorem.value);
    const path = this.#written(entry, assertionPath) ?? this.#prosaic(entry, assertionPath);
    if (path === null) return this.#byName(entry, name);
    const scan = this.#scans.get(path);
    if (scan?.kind === "coq") {
      const declaration = entry.theorem === null ? null : this.#declared(scan, entry.theorem.value);
      return { path, file: "found", unread: null, scan, name, declaration };
    }
    const nothing = { path, unread: null, scan: null, name, declaration: null };
    if (scan !== undefined) return { ...nothing, file: "foreign" };
    const unread = this.#unread(path);
    return unread.kind === "missing" ? { ...nothing, file: "missing" } : { ...nothing, file: "unread", unread };
  }

  /** A path may hold blanks and brackets, which look like prose: where a file of that very name is, it is meant. */
  #written({ coqFile }: AssertionEntry, assertionPath: string): string | null {
    const path = coqFile === null ? null : normalise(coqFile.value.trim());
    if (path === null) return null;
    const resolved = this.#resolve(path, assertionPath);
    const isProof = resolved.endsWith(".v") && this.#isThere(resolved);
    return isProof || this.#scans.has(resolved) ? resolved : null;
  }

  #prosaic({ coqPath }: AssertionEntry, assertionPath: string): string | null {
    return coqPath === null ? null : this.#resolve(coqPath, assertionPath);
  }

  /** An entry without a file: the only declaration of that name, if there is just one. */
  #byName(entry: AssertionEntry, name: string | null): Cited {
    const found = entry.coqFile === null && name !== null ? (this.#named.get(name) ?? []) : [];
    const [only] = found.length === 1 ? found : [];
    const scan = only === undefined ? undefined : this.#scans.get(only.path);
    if (only === undefined || scan?.kind !== "coq") {
      const file = entry.coqFile === null ? "none" : "missing";
      return { path: null, file, unread: null, scan: null, name, declaration: null };
    }
    const declaration = this.#declared(scan, entry.theorem?.value ?? "");
    return { path: only.path, file: "found", unread: null, scan, name, declaration };
  }

  /** Where several are meant or may be meant, the one of the worst status: nobody may gain by a name that is not clear. */
  #declared(scan: CoqScan, written: string): ScannedDeclaration | null {
    const facts = this.input.facts.get(scan.path);
    const each = this.listed(written).map((name) =>
      this.#worst(
        scan,
        declarationsOf(scan, name).filter((one) => !isStray(name, scan, one, facts)),
      ),
    );
    const found = each.filter((one) => one !== null);
    return found.length < each.length ? null : this.#worst(scan, found);
  }

  #worst(scan: CoqScan, declarations: readonly ScannedDeclaration[]): ScannedDeclaration | null {
    if (declarations.length < 2) return declarations[0] ?? null;
    const ranks = declarations.map((one) => rankOf(this.status(scan, one)));
    return declarations[ranks.lastIndexOf(Math.min(...ranks))] ?? null;
  }

  /** `a, M.b and c` cites three; what follows the first and is neither declared nor looks like a name is prose. */
  listed(written: string): string[] {
    const [first = "", ...others] = /^[^\s(,;]+(?:(?:\s*[,;&+/]\s*|\s+and\s+)[^\s(,;]+)*/
      .exec(written.trim())?.[0]
      .split(/\s*[,;]\s*|\s+(?:[&+/]|and)\s+/) ?? [""];
    return [first, ...others.filter((word) => word.includes("_") || this.declares(word))];
  }

  #resolve(path: string, assertionPath: string): string {
    const places = placesOf(path, assertionPath);
    return places.find((place) => this.#isThere(place)) ?? path;
  }

  #isThere(path: string): boolean {
    return this.#scans.has(path) || this.#unread(path).kind !== "missing";
  }

  #unread(path: string): Unread {
    const found = this.#looked.get(path) ?? this.input.unread(path);
    this.#looked.set(path, found);
    return found;
  }

  placeOf = (path: string, name: string): Place | null => {
    const scan = this.#scans.get(path);
    const declaration = scan?.kind === "coq" ? declarationOf(scan, name) : null;
    return declaration === null ? null : { path, range: declaration.range };
  };

  /** `path#name` of every axiom that a checked theorem rests on; null while a file is unchecked or its facts are old. */
  usedAxioms(): ReadonlySet<string> | null {
    this.#usedAxioms ??= { value: usedAxioms(this.input) };
    return this.#usedAxioms.value;
  }

  status(scan: CoqScan, declaration: ScannedDeclaration): StatusResult {
    const known = this.#statuses.get(declaration);
    if (known !== undefined) return known;
    const result = statusOf({
      scan,
      declaration,
      facts: this.input.facts.get(scan.path),
      sources: this.input.sources,
      unknownBecause: this.input.unknownBecause,
      placeOf: this.placeOf,
    });
    this.#statuses.set(declaration, result);
    return result;
  }
}

/** `Phi.trinity (see notes)` and `Phi::trinity` both mean `trinity`. */
export function plainName(written: string): string {
  const first = written.trim().split(/[\s(,;]/, 1)[0] ?? "";
  return first.slice(Math.max(first.lastIndexOf("."), first.lastIndexOf(":")) + 1);
}

/** Modules, sections, folders: all that stands before the name. */
function scopesIn(written: string): string[] {
  return (written.trim().split(/[\s(,;]/, 1)[0] ?? "").split(/[.:]+/).slice(0, -1);
}

/** The declarations that a written name may mean: in the module that the name says, else at top level, else any. */
function declarationsOf(scan: CoqScan, written: string): ScannedDeclaration[] {
  const name = plainName(written);
  const named = scan.declarations.filter((one) => one.name === name && one.reading !== "aborted");
  const theorems = named.filter(({ reading }) => reading !== "definition");
  const candidates = theorems.length > 0 ? theorems : named;
  const known = scopesIn(written).filter((scope) => candidates.some((one) => one.scope.includes(scope)));
  const inScope = candidates.filter((one) => isSubsequence(known, one.scope));
  const atTop = known.length === 0 ? inScope.filter(({ scope }) => scope.length === 0) : [];
  return atTop.length > 0 ? atTop : inScope;
}

function declarationOf(scan: CoqScan, written: string): ScannedDeclaration | null {
  const left = declarationsOf(scan, written);
  return left.find(({ reading }) => reading === "admitted" || reading === "axiom") ?? left.at(-1) ?? null;
}

/**
 * The name says a module that is none around the declaration, nor part of what the file is called: `Gone.name`. What Coq
 * calls the file is known once it has answered; before that nothing good is said of any name.
 */
function isStray(
  written: string,
  { path }: CoqScan,
  { scope }: ScannedDeclaration,
  facts: ProofFacts | undefined,
): boolean {
  const [first] = Object.entries(facts?.theorems ?? {});
  if (first === undefined) return false;
  const library = first[1].qualifiedName.slice(0, -first[0].length);
  const said = new Set([...scope, ...path.replace(/\.v$/, "").split("/"), ...library.split(".")]);
  return scopesIn(written).some((one) => !said.has(one));
}

/** The lower, the worse; what is not known is better than what is known to be bad. */
function rankOf({ status, marks }: StatusResult): number {
  if (status === null) return 3;
  if (isVacuous(marks)) return 4;
  return { Broken: 0, Admitted: 1, Conditional: 2, ProvenStd: 5, Proven: 6 }[status];
}

function usedAxioms({ scans, facts, sources }: JudgeInput): Set<string> | null {
  const used = new Set<string>();
  for (const { kind, path } of scans) {
    if (kind !== "coq") continue;
    const own = facts.get(path);
    if (own?.outcome.kind !== "compiled" || isStale(own, sources)) return null;
    for (const { assumptions, qualifiedName } of Object.values(own.theorems)) {
      for (const { declaredIn, qualifiedName: assumed } of assumptions) {
        if (declaredIn !== null && assumed !== qualifiedName)
          used.add(`${declaredIn.path}#${plainName(declaredIn.name)}`);
      }
    }
  }
  return used;
}
