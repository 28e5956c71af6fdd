/** Asks Coq about the proof files of one folder. Writes nothing into the folder, and leaves no process behind. */
import { scanProof } from "../invariants/coq/scan.ts";
import type { ProofFacts } from "../invariants/facts.ts";
import { folderOf } from "../invariants/paths.ts";
import { BuildFolder } from "./build-folder.ts";
import { FactCache } from "./cache.ts";
import type { Prover } from "./find-prover.ts";
import { installedLibraries } from "./installed.ts";
import { defaultLimits, maxProvers, type ProverLimits } from "./limits.ts";
import { type LoadPath, loadPathOf } from "./load-path.ts";
import { ProjectCheck, type Source } from "./project-check.ts";
import { readProofBytes, readProofFolder, sha256Of } from "./read-folder.ts";
import { probeSandbox } from "./run.ts";

export interface CheckerOptions {
  /** Absolute. */
  readonly folder: string;
  readonly prover: Prover;
  /** Outside of the folder; shared by all processes of the user. */
  readonly cacheFolder: string;
  readonly limits?: Partial<ProverLimits>;
}

export interface CheckOptions {
  /** Without the cache. */
  readonly again?: boolean;
  /** With coqchk. */
  readonly deep?: boolean;
  readonly signal?: AbortSignal;
  readonly onFile?: (facts: ProofFacts) => void;
}

export class ProofChecker {
  readonly #options: CheckerOptions;
  readonly #limits: ProverLimits;
  readonly #cache: FactCache;
  readonly #ended = new AbortController();
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: CheckerOptions) {
    this.#options = options;
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#cache = new FactCache(options.cacheFolder);
  }

  /**
   * Facts about the files at `paths`, relative to the folder. Files that are not Coq, and those that an aborted check did
   * not reach, have none. One check at a time: a second one waits.
   */
  check(paths: readonly string[], options: CheckOptions = {}): Promise<ReadonlyMap<string, ProofFacts>> {
    const run = this.#last.then(() => this.#check(paths, options));
    // The next check does not care how this one ended.
    this.#last = run.catch(() => undefined);
    return run;
  }

  /** Ends what runs. */
  async dispose(): Promise<void> {
    this.#ended.abort();
    await this.#last;
  }

  async #check(paths: readonly string[], options: CheckOptions): Promise<ReadonlyMap<string, ProofFacts>> {
    const found = new Map<string, ProofFacts>();
    const { folder, cacheFolder, prover } = this.#options;
    const signal = options.signal ? AbortSignal.any([options.signal, this.#ended.signal]) : this.#ended.signal;
    if (signal.aborted) return found;
    const texts = await readProofFolder(folder);
    const projects = new Map(texts.projects.map(({ path, text }) => [path, text]));
    const sources = await this.#sources(texts.proofs.map(({ path }) => path));
    const folders = foldersOf([...sources.keys()]);
    const build = await BuildFolder.create(cacheFolder);
    try {
      await probeSandbox(build.path, this.#limits);
      const installed = await installedLibraries(prover, build.path, this.#limits, signal);
      for (const { loadPath, members } of groups([...sources.keys()], projects, folders)) {
        const wanted = paths.filter((path) => members.includes(path));
        if (wanted.length === 0 || signal.aborted) continue;
        const project = new ProjectCheck({
          prover,
          installed,
          loadPath,
          sources: new Map([...sources].filter(([path]) => members.includes(path) || loadPath.covers(path))),
          place: await build.place(),
          cache: this.#cache,
          limits: this.#limits,
          again: options.again === true,
          deep: options.deep === true,
          now: Date.now,
          signal,
          onFile: options.onFile ?? (() => undefined),
          slot: (task) => this.#slot(task),
        });
        for (const [path, facts] of await project.run(wanted)) found.set(path, facts);
      }
    } finally {
      await build.remove();
    }
    return found;
  }

  async #sources(paths: readonly string[]): Promise<Map<string, Source>> {
    const sources = new Map<string, Source>();
    for (const path of paths) {
      const bytes = await readProofBytes(this.#options.folder, path);
      if (bytes === null) continue;
      const text = bytes.toString("utf8");
      const scan = scanProof(path, text);
      if (scan.kind === "coq") sources.set(path, { path, bytes, text, sha256: sha256Of(bytes), scan });
    }
    return sources;
  }

  async #slot<T>(task: () => Promise<T>): Promise<T> {
    if (this.#running >= maxProvers) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running += 1;
    try {
      return await task();
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }
}

function foldersOf(paths: readonly string[]): Set<string> {
  const folders = new Set<string>([""]);
  for (const path of paths) {
    for (let folder = folderOf(path); folder !== ""; folder = folderOf(folder)) folders.add(folder);
  }
  return folders;
}

/** Files under one project file share a load path; without one, the files of one folder do. */
function groups(
  paths: readonly string[],
  projects: ReadonlyMap<string, string>,
  folders: ReadonlySet<string>,
): { readonly loadPath: LoadPath; readonly members: string[] }[] {
  const found = new Map<string, { readonly loadPath: LoadPath; readonly members: string[] }>();
  for (const path of paths) {
    const loadPath = loadPathOf(path, projects, folders);
    const key = `${loadPath.project ?? ""}\n${loadPath.args("").join("\n")}`;
    const group = found.get(key);
    if (group === undefined) found.set(key, { loadPath, members: [path] });
    else group.members.push(path);
  }
  return [...found.values()];
}
