/** The table of trials: one row per trial, best validation BPB first. */
import type { Point, TrialStatus } from "../../protocol/events.ts";
import type { RaceState, TrialState } from "../../protocol/state.ts";
import { formatBpb, formatPoint } from "./format.ts";
import { type Column, renderTable } from "./table.ts";
import { type Line, type Segment, type Style, styled } from "./text.ts";

export interface Standing {
  /** Null before the first evaluation. */
  readonly rank: number | null;
  readonly trialId: string;
  readonly valBpb: number | null;
  /** Step of the evaluation; of the training where there is none. */
  readonly step: number;
  readonly state: string;
  readonly status: TrialStatus;
  readonly point: Point;
  readonly seed: number;
}

const statusStyle: Partial<Record<TrialStatus, Style>> = {
  running: "cyan",
  completed: "green",
  diverged: "red",
  failed: "red",
  killed: "yellow",
};

/** Standings of a race from its state. Trials without a result follow in order of their numbers. */
export function raceStandings(state: RaceState): Standing[] {
  const rows = Object.values(state.trials).map((trial) => ({ trial, last: lastResult(trial) }));
  rows.sort((a, b) => {
    const [x, y] = [a.last?.valBpb ?? Number.POSITIVE_INFINITY, b.last?.valBpb ?? Number.POSITIVE_INFINITY];
    return x === y ? a.trial.number - b.trial.number : x - y;
  });
  return rows.map(({ trial, last }, i) => ({
    rank: last === null ? null : i + 1,
    trialId: trial.trialId,
    valBpb: last?.valBpb ?? null,
    step: last?.step ?? trial.step,
    state: describeState(trial, state),
    status: trial.status,
    point: trial.point,
    seed: trial.seed,
  }));
}

function lastResult(trial: TrialState): { valBpb: number; step: number } | null {
  for (const { valBpb, step } of trial.results.toReversed()) if (valBpb !== null) return { valBpb, step };
  return null;
}

/** What a trial is doing or has come to; a trial at rest in a race that is over is not called paused. */
export function describeState(trial: TrialState, race: RaceState): string {
  if (trial.status === "paused" && race.status === "finished") return "not promoted";
  const isWorking = trial.status === "running" || trial.status === "waiting";
  if (isWorking && (race.status === "stopped" || race.status === "failed")) return `left at ${trial.step}`;
  if (trial.status === "running" && trial.job !== null) return `training ${trial.step}/${trial.job.toStep}`;
  return trial.held && trial.status === "running" ? "pausing" : trial.status;
}

const columns: readonly Column<Standing>[] = [
  { title: "#", align: "right", cell: ({ rank }) => (rank === null ? "-" : String(rank)) },
  { title: "trial", align: "left", cell: ({ trialId }) => trialId },
  { title: "val BPB", align: "right", cell: ({ valBpb, rank }) => bestBold(formatBpb(valBpb), rank) },
  { title: "step", align: "right", cell: ({ step }) => String(step) },
  { title: "state", align: "left", cell: (row) => inStyle(row.state, statusStyle[row.status]) },
  { title: "seed", align: "right", cell: ({ seed }) => String(seed) },
  { title: "configuration", align: "left", cell: ({ point }) => formatPoint(point) || "as in the file" },
];

/** Header and rows, at most `width` columns wide; narrow terminals lose the configuration first. */
export function standingsTable(rows: readonly Standing[], width: number): Line[] {
  return renderTable(columns, rows, width);
}

function bestBold(text: string, rank: number | null): Segment {
  return rank === 1 ? styled("bold", text) : text;
}

function inStyle(text: string, style: Style | undefined): Segment {
  return style === undefined ? text : styled(style, text);
}
