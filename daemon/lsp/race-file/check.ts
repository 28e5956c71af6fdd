/** Whether a text is a valid race file, and what it would run: for programs that write race files. */
import { parseRaceFile } from "../../config/parse.ts";
import { levers } from "../../levers/registry.ts";
import type { RaceCheck } from "../../protocol/race-check.ts";
import { ladderRows } from "./ladder-table.ts";

/** @param file its name gives the race a name */
export function checkRaceText(text: string, file: string): RaceCheck {
  const parsed = parseRaceFile(text, file, levers);
  if (!parsed.ok) return { valid: false, errors: parsed.errors.map(({ file: _, ...error }) => error) };
  const { name, base, maxTrials, seeds, space, ladder } = parsed.config;
  const rungs = ladderRows(ladder, maxTrials);
  return {
    valid: true,
    race: {
      name,
      corpus: base.data.corpus,
      maxTrials,
      seeds,
      levers: Object.keys(base.levers),
      varies: space.map(({ path }) => path),
      rungs,
      totalSteps: rungs.reduce((sum, { trainedSteps }) => sum + trainedSteps, 0),
    },
  };
}
