/** The race tree without VS Code: which nodes there are, in which order, and what each says. Pure. */
import type { TrialStatus } from "../../daemon/protocol/events.ts";
import { isPenalised, isViolated } from "../../daemon/protocol/guards.ts";
import type { RaceState, TrialState } from "../../daemon/protocol/state.ts";
import type { Translate } from "../translate.ts";
import { formatBpb, formatCount, formatPoint } from "./format.ts";

export type RaceNode =
  | { readonly kind: "race"; readonly id: string; readonly raceId: string }
  | { readonly kind: "rung"; readonly id: string; readonly raceId: string; readonly rung: number }
  | { readonly kind: "trial"; readonly id: string; readonly raceId: string; readonly trialId: string }
  /** The trials of a rung beyond those shown. */
  | { readonly kind: "more"; readonly id: string; readonly raceId: string; readonly rung: number };

export interface RungModel {
  readonly rung: number;
  /** Pinned ones first, then by last validation BPB, those without one at the end in order of their numbers. */
  readonly trials: readonly TrialState[];
  readonly running: number;
}

export interface RaceModel {
  readonly race: RaceState;
  /** The last rung first; rungs that no trial stands at are left out. */
  readonly rungs: readonly RungModel[];
  readonly hasSeveralSeeds: boolean;
}

/** What a row of the tree shows. */
export interface Row {
  readonly label: string;
  readonly description: string;
  readonly icon: string;
  /** Theme colour of the icon. */
  readonly color: string | null;
  /** Words that the menus look for. */
  readonly contextValue: string;
}

/** Last finite result, or null. */
export function lastValBpb({ results }: TrialState): number | null {
  for (let i = results.length - 1; i >= 0; i--) {
    const valBpb = results[i]?.valBpb;
    if (valBpb !== null && valBpb !== undefined) return valBpb;
  }
  return null;
}

/** The rung that a trial trains toward, or else the one it reached last. */
export function rungOf({ job, results }: TrialState): number {
  return job?.rung ?? results.at(-1)?.rung ?? 0;
}

interface Keyed {
  readonly trial: TrialState;
  readonly valBpb: number;
  readonly isPinned: boolean;
}

function before(a: Keyed, b: Keyed): number {
  if (a.isPinned !== b.isPinned) return a.isPinned ? -1 : 1;
  return a.valBpb === b.valBpb ? a.trial.number - b.trial.number : a.valBpb - b.valBpb;
}

export function buildRaceModel(race: RaceState, pinned: ReadonlySet<string>): RaceModel {
  const byRung = new Map<number, Keyed[]>();
  const seeds = new Set<number>();
  for (const trial of Object.values(race.trials)) {
    const keyed = { trial, valBpb: lastValBpb(trial) ?? Number.POSITIVE_INFINITY, isPinned: pinned.has(trial.trialId) };
    const rung = rungOf(trial);
    const others = byRung.get(rung);
    if (others === undefined) byRung.set(rung, [keyed]);
    else others.push(keyed);
    seeds.add(trial.seed);
  }
  const rungs = [...byRung]
    .sort(([a], [b]) => b - a)
    .map(([rung, list]) => ({
      rung,
      trials: list.sort(before).map(({ trial }) => trial),
      running: list.filter(({ trial }) => trial.status === "running").length,
    }));
  return { race, rungs, hasSeveralSeeds: seeds.size > 1 };
}

export const raceNode = (raceId: string): RaceNode => ({ kind: "race", id: raceId, raceId });

/** Children of a race or a rung, at most `limit` trials of it. */
export function childNodes(model: RaceModel, node: RaceNode, limit: number): RaceNode[] {
  const { raceId } = node;
  if (node.kind === "race") {
    return model.rungs.map(({ rung }) => ({ kind: "rung", id: `${raceId}/${rung}`, raceId, rung }));
  }
  if (node.kind !== "rung") return [];
  const { rung } = node;
  const trials = model.rungs.find((one) => one.rung === rung)?.trials ?? [];
  const shown = trials
    .slice(0, limit)
    .map(({ trialId }): RaceNode => ({ kind: "trial", id: trialId, raceId, trialId }));
  if (trials.length > limit) shown.push({ kind: "more", id: `${raceId}/${rung}/more`, raceId, rung });
  return shown;
}

const raceIcons: Record<RaceState["status"], readonly [icon: string, color: string | null]> = {
  queued: ["clock", null],
  running: ["play-circle", "charts.green"],
  paused: ["debug-pause", "charts.yellow"],
  stopped: ["debug-stop", "disabledForeground"],
  finished: ["pass-filled", "charts.blue"],
  failed: ["error", "errorForeground"],
};

export function raceStatusText(status: RaceState["status"], t: Translate): string {
  switch (status) {
    case "queued":
      return t("queued");
    case "running":
      return t("running");
    case "paused":
      return t("paused");
    case "stopped":
      return t("stopped");
    case "finished":
      return t("finished");
    case "failed":
      return t("failed");
  }
}

