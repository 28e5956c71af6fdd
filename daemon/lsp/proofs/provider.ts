/** Claims and proofs for the server: requests about one document to the folder that holds it. */
import { fileURLToPath } from "node:url";
import {
  type CodeAction,
  type CodeLens,
  type Diagnostic,
  type DocumentSymbol,
  type Hover,
  type InlayHint,
  type Location,
  MarkupKind,
  type Position,
  type Range,
} from "vscode-languageserver";
import type { TextDocument } from "vscode-languageserver-textdocument";
import { proofActions } from "./actions.ts";
import { readCites } from "./cites.ts";
import { type HoverContext, invariantHover, theoremHover } from "./hover.ts";
import { citeHints, claimHints, proofLenses } from "./lenses.ts";
import { citedBy, definitions, references } from "./navigation.ts";
import { proofOutline } from "./outline.ts";
import type { ProofFolder } from "./proof-folder.ts";
import type { Located, ProofStore } from "./proof-store.ts";
import { raceDiagnostics } from "./race-guards.ts";
import { contains, type Subject, subjectAt } from "./subject.ts";

/** Which texts this part answers for: JSON and proofs whole, race files for what they cite. */
export function isProofText(uri: string): boolean {
  return /\.(v|json)$/.test(uri);
}

export class ProofProvider {
  readonly #store: ProofStore;
  readonly #now: () => number;

  constructor(store: ProofStore, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  locate(uri: string): Located | null {
    const file = fileOf(uri);
    return file === null ? null : this.#store.locate(file);
  }

  hover(document: TextDocument, position: Position): Hover | null {
    const found = this.#subject(document, position);
    if (found === null) return null;
    const { folder, subject, range } = found;
    const value = this.#markdown(folder, subject);
    if (value === null) return null;
    return { contents: { kind: MarkupKind.Markdown, value }, ...(range === null ? {} : { range }) };
  }

  definitions(document: TextDocument, position: Position): Location[] {
    const found = this.#subject(document, position);
    if (found === null) return [];
    const { folder, subject, isCite } = found;
    // A citation leads to the claim; the claim leads on to the theorem.
    if (isCite && subject.kind === "invariant") {
      return references(folder, { ...subject, part: null }, true).slice(0, 1);
    }
    return definitions(folder, isCite && subject.kind === "theorem" ? { ...subject, isDeclaration: false } : subject);
  }

  references(document: TextDocument, position: Position, withDeclaration: boolean): Location[] {
    const found = this.#subject(document, position);
    return found === null ? [] : references(found.folder, found.subject, withDeclaration);
  }

  actions(document: TextDocument, range: Range, diagnostics: readonly Diagnostic[]): CodeAction[] {
    const at = this.locate(document.uri);
    return at === null ? [] : proofActions(at.folder, at.path, range, diagnostics, document.getText());
  }

  symbols(uri: string): DocumentSymbol[] {
    const at = this.locate(uri);
    return at === null ? [] : proofOutline(at.folder, at.path);
  }

  lenses(uri: string): CodeLens[] {
    const at = this.locate(uri);
    return at === null || !at.path.endsWith(".v") ? [] : proofLenses(at.folder, at.path);
  }

  hints(document: TextDocument, range: Range): InlayHint[] {
    const at = this.locate(document.uri);
    if (at === null) return [];
    if (at.path.endsWith(".json")) return claimHints(at.folder, at.path, range);
    const text = document.getText();
    return at.path.endsWith(".toml") ? citeHints(at.folder, text, range, this.#context(at.folder)) : [];
  }

  /** Beside the errors of the race file itself. */
  raceDiagnostics(document: TextDocument): Diagnostic[] {
    const at = this.locate(document.uri);
    return at === null ? [] : raceDiagnostics(at.folder, at.path, document.getText());
  }

  /** The hovers of what a race file cites at this place, to be put below the key's own. */
  citeMarkdown(document: TextDocument, position: Position): string[] {
    const at = this.locate(document.uri);
    if (at === null) return [];
    return readCites(document.getText()).cites.flatMap(({ name, range, value }) => {
      if (!contains(range, position) && !(value !== null && contains(value, position))) return [];
      const subject = citedBy(at.folder, name);
      const shown = subject === null ? null : this.#markdown(at.folder, subject);
      return shown === null ? [] : [shown];
    });
  }

  #subject(
    document: TextDocument,
    position: Position,
  ): {
    readonly folder: ProofFolder;
    readonly subject: Subject;
    readonly range: Range | null;
    readonly isCite: boolean;
  } | null {
    const at = this.locate(document.uri);
    if (at === null) return null;
    if (at.path.endsWith(".toml")) {
      const cite = readCites(document.getText()).cites.find(({ range }) => contains(range, position));
      const cited = cite === undefined ? null : citedBy(at.folder, cite.name);
      return cited === null || cite === undefined
        ? null
        : { folder: at.folder, subject: cited, range: cite.range, isCite: true };
    }
    const subject = subjectAt(at.folder, at.path, position, document.getText());
    return subject === null ? null : { folder: at.folder, subject, range: subject.range, isCite: false };
  }

  #markdown(folder: ProofFolder, subject: Subject): string | null {
    const context = this.#context(folder);
    if (subject.kind === "invariant") return invariantHover(subject.invariant, context);
    if (subject.kind === "theorem") return theoremHover(subject.theorem, context);
    if (subject.kind !== "listed") return null;
    const named = citedBy(folder, subject.name);
    return named?.kind === "theorem" ? theoremHover(named.theorem, context) : null;
  }

  #context(folder: ProofFolder): HoverContext {
    const { prover } = folder.report();
    return {
      folder: folder.folder,
      now: this.#now(),
      mayAsk: !("missing" in prover) || prover.missing === "switched-off",
      wayOut: "missing" in prover && prover.missing !== "pending" ? prover.wayOut : null,
    };
  }
}

/** Null: not a file of this machine. */
export function fileOf(uri: string): string | null {
  try {
    return uri.startsWith("file:") ? fileURLToPath(uri) : null;
  } catch {
    // A file URI of another host.
    return null;
  }
}
