/** Reading the event log. */
import { type Kysely, type Selectable, sql } from "kysely";
import { IglaError } from "../protocol/errors.ts";
import { type EventOf, eventSchema, type IglaEvent } from "../protocol/events.ts";
import type { Tables } from "./schema.ts";

/** @throws {IglaError} `store.corrupt` when a row is not an event of this version. */
export function eventFromRow(row: Selectable<Tables["events"]>): IglaEvent {
  const parsed = eventSchema.safeParse({
    ...JSON.parse(row.body),
    kind: row.kind,
    seq: row.seq,
    raceId: row.race_id,
    at: row.at,
  });
  if (!parsed.success) throw new IglaError("store.corrupt", `Event ${row.seq} (${row.kind}) cannot be understood.`);
  return parsed.data;
}

/** Events of a race with `afterSeq < seq`, at most `limit`, in order. */
export async function readEvents(
  db: Kysely<Tables>,
  raceId: string,
  afterSeq: number,
  limit: number,
): Promise<IglaEvent[]> {
  const rows = await db
    .selectFrom("events")
    .selectAll()
    .where("race_id", "=", raceId)
    .where("seq", ">", afterSeq)
    .orderBy("seq")
    .limit(limit)
    .execute();
  return rows.map(eventFromRow);
}

/** Number of a race's events after `afterSeq`, counted up to `limit`. */
export async function countEvents(
  db: Kysely<Tables>,
  raceId: string,
  afterSeq: number,
  limit: number,
): Promise<number> {
  const page = db
    .selectFrom("events")
    .select("seq")
    .where("race_id", "=", raceId)
    .where("seq", ">", afterSeq)
    .limit(limit)
    .as("page");
  const { count } = await db
    .selectFrom(page)
    .select(({ fn }) => fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  return count;
}

export type TrialDecision = Omit<EventOf<"decision">, "kind" | "raceId" | "trialId">;

/** Decisions about one trial in order. */
export async function readDecisions(db: Kysely<Tables>, raceId: string, trialId: string): Promise<TrialDecision[]> {
  const rows = await db
    .selectFrom("events")
    .selectAll()
    .where("race_id", "=", raceId)
    .where("kind", "=", "decision")
    .where(sql<string>`json_extract(body, '$.trialId')`, "=", trialId)
    .orderBy("seq")
    .execute();
  return rows.map(eventFromRow).flatMap((event) => {
    if (event.kind !== "decision") return [];
    const { seq, at, action, rung, rule, inputs } = event;
    return [{ seq, at, action, rung, rule, inputs }];
  });
}
