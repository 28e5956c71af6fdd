/** Checks the files of one load path: in the order of their dependencies, two at a time, from the cache where possible. */
import { readFile } from "node:fs/promises";
import { rangeInLine } from "../invariants/coq/bytes.ts";
import { parseErrors } from "../invariants/coq/errors.ts";
import { type Glob, parseGlob } from "../invariants/coq/glob.ts";
import type { FactOutcome, GlobDeclaration, ProofFacts } from "../invariants/facts.ts";
import type { CoqScan } from "../invariants/model.ts";
import { copySource } from "./build-folder.ts";
import { cacheKey, type FactCache } from "./cache.ts";
import { deepCheck } from "./deep-check.ts";
import { examine } from "./examine.ts";
import type { Prover } from "./find-prover.ts";
import type { ProverLimits } from "./limits.ts";
import type { LoadPath } from "./load-path.ts";
import { ProjectNeeds } from "./needs.ts";
import { dependencies } from "./plan.ts";
import { runProver } from "./run.ts";

export interface Source {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly text: string;
  readonly sha256: string;
  readonly scan: CoqScan;
}

export interface ProjectRequest {
  readonly prover: Prover;
  /** Of the libraries outside of the folder; null: not known, and nothing is kept. */
  readonly installed: string | null;
  readonly loadPath: LoadPath;
  /** Every file that the load path reaches. */
  readonly sources: ReadonlyMap<string, Source>;
  /** An empty folder. */
  readonly place: string;
  readonly cache: FactCache;
  readonly limits: ProverLimits;
  readonly again: boolean;
  readonly deep: boolean;
  readonly now: () => number;
  readonly signal?: AbortSignal | undefined;
  readonly onFile: (facts: ProofFacts) => void;
  /** Runs a task when fewer than the allowed provers run. */
  readonly slot: <T>(task: () => Promise<T>) => Promise<T>;
}

const flags = ["-q", "-w", "-all", "-native-compiler", "no"];

export class ProjectCheck {
  readonly #request: ProjectRequest;
  /** Paths by logical name, with the names that Coq has used. */
  readonly #libraries: Map<string, string>;
  readonly #facts = new Map<string, Promise<ProofFacts | null>>();
  readonly #compiled = new Map<string, Promise<FactOutcome | null>>();
  /** Milliseconds that provers ran for a file. */
  readonly #spent = new Map<string, number>();
  #needs = ProjectNeeds.none;

  constructor(request: ProjectRequest) {
    this.#request = request;
    const { sources, loadPath } = request;
    this.#libraries = new Map([...sources.keys()].map((path) => [loadPath.library(path), path]));
  }

  /** Facts of `paths`; a file is missing when the check was given up. */
  async run(paths: readonly string[]): Promise<Map<string, ProofFacts>> {
    const { sources, place, onFile } = this.#request;
    for (const { path, bytes } of sources.values()) await copySource(place, path, bytes);
    const requires = new Map([...sources.values()].map(({ path, scan }) => [path, scan.requires]));
    this.#needs = new ProjectNeeds(await dependencies({ ...this.#request, mirror: place, requires }));
    const found = new Map<string, ProofFacts>();
    const sizeOf = (path: string): number => sources.get(path)?.bytes.length ?? 0;
    // The longest first: a long one that is left to the end keeps a single prover busy.
    const order = [...paths].sort((a, b) => sizeOf(b) - sizeOf(a));
    await Promise.all(
      order.map(async (path) => {
        const facts = await this.#factsOf(path);
        if (facts === null) return;
        found.set(path, facts);
        onFile(facts);
      }),
    );
    return found;
  }

