/** What clients and the orchestrator read from the tables. */
import type { Kysely } from "kysely";
import { IglaError } from "../protocol/errors.ts";
import type { TrialStatus } from "../protocol/events.ts";
import type { ResultOf } from "../protocol/request.ts";
import type { leaderboard } from "../protocol/requests.ts";
import { type TrialSpec, trialSpecSchema } from "../protocol/trial.ts";
import type { Tables } from "./schema.ts";

export type LeaderboardRow = ResultOf<typeof leaderboard>["rows"][number];

/** Best trials first, those of penalised races after all others, of one race or of the workspace. Ranks are those within the workspace or the race. */
export async function readLeaderboard(
  db: Kysely<Tables>,
  raceId: string | undefined,
  limit: number,
): Promise<LeaderboardRow[]> {
  let query = db.selectFrom("leaderboard").selectAll();
  if (raceId !== undefined) query = query.where("race_id", "=", raceId);
  const rows = await query
    .orderBy("penalised")
    .orderBy("val_bpb")
    .orderBy("race_number")
    .orderBy("trial_number")
    .limit(limit)
    .execute();
  const ranks = new Map<string, number>();
  return rows.map((row) => {
    const comparable = `${row.corpus}|${row.split}|${row.protocol}`;
    // Within one race the workspace's ranks would have gaps.
    const rank = raceId === undefined ? row.rank : (ranks.get(comparable) ?? 0) + 1;
    ranks.set(comparable, rank);
    return {
      rank,
      trialId: row.trial_id,
      raceId: row.race_id,
      status: row.status as TrialStatus,
      point: JSON.parse(row.point),
      seed: row.seed,
      rung: row.rung,
      step: row.step,
      valBpb: row.val_bpb,
      protocol: row.protocol,
      split: row.split,
      corpus: row.corpus === null ? null : JSON.parse(row.corpus),
      penalised: row.penalised === 1,
    };
  });
}

export interface StoredTrial {
  readonly trialId: string;
  readonly raceId: string;
  readonly spec: TrialSpec;
  readonly specHash: string;
}

/** @throws {IglaError} `trial.not-found` */
export async function readTrial(db: Kysely<Tables>, trialId: string): Promise<StoredTrial> {
  const row = await db.selectFrom("trials").selectAll().where("trial_id", "=", trialId).executeTakeFirst();
  if (row === undefined) throw new IglaError("trial.not-found", trialId);
  return {
    trialId,
    raceId: row.race_id,
    spec: trialSpecSchema.parse(JSON.parse(row.spec)),
    specHash: row.spec_hash,
  };
}

export interface StoredRace {
  readonly raceId: string;
  readonly path: string;
  readonly configText: string;
}

/** @throws {IglaError} `race.not-found` */
export async function readRace(db: Kysely<Tables>, raceId: string): Promise<StoredRace> {
  const row = await db
    .selectFrom("races")
    .select(["race_id as raceId", "path", "config_text as configText"])
    .where("race_id", "=", raceId)
    .executeTakeFirst();
  if (row === undefined) throw new IglaError("race.not-found", raceId);
  return row;
}

export interface StoredResult {
  readonly step: number;
  readonly kind: string;
  readonly valBpb: number | null;
  readonly nllNats: number | null;
}

export async function readResult(db: Kysely<Tables>, trialId: string, rung: number): Promise<StoredResult | undefined> {
  return db
    .selectFrom("rung_results")
    .select(["step", "kind", "val_bpb as valBpb", "nll_nats as nllNats"])
    .where("trial_id", "=", trialId)
    .where("rung", "=", rung)
    .executeTakeFirst();
}

/** Files that the log still refers to. */
export async function readCheckpointFiles(db: Kysely<Tables>): Promise<Map<string, { trialId: string; step: number }>> {
  const rows = await db.selectFrom("checkpoints").select(["file", "trial_id as trialId", "step"]).execute();
  return new Map(rows.map(({ file, trialId, step }) => [file, { trialId, step }]));
}
