/** `igla status`: what the daemon is doing, and the races of the workspace. */
import { corpusLabel } from "../../data/tag.ts";
import { isViolated } from "../../protocol/guards.ts";
import { daemonStatus } from "../../protocol/requests.ts";
import type { RaceState } from "../../protocol/state.ts";
import type { CliContext } from "../context.ts";
import { workspaceFolder } from "../daemon-link.ts";
import { ExitCode } from "../exit-codes.ts";
import { formatBpb, formatBytes, formatCount } from "../render/format.ts";
import { percent } from "../render/progress-bar.ts";
import { doneSteps, raceFraction } from "../render/race-progress.ts";
import { type ShownStatus, shownStatus } from "../render/race-status.ts";
import { type Column, renderTable } from "../render/table.ts";
import { type Line, styled } from "../render/text.ts";
import { openReader, type WorkspaceReader } from "../workspace-reader.ts";

export interface StatusOptions {
  readonly workspace?: string;
  readonly json?: boolean;
}

export async function status(context: CliContext, options: StatusOptions): Promise<ExitCode> {
  const workspace = await workspaceFolder(options, context.cwd);
  const reader = await openReader(workspace);
  try {
    const daemon = reader.client === null ? null : await reader.client.request(daemonStatus, {});
    const races = (await reader.races()).map((state) => ({ ...state, ...shownStatus(state, reader.daemon) }));
    if (options.json) context.out.json({ workspace, daemon, races: races.map(summary) });
    else {
      const running: Line =
        daemon === null
          ? [styled("yellow", absence[reader.daemon])]
          : [
              styled("green", "daemon runs"),
              `, process ${daemon.pid}, ${formatBytes(daemon.rssBytes)}, ${engine(daemon.trainer.backend)}`,
            ];
      context.out.lines(running, ...raceLines(races, context.out.width));
    }
    return ExitCode.ok;
  } finally {
    await reader.close();
  }
}

const absence: Record<WorkspaceReader["daemon"], string> = {
  running: "",
  none: "no daemon runs in this workspace",
  unknown: "the workspace is another user's: whether its daemon runs cannot be told",
};

type ShownRace = Omit<RaceState, "status"> & ShownStatus;

function engine(backend: { readonly kind: string; readonly description: string } | null): string {
  return backend === null ? "no trainer" : `trainer on ${backend.kind}: ${backend.description}`;
}

function summary(state: ShownRace) {
  const { raceId, name, path, status, reason, trainedSteps, best, corpus, backend, speed, trials } = state;
  const fraction = raceFraction(state);
  const counts: Record<string, number> = {};
  for (const trial of Object.values(trials)) counts[trial.status] = (counts[trial.status] ?? 0) + 1;
  const facts = { raceId, name, path, status, reason, fraction, trainedSteps, best, corpus, backend, speed };
  return { ...facts, trials: counts, guards: state.guards };
}

const columns: readonly Column<ShownRace>[] = [
  { title: "race", align: "left", cell: ({ raceId }) => raceId },
  { title: "state", align: "left", cell: (state) => state.status },
  { title: "done", align: "right", cell: (state) => percent(raceFraction(state) ?? 0).trim() },
  { title: "steps", align: "right", cell: (state) => formatCount(doneSteps(state)) },
  { title: "trials", align: "right", cell: ({ trials }) => String(Object.keys(trials).length) },
  { title: "best BPB", align: "right", cell: ({ best }) => formatBpb(best?.valBpb ?? null) },
  { title: "corpus", align: "left", cell: ({ corpus }) => (corpus === null ? "-" : corpusLabel(corpus)) },
  {
    title: "name",
    align: "left",
    cell: ({ name, reason, status, guards }) => {
      const broken = guards.filter(isViolated).map(({ id }) => `breaks ${id}`);
      const remarks = status === "running" || reason === "" ? broken : [reason, ...broken];
      return remarks.length === 0 ? name : `${name} (${remarks.join("; ")})`;
    },
  },
];

function raceLines(races: readonly ShownRace[], width: number): Line[] {
  if (races.length === 0) return [["no races yet: start one with `igla race CONFIG`"]];
  return [[], ...renderTable(columns, races, width)];
}
