/** The folders of the workspace, what may be run for them, and when Coq is asked. One store feeds everything that is shown. */
import { join, relative, sep } from "node:path";
import { cacheFolder } from "../../data/cache-folder.ts";
import type { FolderReport } from "../../protocol/invariant-report.ts";
import type { CheckProofsParams, CheckProofsResult, ProverSettings } from "../../protocol/invariant-requests.ts";
import { adviceOf, findProver, type NoProver } from "../../prover/find-prover.ts";
import { ProofFolder, type ProverState } from "./proof-folder.ts";

export interface StoreOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  /** A report changed: called at most every 150 ms. */
  readonly onChange: (folders: readonly ProofFolder[]) => void;
  readonly log: (message: string) => void;
}

/** A file of a folder, its path relative with `/`. */
export interface Located {
  readonly folder: ProofFolder;
  readonly path: string;
}

/** Between two notices; the first one after a pause comes sooner. */
const noticeMs = 150;
const firstNoticeMs = 10;
/** Editors write a file in several steps, and several files at once. */
const settleMs = 150;

const untrusted: NoProver = {
  missing: "untrusted",
  cause: null,
  wayOut:
    "A proof is a program: Igla runs Coq only in folders that you trust (command `Workspaces: Manage Workspace Trust`).",
};
const switchedOff: NoProver = {
  missing: "switched-off",
  cause: null,
  wayOut: "`igla.proofs.check` is off. The command `Igla: Check All Proofs` asks Coq once.",
};

export class ProofStore {
  readonly #options: StoreOptions;
  readonly #folders = new Map<string, ProofFolder>();
  readonly #loading = new Set<string>();
  #settings: ProverSettings = { trusted: false, proverPath: "", enabled: true };
  #prover: ProverState = "searching";
  #search = 0;
  readonly #changed = new Set<ProofFolder>();
  #notice: NodeJS.Timeout | null = null;
  #lastNotice = Number.NEGATIVE_INFINITY;
  readonly #disk = new Map<ProofFolder, Set<string>>();
  #settle: NodeJS.Timeout | null = null;
  #reading: Promise<unknown> = Promise.resolve();

  constructor(options: StoreOptions) {
    this.#options = options;
  }