  #factsOf(path: string): Promise<ProofFacts | null> {
    const known = this.#facts.get(path);
    if (known !== undefined) return known;
    const facts = this.#check(path);
    this.#facts.set(path, facts);
    return facts;
  }

  async #check(path: string): Promise<ProofFacts | null> {
    const { again, deep, prover, sources, now, loadPath } = this.#request;
    const source = sources.get(path);
    if (source === undefined) return null;
    const known = again ? null : await this.#known(path);
    // Flags that weaken a proof are not passed on, so they are no part of the key: they are those of today.
    if (known !== null && (!deep || known.deepCheck !== null)) return { ...known, trustFlags: loadPath.trustFlags };
    const outcome = await this.#compile(path);
    if (outcome === null) return null;
    const { declarations } = await this.#glob(path);
    const base: ProofFacts = {
      path,
      sourceSha256: source.sha256,
      needs: this.#neededBytes(path),
      outcome,
      declarations,
      theorems: {},
      prover: prover.name,
      elapsedMs: this.#spentMs(path),
      checkedAt: now(),
      trustFlags: loadPath.trustFlags,
      deepCheck: null,
    };
    const facts = outcome.kind === "compiled" ? await this.#examine(base) : base;
    if (facts !== null) await this.#keep(facts);
    return facts;
  }

  async #known(path: string): Promise<ProofFacts | null> {
    const key = this.#key(path);
    return key === null ? null : this.#request.cache.read(key);
  }

  /** What depends on time or chance is asked again next time, and so is what rests on it. */
  async #keep(facts: ProofFacts): Promise<void> {
    const key = this.#key(facts.path);
    if (key === null || ["timeout", "crashed", "held-up"].includes(facts.outcome.kind)) return;
    const { deepCheck } = facts;
    const isSettled = deepCheck === null || deepCheck.verdict === "accepted" || deepCheck.verdict === "rejected";
    await this.#request.cache.write(key, isSettled ? facts : { ...facts, deepCheck: null });
  }

  async #examine(base: ProofFacts): Promise<ProofFacts | null> {
    const { prover, loadPath, place, limits, signal, now, deep, sources } = this.#request;
    const scan = sources.get(base.path)?.scan;
    if (scan === undefined) return base;
    const { references } = await this.#glob(base.path);
    const kinds = new Map<string, readonly GlobDeclaration[]>();
    for (const needed of [base.path, ...this.#needs.all(base.path)])
      kinds.set(needed, (await this.#glob(needed)).declarations);
    const kindOf = (path: string, name: string) =>
      kinds.get(path)?.find((one) => (one.modulePath === "" ? one.name : `${one.modulePath}.${one.name}`) === name)
        ?.kind;
    const library = loadPath.library(base.path);
    const args = loadPath.args(place);
    const examined = await this.#timed(base.path, () =>
      examine({
        prover,
        library,
        declarations: base.declarations,
        references,
        scan,
        out: place,
        args,
        limits,
        signal,
        libraries: this.#libraries,
        kindOf,
      }),
    );
    const elapsedMs = this.#spentMs(base.path);
    if (examined.kind === "aborted") return null;
    if (examined.kind === "timeout") {
      return { ...base, outcome: { kind: "timeout", limitMs: limits.queryMs, during: "query" }, elapsedMs };
    }
    if (examined.kind === "crashed") return { ...base, outcome: examined, elapsedMs };
    const facts = { ...base, theorems: examined.theorems, elapsedMs, checkedAt: now() };
    if (!deep) return facts;
    const checked = await this.#timed(base.path, () =>
      deepCheck({ prover, library, out: place, args, limits, signal }),
    );
    return checked === null ? null : { ...facts, deepCheck: checked };
  }

  /** Compiles what is needed, then the file itself; null: given up. */
  #compile(path: string): Promise<FactOutcome | null> {
    const known = this.#compiled.get(path);
    if (known !== undefined) return known;
    const outcome = this.#compileNow(path);
    this.#compiled.set(path, outcome);
    return outcome;
  }

  async #compileNow(path: string): Promise<FactOutcome | null> {
    const source = this.#request.sources.get(path);
    if (source === undefined) return null;
    const [unsafe] = source.scan.unsafe;
    if (unsafe !== undefined) {
      const { sentence, range, why } = unsafe;
      return { kind: "refused", sentence, place: { path, range }, why };
    }
    const namesake = this.#namesake(path);
    if (namesake !== null) return namesake;
    let doubt: FactOutcome | null = null;
    for (const needed of this.#needs.possible(path)) {
      // Files that need each other: Coq says so itself.
      if (this.#needs.isCircular(path, needed)) continue;
      const outcome = await this.#compile(needed);
      if (outcome === null) return null;
      const blocked = blockedBy(needed, outcome);
      if (blocked === null) continue;
      if (this.#needs.isSure(path, needed)) return blocked;
      doubt ??= blocked.kind === "held-up" ? blocked : null;
    }
    const outcome = await this.#compileAlone(source);
    // It may have failed for the want of what could not be checked.
    if (outcome?.kind === "failed" && doubt !== null) return doubt;
    if (outcome?.kind !== "compiled") return outcome;
    await this.#addLoaded(path);
    return (await this.#misnamed(path)) ?? outcome;
  }

  /** Coq would answer about one of two files of one name, and nobody could tell about which. */
  #namesake(path: string): FactOutcome | null {
    const { sources, loadPath } = this.#request;
    const library = loadPath.library(path);
    const others = [...sources.keys()].filter((each) => each !== path && loadPath.library(each) === library);
    if (others.length === 0) return null;
    const detail = `Coq calls ${others.join(", ")} ${library}, too; give the folders different names in the project file`;
    return { kind: "crashed", detail };
  }

  /** An answer about the name that was expected would be one about something else; an axiom would not be known as its own. */
  async #misnamed(path: string): Promise<FactOutcome | null> {
    const { library } = await this.#glob(path);
    const expected = this.#request.loadPath.library(path);
    if (library === null || library === expected) return null;
    this.#libraries.set(library, path);
    return { kind: "crashed", detail: `Coq calls this file ${library}, where ${expected} was expected` };
  }

  async #compileAlone({ path, text }: Source): Promise<FactOutcome | null> {
    const { prover, loadPath, place, limits, signal } = this.#request;
    const [executable = "", ...first] = prover.compile;
    const file = `${place}/${path}`;
    const args = [...first, ...flags, ...loadPath.args(place), "-o", `${file}o`, file];
    const result = await this.#timed(path, () =>
      runProver({ executable, args, folder: place, wallMs: limits.buildMs, limits, signal }),
    );
    if (result.kind === "aborted") return null;
    if (result.kind === "timeout") return { kind: "timeout", limitMs: limits.buildMs, during: "build" };
    if (result.kind === "crashed") return result;
    return result.code === 0 ? { kind: "compiled" } : failure(path, text, result.stderr, result.code);
  }

  /** The libraries that Coq says it has loaded: one that neither coqdep nor the text told of must not go unnoticed. */
  async #addLoaded(path: string): Promise<void> {
    const { references } = await this.#glob(path);
    for (const { library } of references) {
      const loaded = this.#libraries.get(library);
      if (loaded !== undefined && loaded !== path) this.#needs.found(path, loaded);
    }
  }

  /** Runs a prover for a file when its turn comes; the time before that is not the file's. */
  #timed<T>(path: string, task: () => Promise<T>): Promise<T> {
    const { slot, now } = this.#request;
    return slot(async () => {
      const started = now();
      try {
        return await task();
      } finally {
        this.#spent.set(path, this.#spentMs(path) + now() - started);
      }
    });
  }

  #spentMs(path: string): number {
    return this.#spent.get(path) ?? 0;
  }

  async #glob(path: string): Promise<Glob> {
    try {
      const glob = await readFile(`${this.#request.place}/${path.replace(/\.v$/, ".glob")}`, "utf8");
      return parseGlob(glob);
    } catch {
      // Not compiled here, or stopped before the first declaration.
      return { digest: null, library: null, declarations: [], references: [] };
    }
  }

  #neededBytes(path: string): ProofFacts["needs"] {
    const { sources } = this.#request;
    return [...this.#needs.all(path)].flatMap((needed) => {
      const sha256 = sources.get(needed)?.sha256;
      return sha256 === undefined || needed === path ? [] : [{ path: needed, sha256 }];
    });
  }

  /** Null: not all that the facts rest on is known. What Coq loaded unforeseen is part of it, so such facts are not found again. */
  #key(path: string): string | null {
    const { sources, prover, loadPath, installed } = this.#request;
    if (installed === null) return null;
    return cacheKey({
      path,
      sourceSha256: sources.get(path)?.sha256 ?? "",
      needs: this.#neededBytes(path).map((need) => ({ ...need, library: loadPath.library(need.path) })),
      prover: `${prover.compile.join(" ")} ${prover.version}`,
      installed,
      flags: [...flags, ...loadPath.args("")],
      library: loadPath.library(path),
    });
  }
}

