/** Which files need which: from coqdep, for the sources that a check reads. */

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
  readonly paths: readonly string[];
  readonly limits: ProverLimits;
  readonly signal?: AbortSignal | undefined;
}

/** Paths that each path needs; empty when coqdep gave no answer: the compilation will say what is wrong. */
export async function dependencies(request: DependRequest): Promise<Map<string, string[]>> {
  const { prover, loadPath, mirror, paths, limits, signal } = request;
  const [executable = "", ...first] = prover.depend;
  const sources = paths.map((path) => `${mirror}/${path}`);
  const args = [...first, ...loadPath.args(mirror), ...sources];
  const result = await runProver({ executable, args, folder: mirror, wallMs: limits.queryMs, limits, signal });
  const known = new Set(paths);
  const found = new Map<string, string[]>();
  if (result.kind !== "exited") return found;
  const relative = (file: string) => file.slice(mirror.length + 1).replace(/\.vo$/, ".v");
  for (const line of result.stdout.split("\n")) {
    const colon = line.indexOf(": ");
    const [target, ...others] = words(line.slice(0, colon));
    if (colon < 0 || target === undefined || !target.endsWith(".vo") || others.length === 0) continue;
    const needed = words(line.slice(colon + 2))
      .filter((file) => file.endsWith(".vo") && file.startsWith(`${mirror}/`))
      .map(relative)
      .filter((path) => known.has(path));
    found.set(relative(target), needed);
  }
  return found;
}

/** Make's way of writing names: blanks are escaped. */
function words(text: string): string[] {
  return (text.match(/(?:\\.|\S)+/g) ?? []).map((word) => word.replaceAll(/\\(.)/g, "$1"));
}
