/** Which files need which: from coqdep, and from the text where coqdep does not look. */
import { mayBe } from "../invariants/coq/requires.ts";
import type { Required } from "../invariants/model.ts";
import type { Prover } from "./find-prover.ts";
import type { ProverLimits } from "./limits.ts";
import type { LoadPath } from "./load-path.ts";
import { runProver } from "./run.ts";

/** Sources of one load path, and the dependencies among them. */
export interface DependRequest {
  readonly prover: Prover;
  readonly loadPath: LoadPath;
  /** Absolute; holds a copy of every source at its relative path. */
  readonly mirror: string;
  /** What each path asks for, as its text says. */
  readonly requires: ReadonlyMap<string, readonly Required[]>;
  readonly limits: ProverLimits;
  readonly signal?: AbortSignal | undefined;
  /** Runs a task when fewer than the allowed provers run. */
  readonly slot: <T>(task: () => Promise<T>) => Promise<T>;
}

export interface Needs {
  /** Coq will look for these files. */
  readonly sure: ReadonlySet<string>;
  /**
   * Those, and all that a `Require` of the text may mean. coqdep reads neither behind bullets and braces nor a file that it
   * cannot cut into words, and a name may fit several files.
   */
  readonly possible: ReadonlySet<string>;
}

export async function dependencies(request: DependRequest): Promise<Map<string, Needs>> {
  const { requires, loadPath } = request;
  const paths = [...requires.keys()];
  const told = await coqdep(request, paths);
  const libraries = paths.map((path) => ({ path, library: loadPath.library(path) }));
  return new Map(
    paths.map((path) => {
      const wanted = requires.get(path) ?? [];
      const named = libraries.filter(({ library }) => wanted.some((one) => mayBe(one, library)));
      const sure = new Set((told.get(path) ?? []).filter((each) => each !== path));
      const possible = new Set([...sure, ...named.map((one) => one.path).filter((each) => each !== path)]);
      return [path, { sure, possible }];
    }),
  );
}

/** One that coqdep cannot read costs the answer for all: then each is asked about alone. */
async function coqdep(request: DependRequest, paths: readonly string[]): Promise<Map<string, string[]>> {
  const together = await ask(request, paths);
  if (together !== null || paths.length < 2) return together ?? new Map();
  const each = await Promise.all(paths.map((path) => request.slot(() => ask(request, [path]))));
  return new Map(each.flatMap((one) => [...(one ?? [])]));
}

/** Null: no answer. */
async function ask(request: DependRequest, paths: readonly string[]): Promise<Map<string, string[]> | null> {
  const { prover, loadPath, mirror, limits, signal, requires } = request;
  const [executable = "", ...first] = prover.depend;
  const args = [...first, ...loadPath.args(mirror), ...paths.map((path) => `${mirror}/${path}`)];
  const result = await runProver({ executable, args, folder: mirror, wallMs: limits.queryMs, limits, signal });
  if (result.kind !== "exited" || result.code !== 0) return null;
  const found = new Map<string, string[]>();
  const relative = (file: string) => file.slice(mirror.length + 1).replace(/\.vo$/, ".v");
  for (const line of result.stdout.split("\n")) {
    const colon = line.indexOf(": ");
    const [target, ...others] = words(line.slice(0, colon));
    if (colon < 0 || target === undefined || !target.endsWith(".vo") || others.length === 0) continue;
    const needed = words(line.slice(colon + 2))
      .filter((file) => file.endsWith(".vo") && file.startsWith(`${mirror}/`))
      .map(relative)
      .filter((path) => requires.has(path));
    found.set(relative(target), needed);
  }
  return found;
}

/** Make's way of writing names: blanks are escaped. */
function words(text: string): string[] {
  return (text.match(/(?:\\.|\S)+/g) ?? []).map((word) => word.replaceAll(/\\(.)/g, "$1"));
}