/** Null: it does not stand in the way. */
function blockedBy(path: string, outcome: FactOutcome): (FactOutcome & { kind: "dependency" | "held-up" }) | null {
  if (outcome.kind === "compiled") return null;
  if (outcome.kind === "failed") return { kind: "dependency", path };
  if (outcome.kind === "dependency" || outcome.kind === "held-up") return outcome;
  return { kind: "held-up", path, because: outcome.kind };
}

function failure(path: string, text: string, stderr: string, code: number): FactOutcome {
  const error = parseErrors(stderr).find(({ kind }) => kind === "error");
  if (error === undefined) return { kind: "crashed", detail: stderr.trim().slice(-400) || `exit code ${code}` };
  const isHere = error.path === path;
  const place = isHere ? { path, range: rangeInLine(text, error.line, error.startByte, error.endByte) } : null;
  return {
    kind: "failed",
    message: error.message,
    place,
    acceptedUpToLine: isHere ? lastFullLine(text, error.line) : null,
  };
}

/** The last line before `line` on which a sentence ends: Coq has accepted the file up to there. */
function lastFullLine(text: string, line: number): number | null {
  const lines = text.split("\n").slice(0, line - 1);
  const last = lines.findLastIndex(endsSentence);
  return last < 0 ? null : last + 1;
}

/** With a comment behind the full stop or without. A search from each full stop on would take hours on a long line. */
function endsSentence(line: string): boolean {
  const text = line.trimEnd();
  const code = text.endsWith("*)") ? text.slice(0, Math.max(text.lastIndexOf("(*"), 0)).trimEnd() : text;
  return code.endsWith(".");
}
