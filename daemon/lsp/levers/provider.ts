/** Levers of race files for the server: what is claimed of them, and what experiments in this workspace found. */
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { CodeAction, CodeLens, Diagnostic } from "vscode-languageserver";
import type { TextDocument } from "vscode-languageserver-textdocument";
import { fileOf } from "../proofs/provider.ts";
import { falsifyCommand, leverActions } from "./actions.ts";
import { leverDiagnostics, rangeOf } from "./diagnostics.ts";
import { verdictMarkdown } from "./hover.ts";
import type { LeverLedger } from "./ledger-file.ts";
import { LedgerStore } from "./ledger-store.ts";
import { leverPlaces } from "./places.ts";
import { standings } from "./standing.ts";
import { lensTitle } from "./words.ts";

/** Where the daemon of a folder records. */
const ledgerPath = ["assertions", "seed_results.jsonl"] as const;
/** A large ledger does not hold up the lenses: they come again when it has been read. */
const patienceMs = 500;

interface RaceFile {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
  /** Ledgers that may speak about it. */
  readonly ledgers: readonly string[];
}

export class LeverProvider {
  readonly #store: LedgerStore;
  readonly #rootOf: (file: string) => string | null;
  readonly #onChange: () => void;

  /**
   * @param rootOf folder of the workspace that holds a file; null: none does
   * @param onChange diagnostics and lenses of race files are others now
   */
  constructor(rootOf: (file: string) => string | null, onChange: () => void) {
    this.#rootOf = rootOf;
    this.#onChange = onChange;
    this.#store = new LedgerStore(onChange);
  }

  async lenses(document: TextDocument): Promise<CodeLens[]> {
    const race = this.#race(document);
    if (race === null) return [];
    const looking = this.#store.look(race.ledgers);
    const aborter = new AbortController();
    const late = setTimeout(patienceMs, true, { signal: aborter.signal }).catch(() => false);
    if (await Promise.race([looking, late])) void looking.then(this.#onChange);
    aborter.abort();
    const ledgers = this.#known(race);
    return standings(race, ledgers).flatMap((standing) => {
      const title = lensTitle(standing, ledgers);
      const command = falsifyCommand(title, race.path, standing.lever.id);
      return standing.places.map((place) => ({ range: rangeOf(document, place), command }));
    });
  }

  diagnostics(document: TextDocument): Diagnostic[] {
    const race = this.#race(document);
    if (race === null) return [];
    const ledgers = this.#known(race);
    return leverDiagnostics(document, standings(race, ledgers), ledgers);
  }

  /** The verdict on a lever, to be put below what it is. */
  markdown(document: TextDocument, lever: string): string[] {
    const race = this.#race(document);
    if (race === null) return [];
    const ledgers = this.#known(race);
    return standings(race, ledgers)
      .filter((standing) => standing.lever.id === lever)
      .map((standing) => verdictMarkdown(standing, ledgers));
  }

  actions(document: TextDocument, diagnostics: readonly Diagnostic[]): CodeAction[] {
    const path = fileOf(document.uri);
    return path === null ? [] : leverActions(document, path, diagnostics);
  }

  /** A file was written, or a file or folder came or went. */
  written(uri: string): void {
    const path = fileOf(uri);
    if (path !== null) this.#store.written(path);
  }

  #known({ ledgers }: RaceFile): LeverLedger[] {
    return this.#store.known(ledgers);
  }

  /** Null: not a file of this machine, or one without levers. */
  #race(document: TextDocument): RaceFile | null {
    const path = document.uri.endsWith(".toml") ? fileOf(document.uri) : null;
    const text = document.getText();
    if (path === null || leverPlaces(text).length === 0) return null;
    return { path, text, ledgers: ledgersOf(path, this.#rootOf(path)) };
  }
}

/** Beside the race file first, then in each folder above it, up to that of the workspace. */
function ledgersOf(path: string, root: string | null): string[] {
  const found: string[] = [];
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    found.push(join(folder, ...ledgerPath));
    if (root === null || folder === root || folder === dirname(folder)) return found;
  }
}
