/** A folder to begin with: a race file, an assertion file, and the proofs of what Igla itself guarantees. */
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { type Machine, starterFor } from "../config/starter.ts";

/** Beside the bundle, or this folder itself when the sources run. */
function source(): string {
  const built = join(import.meta.dirname, "starter");
  return existsSync(built) ? built : import.meta.dirname;
}

export type Written =
  | { readonly ok: true; readonly files: readonly string[] }
  /** Nothing was written: these exist already. */
  | { readonly ok: false; readonly inTheWay: readonly string[] };

/** Files of the starter folder by relative path. */
export async function starterFiles(machine: Machine, corpus: string): Promise<Map<string, string>> {
  const files = new Map([["race.igla.toml", starterFor(machine, corpus)]]);
  for (const folder of ["assertions", "proofs"]) {
    for (const name of (await readdir(join(source(), folder))).sort()) {
      files.set(`${folder}/${name}`, await readFile(join(source(), folder, name), "utf8"));
    }
  }
  return files;
}

/** Never overwrites. @throws {Error} when the folder cannot be written to */
export async function writeStarter(folder: string, machine: Machine, corpus: string): Promise<Written> {
  const files = await starterFiles(machine, corpus);
  const inTheWay = [...files.keys()].filter((path) => existsSync(resolve(folder, path)));
  if (inTheWay.length > 0) return { ok: false, inTheWay };
  for (const [path, text] of files) {
    await mkdir(dirname(resolve(folder, path)), { recursive: true });
    await writeFile(resolve(folder, path), text, { flag: "wx" });
  }
  return { ok: true, files: [...files.keys()] };
}
