/** What a race command says at the end. */
import { corpusLabel } from "../data/tag.ts";
import type { RaceOutcome } from "./commands/race.ts";
import type { CliContext } from "./context.ts";
import { formatBpb, formatCount } from "./render/format.ts";
import { raceStandings, standingsTable } from "./render/standings.ts";
import { type Line, styled } from "./render/text.ts";
import type { WatchResult } from "./watch-race.ts";
import { openReader } from "./workspace-reader.ts";

const SHOWN_ROWS = 20;

/** The leaderboard for people, or one document for programs. */
export async function reportRace(
  context: CliContext,
  workspace: string,
  outcome: RaceOutcome,
  json: boolean,
): Promise<void> {
  if (json) context.out.json(await raceDocument(workspace, outcome));
  else {
    context.out.lines(...raceReport(outcome, context.out.width));
    if (outcome.state.status === "failed") {
      context.progress.print([
        styled("red", "The race could not go on. "),
        "Mend the reason and run the same command: it goes on where it was.",
      ]);
    }
  }
}

/** What `--json` says about a race. */
export async function raceDocument(workspace: string, { state, end, leaks }: RaceOutcome): Promise<object> {
  const reader = await openReader(workspace);
  try {
    const { raceId, name, status, reason, corpus, backend, parameters, trainedSteps, best } = state;
    const rows = await reader.leaderboard(raceId, 1000);
    const { guards } = state;
    const facts = { raceId, name, status, reason, end, corpus, leaks, backend, parameters, trainedSteps, best, guards };
    return { ...facts, rows };
  } finally {
    await reader.close();
  }
}

export function raceReport({ state, end }: WatchResult, width: number): Line[] {
  const { raceId, name, status, reason, corpus, best, trainedSteps } = state;
  const standings = raceStandings(state);
  const outcome =
    end === "detached" ? "goes on in the background" : `${status}${reason ? `: ${reason.replace(/\.$/, "")}` : ""}`;
  const lines: Line[] = [
    [styled("bold", `${name} ${raceId}`), `  ${outcome}; ${formatCount(trainedSteps)} steps trained`],
    [corpus === null ? "no corpus read" : `validation BPB on ${corpusLabel(corpus)}`],
    [],
    ...standingsTable(standings.slice(0, SHOWN_ROWS), width),
  ];
  if (standings.length > SHOWN_ROWS)
    lines.push([styled("dim", `and ${standings.length - SHOWN_ROWS} more: \`igla leaderboard\``)]);
  if (best !== null && end !== "detached") {
    lines.push([], [styled("green", `best: ${best.trialId} with ${formatBpb(best.valBpb)} BPB at step ${best.step}`)]);
  }
  return lines;
}
