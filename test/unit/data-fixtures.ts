import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { corpusCacheFolder } from "../../daemon/data/cache-folder.ts";

/** Folder with the real corpus: IGLA_DATA, else the user's cache; null where neither holds it. */
export const tinyShakespeareFolder =
  [process.env.IGLA_DATA, corpusCacheFolder(process.env, process.platform)].find(
    (folder) => folder !== undefined && existsSync(join(folder, "tinyshakespeare.txt")),
  ) ?? null;

/** Stands in the name of every test that is skipped without it. */
export const needsTinyShakespeare = "(skipped where neither IGLA_DATA nor the cache holds TinyShakespeare)";

export function tinyShakespeare(): Buffer {
  if (tinyShakespeareFolder === null) throw new Error("TinyShakespeare is not on this machine");
  return readFileSync(join(tinyShakespeareFolder, "tinyshakespeare.txt"));
}
