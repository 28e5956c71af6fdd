/** The leaderboard without VS Code. Only rows of one corpus, split and protocol are ranked together. Pure. */
import type { ResultOf } from "../../daemon/protocol/request.ts";
import type { leaderboard } from "../../daemon/protocol/requests.ts";
import type { Translate } from "../translate.ts";
import { corpusLabel, formatBpb, formatPoint } from "./format.ts";

export type LeaderboardRow = ResultOf<typeof leaderboard>["rows"][number];

export interface Standing {
  readonly kind: "standing";
  readonly id: string;
  readonly row: LeaderboardRow;
}
export interface Comparable {
  readonly kind: "comparable";
  readonly id: string;
  readonly label: string;
  readonly rows: readonly Standing[];
}
export type LeaderboardNode = Standing | Comparable;

export function measurement({ corpus, split, protocol }: LeaderboardRow, t: Translate): string {
  return `${corpus === null ? t("unknown text") : corpusLabel(corpus)} - ${split} - ${protocol}`;
}

/** Groups in order of their best row; always shown, because each number needs what it was measured on. */
export function groupRows(rows: readonly LeaderboardRow[], t: Translate): Comparable[] {
  const groups = new Map<string, Standing[]>();
  for (const row of rows) {
    const label = measurement(row, t);
    const standing: Standing = { kind: "standing", id: `standing/${row.trialId}`, row };
    const others = groups.get(label);
    if (others === undefined) groups.set(label, [standing]);
    else others.push(standing);
  }
  return [...groups].map(([label, list]) => ({ kind: "comparable", id: `measured/${label}`, label, rows: list }));
}

export function standingLabel({ row }: Standing, t: Translate): string {
  return t("{0}. {1} BPB", row.rank, formatBpb(row.valBpb));
}

export function standingDescription({ row }: Standing, t: Translate): string {
  const parts = [row.trialId, t("step {0}", row.step), t("seed {0}", row.seed), formatPoint(row.point)];
  if (row.penalised) parts.push(t("penalised"));
  return parts.filter((part) => part !== "").join(" - ");
}