export function raceRow({ race }: RaceModel, t: Translate): Row {
  const { status, best, speed } = race;
  const [icon, color] = raceIcons[status];
  const parts = [raceStatusText(status, t)];
  if (best !== null) parts.push(t("{0} BPB", formatBpb(best.valBpb)));
  const broken = race.guards.filter(isViolated).map(({ id }) => id);
  if (broken.length > 0) parts.push(t("breaks {0}", broken.join(", ")));
  if (isPenalised(race.guards)) parts.push(t("penalised"));
  if (speed !== null && status === "running") parts.push(t("{0} tok/s", formatCount(speed.tokensPerSec)));
  const words = ["race"];
  if (status === "queued" || status === "running") words.push("pausable");
  if (status === "paused" || status === "failed") words.push("resumable");
  if (status !== "finished" && status !== "stopped") words.push("stoppable");
  return { label: race.name, description: parts.join(" - "), icon, color, contextValue: words.join(" ") };
}

export function rungRow({ race }: RaceModel, { rung, trials, running }: RungModel, t: Translate): Row {
  const steps = race.rungs[rung]?.steps ?? 0;
  const parts = [trials.length === 1 ? t("1 trial") : t("{0} trials", trials.length)];
  if (running > 0) parts.push(t("{0} running", running));
  return {
    label: t("Rung {0} - step {1}", rung + 1, steps),
    description: parts.join(" - "),
    icon: "layers",
    color: null,
    contextValue: "rung",
  };
}

const trialIcons: Record<TrialStatus, readonly [icon: string, color: string | null]> = {
  waiting: ["circle-outline", null],
  running: ["play-circle", "charts.green"],
  paused: ["debug-pause", "charts.yellow"],
  held: ["debug-pause", "charts.orange"],
  completed: ["pass-filled", "charts.blue"],
  killed: ["circle-slash", "disabledForeground"],
  failed: ["error", "errorForeground"],
  diverged: ["warning", "charts.red"],
  stopped: ["debug-stop", "disabledForeground"],
};

/** True when a trial will never train again. */
export function isTrialOver(status: TrialStatus): boolean {
  return ["completed", "killed", "failed", "diverged", "stopped"].includes(status);
}

function isRaceOver({ status }: RaceState): boolean {
  return status === "finished" || status === "stopped";
}

export function trialStatusText(trial: TrialState, race: RaceState, t: Translate): string {
  if (trial.status === "paused" && isRaceOver(race)) return t("not promoted");
  if (trial.held && trial.status === "running") return t("pausing");
  switch (trial.status) {
    case "waiting":
      return t("waiting");
    case "running":
      return t("running");
    case "paused":
      return t("paused");
    case "held":
      return t("held");
    case "completed":
      return t("completed");
    case "killed":
      return t("killed");
    case "failed":
      return t("failed");
    case "diverged":
      return t("diverged");
    case "stopped":
      return t("stopped");
  }
}

/** `2.183 BPB - step 3000 - 41k tok/s - lr 0.003`; before the first evaluation the training loss, named as such. */
export function trialDescription(model: RaceModel, trial: TrialState, t: Translate): string {
  const { race, hasSeveralSeeds } = model;
  const parts: string[] = [];
  const valBpb = lastValBpb(trial);
  if (valBpb !== null) parts.push(t("{0} BPB", formatBpb(valBpb)));
  else if (trial.lossNats !== null) parts.push(t("training {0} BPB", formatBpb(trial.lossNats / Math.LN2)));
  if (trial.step > 0) parts.push(t("step {0}", trial.step));
  if (trial.status === "running") {
    const lanes = Math.max(1, race.group?.trialIds.length ?? 1);
    if (race.speed !== null) parts.push(t("{0} tok/s", formatCount(race.speed.tokensPerSec / lanes)));
  } else parts.push(trialStatusText(trial, race, t));
  if (hasSeveralSeeds) parts.push(t("seed {0}", trial.seed));
  const point = formatPoint(trial.point);
  if (point !== "") parts.push(point);
  return parts.join(" - ");
}

export function trialRow(model: RaceModel, trial: TrialState, isPinned: boolean, t: Translate): Row {
  const { race } = model;
  const [icon, color] = trialIcons[trial.status];
  const words = ["trial", isPinned ? "pinned" : "loose"];
  if (!isTrialOver(trial.status) && !isRaceOver(race)) words.push(trial.held ? "resumable" : "pausable", "stoppable");
  if (trial.checkpoints.length > 0) words.push("saved");
  return {
    // Short, because a narrow view must leave room for the numbers.
    label: `#${trial.number}`,
    description: trialDescription(model, trial, t),
    icon: isPinned ? "pinned" : icon,
    color,
    contextValue: words.join(" "),
  };
}

export function moreRow(hidden: number, t: Translate): Row {
  return {
    label: t("Show more"),
    description: t("{0} hidden", hidden),
    icon: "ellipsis",
    color: null,
    contextValue: "more",
  };
}
