/** Race files for tests of experiments. */
import { parseRaceFile } from "../../../daemon/config/parse.ts";
import type { RaceConfig } from "../../../daemon/config/race-config.ts";
import { splitRanges } from "../../../daemon/data/splits.ts";
import type { CorpusSize } from "../../../daemon/experiment/design.ts";
import { levers } from "../../../daemon/levers/registry.ts";

export const corpusSize: CorpusSize = { bytes: 6000, splits: splitRanges("three-way", 6000) };

/** @throws {Error} the file has an error */
export function configOf(text: string): RaceConfig {
  const parsed = parseRaceFile(text, "x.igla.toml", levers);
  if (!parsed.ok) throw new Error(parsed.errors.map(({ message }) => message).join("\n"));
  return parsed.config;
}

/** One layer, width 8, two heads, context 6, batch 2. @param more further sections @param race further keys of [race] */
export function raceFileOf(more = "", race = "rungs = [{ steps = 40 }]"): string {
  return `
[model]
layers = 1
width = 8
heads = 2
context = 6
mlp_mult = 2
[optimizer]
batch = 2
[schedule]
warmup = 3
[race]
${race}
${more}`;
}
