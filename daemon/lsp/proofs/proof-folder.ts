/** One folder with its texts, what Coq said of them so far, and the report that both give. */
import type { ProofFacts } from "../../invariants/facts.ts";
import { judgeFolder } from "../../invariants/judge.ts";
import type {
  AssertionFileReport,
  FolderReport,
  ProofFileReport,
  UnknownReason,
} from "../../protocol/invariant-report.ts";
import { ProofChecker } from "../../prover/checker.ts";
import { type NoProver, type Prover, reported } from "../../prover/find-prover.ts";
import { unreadAt } from "../../prover/unread.ts";
import { FolderTexts } from "./folder-texts.ts";

/** `searching`: nobody knows yet whether there is one. */
export type ProverState = Prover | NoProver | "searching";

export interface CheckWish {
  /** Relative paths of proofs; null: all of them. */
  readonly paths: readonly string[] | null;
  readonly again?: boolean;
  readonly deep?: boolean;
  readonly signal?: AbortSignal;
}

export class ProofFolder {
  readonly texts: FolderTexts;
  readonly #cacheFolder: string;
  readonly #onChange: () => void;
  readonly #facts = new Map<string, ProofFacts>();
  /** How many checks under way will reach the file. */
  readonly #pending = new Map<string, number>();
  #prover: ProverState = "searching";
  #checker: { readonly prover: Prover; readonly checker: ProofChecker } | null = null;
  #automatic: AbortController | null = null;
  #report: FolderReport | null = null;
  /** Counts what `forget` has made void. */
  #age = 0;

  constructor(folder: string, cacheFolder: string, onChange: () => void) {
    this.texts = new FolderTexts(folder);
    this.#cacheFolder = cacheFolder;
    this.#onChange = onChange;
  }

  get folder(): string {
    return this.texts.folder;
  }

  /** What was known holds no longer, nor what a running check finds: the flags that it was begun with are others now. */
  forget(): void {
    this.#age += 1;
    this.#facts.clear();
  }

  /** Says that texts have changed. */
  touch(): void {
    this.#report = null;
    this.#onChange();
  }

  setProver(prover: ProverState): void {
    this.#prover = prover;
    this.touch();
  }

  report(): FolderReport {
    this.#report ??= this.#judge();
    return this.#report;
  }

  assertionFile(path: string): AssertionFileReport | undefined {
    return this.report().assertionFiles.find((file) => file.path === path);
  }

  proofFile(path: string): ProofFileReport | undefined {
    return this.report().proofFiles.find((file) => file.path === path);
  }

  /**
   * Proofs that are worth asking about without being asked to: those that a claim cites, those that are open, and those
   * that were asked about before, as a new file may have come between them and what they need.
   */
  wanted(): string[] {
    const cited = new Set(
      this.report().assertionFiles.flatMap(({ invariants }) => invariants.map(({ proofPath }) => proofPath)),
    );
    return this.#proofs().filter((path) => cited.has(path) || this.texts.isOpen(path) || this.#facts.has(path));
  }

  /** Whether a claim cites something at one of these places, or below: it may be there without being read. */
  cites(places: readonly string[]): boolean {
    const cited = this.report().assertionFiles.flatMap(({ invariants }) =>
      invariants.flatMap((one) => one.proofPath ?? []),
    );
    return cited.some((path) => places.some((place) => path === place || path.startsWith(`${place}/`)));
  }

  /** Checks what is wanted, giving up an earlier check of this kind: its files have changed since. */
  async checkWanted(): Promise<void> {
    this.#automatic?.abort();
    const abort = new AbortController();
    this.#automatic = abort;
    await this.#check(this.wanted(), {}, abort.signal);
  }

  /** Of a proof that was opened: what a running check does not cover. */
  async checkOpened(path: string): Promise<void> {
    const facts = this.#facts.get(path);
    const isKnown = facts !== undefined && facts.sourceSha256 === this.texts.hashes().get(path);
    if (isKnown || this.#pending.has(path) || !this.#proofs().includes(path)) return;
    await this.#check([path], {}, undefined);
  }

  /** @returns number of files that Coq was asked about */
  check({ paths, again = false, deep = false, signal }: CheckWish): Promise<number> {
    const proofs = this.#proofs();
    const chosen = paths === null ? proofs : paths.filter((path) => proofs.includes(path));
    return this.#check(chosen, { again, deep }, signal);
  }

  async dispose(): Promise<void> {
    this.#automatic?.abort();
    await this.#checker?.checker.dispose();
  }

  async #check(
    paths: readonly string[],
    options: { readonly again?: boolean; readonly deep?: boolean },
    signal: AbortSignal | undefined,
  ): Promise<number> {
    const checker = await this.#checkerNow();
    if (checker === null || paths.length === 0) return 0;
    const waiting = new Set(paths);
    const settle = (path: string) => {
      if (!waiting.delete(path)) return;
      const left = (this.#pending.get(path) ?? 1) - 1;
      if (left > 0) this.#pending.set(path, left);
      else this.#pending.delete(path);
    };
    for (const path of paths) this.#pending.set(path, (this.#pending.get(path) ?? 0) + 1);
    const age = this.#age;
    this.touch();
    try {
      const found = await checker.check(paths, {
        ...options,
        ...(signal === undefined ? {} : { signal }),
        onFile: (facts) => {
          if (age === this.#age) this.#facts.set(facts.path, facts);
          settle(facts.path);
          this.touch();
        },
      });
      return found.size;
    } finally {
      for (const path of paths) settle(path);
      this.touch();
    }
  }

  async #checkerNow(): Promise<ProofChecker | null> {
    const prover = this.#prover;
    if (prover === "searching" || "missing" in prover) return null;
    if (this.#checker?.prover !== prover) {
      const before = this.#checker;
      // Another prover may see it differently.
      if (before !== null) this.forget();
      const options = { folder: this.folder, prover, cacheFolder: this.#cacheFolder };
      this.#checker = { prover, checker: new ProofChecker(options) };
      await before?.checker.dispose();
    }
    return this.#checker.checker;
  }

  #proofs(): string[] {
    return this.texts.scans().flatMap(({ kind, path }) => (kind === "coq" ? [path] : []));
  }

  #judge(): FolderReport {
    const prover = this.#prover;
    const searching = { missing: "pending" as const, wayOut: "Igla looks for Coq." };
    const shown = prover === "searching" ? searching : reported(prover);
    const scans = this.texts.scans();
    return judgeFolder({
      folder: this.folder,
      assertions: this.texts.sources(),
      scans,
      facts: this.#facts,
      sources: this.texts.hashes(),
      unknownBecause: (path: string): UnknownReason =>
        this.#pending.has(path) ? "pending" : "missing" in shown ? shown.missing : "not-asked",
      prover: shown,
      checking: this.#pending.size > 0,
      unread: (path) => unreadAt(this.folder, path),
    });
  }
}