  get folders(): readonly ProofFolder[] {
    return [...this.#folders.values()];
  }

  reports(): FolderReport[] {
    return this.folders.map((folder) => folder.report());
  }

  /** The folder that holds the file, the innermost where folders lie in each other. */
  locate(file: string): Located | null {
    const holders = this.folders.filter(({ folder }) => file.startsWith(folder + sep));
    const [first, ...others] = holders;
    if (first === undefined) return null;
    const folder = others.reduce((best, one) => (one.folder.length > best.folder.length ? one : best), first);
    return { folder, path: relative(folder.folder, file).split(sep).join("/") };
  }

  /** Reads a folder; it is known when that is done. @param path absolute */
  async addFolder(path: string): Promise<void> {
    if (this.#folders.has(path) || this.#loading.has(path)) return;
    this.#loading.add(path);
    const cache = join(cacheFolder(this.#options.env, this.#options.platform), "proofs");
    const folder: ProofFolder = new ProofFolder(path, cache, () => this.#note(folder));
    try {
      await folder.texts.load();
    } catch (error) {
      this.#options.log(`${path} cannot be read: ${(error as Error).message}`);
    }
    // Only now is it looked into: half a folder would be judged wrongly. Not at all when it was removed meanwhile.
    if (!this.#loading.delete(path)) return;
    this.#folders.set(path, folder);
    folder.setProver(this.#prover);
  }

  /** Asks about a folder that was added, once the texts that are open in it are known. */
  async begin(path: string): Promise<void> {
    const folder = this.#folders.get(path);
    if (folder !== undefined) await this.#checkWanted(folder);
  }

  async removeFolder(path: string): Promise<void> {
    const folder = this.#folders.get(path);
    this.#folders.delete(path);
    this.#loading.delete(path);
    if (folder !== undefined) this.#note(folder);
    await folder?.dispose();
  }

  /** Looks for the prover where one may be run, and checks what waited for it. */
  async configure(settings: ProverSettings): Promise<void> {
    this.#settings = settings;
    const search = ++this.#search;
    this.#setProver(this.#closed() ?? "searching");
    if (this.#closed() !== null) return;
    const found = await findProver(this.#options.env, this.#options.platform, settings.proverPath);
    if (search !== this.#search) return;
    this.#setProver(found);
    await Promise.all(this.folders.map((folder) => this.#checkWanted(folder)));
  }

  /** What keeps provers from being run without being asked for. */
  #closed(): NoProver | null {
    return this.#settings.trusted ? (this.#settings.enabled ? null : switchedOff) : untrusted;
  }

  /** The same prover, found twice, stays the same one: another would end the checks that run. */
  #setProver(found: ProverState): void {
    const prover = JSON.stringify(found) === JSON.stringify(this.#prover) ? this.#prover : found;
    this.#prover = prover;
    for (const folder of this.folders) folder.setProver(prover);
  }

  /** An open text changed. */
  opened({ folder, path }: Located, text: string): void {
    const isNew = !folder.texts.isOpen(path);
    if (folder.texts.open(path, text) || isNew) folder.touch();
    if (isNew && path.endsWith(".v")) this.#run(folder.checkOpened(path));
  }

  closed({ folder, path }: Located): void {
    folder.texts.close(path);
    folder.touch();
  }

  /** Something wrote to the file on disk. */
  written({ folder, path }: Located): void {
    const paths = this.#disk.get(folder) ?? new Set<string>();
    this.#disk.set(folder, paths.add(path));
    this.#settle ??= setTimeout(() => {
      this.#settle = null;
      const waiting = [...this.#disk];
      this.#disk.clear();
      for (const [each, changed] of waiting) this.#run(this.#reload(each, [...changed]));
    }, settleMs);
  }

  async #reload(folder: ProofFolder, paths: readonly string[]): Promise<void> {
    // One after the other: an older content must not come after a newer one.
    const reading = this.#reading.then(() => folder.texts.reload(paths));
    this.#reading = reading.catch(() => undefined);
    const changed = await reading;
    if (changed === "nothing" && !folder.cites(paths)) return;
    if (changed === "flags") folder.forget();
    folder.touch();
    await this.#checkWanted(folder);
  }

  async #checkWanted(folder: ProofFolder): Promise<void> {
    if (this.#closed() === null) await folder.checkWanted();
  }

  async check({ path, again, deep }: CheckProofsParams, signal: AbortSignal): Promise<CheckProofsResult> {
    const refusal = await this.#readyToCheck();
    if (refusal !== null) return { checked: 0, refusal };
    const wish = { again: again === true, deep: deep === true, signal };
    const inFolder = path === undefined ? undefined : this.#folders.get(path);
    const located = path === undefined || inFolder ? null : this.locate(path);
    if (path !== undefined && inFolder === undefined && located === null) {
      return { checked: 0, refusal: `${path} lies in no folder of this workspace.` };
    }
    if (located !== null) {
      const paths = (located.path.endsWith(".json") ? citedBy(located) : [located.path]).filter(
        (each) => located.folder.texts.scan(each)?.kind === "coq",
      );
      if (paths.length === 0) return { checked: 0, refusal: `${located.path} is no proof and cites none that exists.` };
      return { checked: await located.folder.check({ ...wish, paths }), refusal: null };
    }
    const folders = inFolder ? [inFolder] : this.folders;
    const counts = await Promise.all(folders.map((folder) => folder.check({ ...wish, paths: null })));
    return { checked: counts.reduce((sum, count) => sum + count, 0), refusal: null };
  }

  /** Someone asked: a prover is looked for again, as it may have been installed since. */
  async #readyToCheck(): Promise<string | null> {
    if (!this.#settings.trusted) return untrusted.wayOut;
    const isKnown = this.#prover !== "searching" && !("missing" in this.#prover);
    if (isKnown) return null;
    const found = await findProver(this.#options.env, this.#options.platform, this.#settings.proverPath);
    this.#setProver(found);
    return "missing" in found ? adviceOf(found) : null;
  }

  async dispose(): Promise<void> {
    this.#search += 1;
    if (this.#notice !== null) clearTimeout(this.#notice);
    if (this.#settle !== null) clearTimeout(this.#settle);
    await Promise.all(this.folders.map((folder) => folder.dispose()));
  }

  #run(task: Promise<unknown>): void {
    task.catch((error: unknown) =>
      this.#options.log(error instanceof Error ? (error.stack ?? error.message) : String(error)),
    );
  }

  #note(folder: ProofFolder): void {
    this.#changed.add(folder);
    const wait = Math.max(firstNoticeMs, this.#lastNotice + noticeMs - performance.now());
    this.#notice ??= setTimeout(() => {
      this.#notice = null;
      this.#lastNotice = performance.now();
      const changed = [...this.#changed];
      this.#changed.clear();
      this.#options.onChange(changed);
    }, wait);
  }
}

function citedBy({ folder, path }: Located): string[] {
  const file = folder.assertionFile(path);
  return [...new Set(file?.invariants.flatMap(({ proofPath }) => proofPath ?? []) ?? [])];
}
