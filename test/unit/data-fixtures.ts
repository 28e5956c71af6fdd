import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The real corpus: IGLA_DATA, else the copy beside the repository. */
export function tinyShakespeareFolder(): string {
  return process.env.IGLA_DATA ?? join(import.meta.dirname, "../../../shared/data");
}

export function tinyShakespeare(): Buffer {
  return readFileSync(join(tinyShakespeareFolder(), "tinyshakespeare.txt"));
}
