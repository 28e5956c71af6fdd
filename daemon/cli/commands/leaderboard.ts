/** `igla leaderboard`: the best trials of the workspace or of one race. */
import { corpusLabel } from "../../data/tag.ts";
import type { RaceState } from "../../protocol/state.ts";
import type { CliContext } from "../context.ts";
import { workspaceFolder } from "../daemon-link.ts";
import { ExitCode } from "../exit-codes.ts";
import { describeState, standingsTable } from "../render/standings.ts";
import { type Line, styled } from "../render/text.ts";
import { type LeaderboardRow, openReader } from "../workspace-reader.ts";

export interface LeaderboardOptions {
  readonly workspace?: string;
  readonly race?: string;
  readonly limit: number;
  readonly json?: boolean;
}

export async function leaderboard(context: CliContext, options: LeaderboardOptions): Promise<ExitCode> {
  const workspace = await workspaceFolder(options, context.cwd);
  const reader = await openReader(workspace);
  try {
    const rows = await reader.leaderboard(options.race, options.limit);
    if (options.json) context.out.json({ workspace, rows });
    else {
      const races = rows.length === 0 ? [] : await reader.races();
      context.out.lines(...leaderboardLines(rows, races, context.out.width));
    }
    return ExitCode.ok;
  } finally {
    await reader.close();
  }
}

/** One table per group of results that may be compared: same corpus, split and evaluation protocol. */
function leaderboardLines(rows: readonly LeaderboardRow[], races: readonly RaceState[], width: number): Line[] {
  if (rows.length === 0) return [["No trial has a result yet. Start a race with `igla race CONFIG`."]];
  const groups = Map.groupBy(rows, ({ corpus, split, protocol }) => {
    return `${corpus === null ? "unknown corpus" : corpusLabel(corpus)} · split ${split} · ${protocol}`;
  });
  const byId = new Map(races.map((race) => [race.raceId, race]));
  const stateOf = ({ raceId, trialId, status, penalised }: LeaderboardRow): string => {
    const race = byId.get(raceId);
    const trial = race?.trials[trialId];
    // A trial may have come up between both questions.
    const state = race === undefined || trial === undefined ? status : describeState(trial, race);
    return penalised ? `${state}, penalised` : state;
  };
  return [...groups].flatMap(([title, members], i): Line[] => [
    ...(i > 0 ? [[]] : []),
    [styled("bold", title)],
    ...standingsTable(
      members.map((row) => ({ ...row, state: stateOf(row) })),
      width,
    ),
  ]);
}
