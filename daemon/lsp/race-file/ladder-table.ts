/** The rungs of a race as a table: how many trials reach each of them, and what that costs. */
import { parseRaceFile } from "../../config/parse.ts";
import { levers } from "../../levers/registry.ts";
import type { LadderRow } from "../../protocol/race-check.ts";
import { formatKeep, keepCount, type Ladder, type PresetName, presetLadder, rungDelta } from "../../search/ladder.ts";

export function ladderRows(ladder: Ladder, maxTrials: number): LadderRow[] {
  let trials = maxTrials;
  return ladder.rungs.map(({ steps, keep }, rung) => {
    const row = {
      steps,
      keep: keep && formatKeep(keep),
      trials,
      trainedSteps: trials * rungDelta(ladder, rung),
    };
    if (keep !== null) trials = keepCount(trials, keep);
    return row;
  });
}

/** The ladder of a valid race file; of an invalid one, or for a preset on its own, without counts. */
export function ladderMarkdown(text: string, preset: PresetName | null): string | null {
  const parsed = parseRaceFile(text, "", levers);
  if (parsed.ok && (preset === null || parsed.config.ladder.name === preset)) {
    const { ladder, maxTrials, budgetSteps } = parsed.config;
    const rows = ladderRows(ladder, maxTrials);
    const total = rows.reduce((sum, { trainedSteps }) => sum + trainedSteps, 0);
    const lines = rows.map(
      ({ steps, keep, trials, trainedSteps }) => `| ${steps} | ${keep ?? "-"} | ${trials} | ${trainedSteps} |`,
    );
    const budget = budgetSteps === null ? "" : `; the budget ends it at ${budgetSteps}`;
    const note = `${total} steps in all${budget}. A race promotes while it runs: a trial that drops out of the top share later has already gone on, so these counts are lower bounds.`;
    return ["| rung at step | keep | trials | steps trained |", "|--:|:-:|--:|--:|", ...lines, "", note].join("\n");
  }
  if (preset === null) return null;
  const lines = presetLadder(preset).rungs.map(({ steps, keep }) => `| ${steps} | ${keep ? formatKeep(keep) : "-"} |`);
  return ["| rung at step | keep |", "|--:|:-:|", ...lines].join("\n");
}
