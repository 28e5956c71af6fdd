/** What is installed beside the prover: the libraries of other projects decide what a proof rests on, too. */
import { createHash } from "node:crypto";
import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Prover } from "./find-prover.ts";
import type { ProverLimits } from "./limits.ts";
import { runProver } from "./run.ts";

/** Shared libraries of Coq packages, beside the prover's own folder. */
const shared = ["/usr/local/share/coq", "/usr/share/coq"];
/** Compiled libraries and plug-ins. */
const loadable = /\.(?:vo|cmxs|cmo|cma)$/;

/**
 * A fingerprint of the prover and of all that it may load from outside of the folder: names, sizes and times of change.
 * Null when the prover does not say where its libraries are: nothing that was found out can be kept then.
 */
export async function installedLibraries(
  prover: Prover,
  folder: string,
  limits: ProverLimits,
  signal: AbortSignal,
): Promise<string | null> {
  const [executable = "", ...first] = prover.compile;
  const request = { executable, args: [...first, "-where"], folder, wallMs: limits.queryMs, limits, signal };
  const result = await runProver(request);
  if (result.kind !== "exited" || result.code !== 0 || result.stdout.trim() === "") return null;
  const hash = createHash("sha256");
  await addFile(hash, executable);
  for (const place of [result.stdout.trim(), ...shared]) await addFolder(hash, place);
  return hash.digest("hex");
}

type Hash = ReturnType<typeof createHash>;

async function addFolder(hash: Hash, folder: string): Promise<void> {
  let entries: Dirent[];
  try {
    entries = await readdir(folder, { recursive: true, withFileTypes: true });
  } catch {
    // It need not be there.
    return;
  }
  const files = entries.filter(({ name }) => loadable.test(name)).map(({ parentPath, name }) => join(parentPath, name));
  const stats = await Promise.all(files.sort().map(describe));
  for (const line of stats) hash.update(line);
}

async function addFile(hash: Hash, file: string): Promise<void> {
  hash.update(await describe(file));
}

async function describe(file: string): Promise<string> {
  try {
    const { size, mtimeMs } = await stat(file);
    return `${file}\n${size}\n${mtimeMs}\n`;
  } catch {
    return `${file}\ngone\n`;
  }
}
