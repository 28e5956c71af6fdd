/** Writes what an event changes into the tables. Runs inside the transaction that appends the event. */
import type { Insertable, Kysely } from "kysely";
import type { EventOf, IglaEvent } from "../protocol/events.ts";
import { isPenalised } from "../protocol/guards.ts";
import type { RaceState } from "../protocol/state.ts";
import type { Tables } from "./schema.ts";

/** @param before state without the event, @param after state with it. */
export async function project(
  trx: Kysely<Tables>,
  event: IglaEvent,
  before: RaceState,
  after: RaceState,
): Promise<void> {
  switch (event.kind) {
    case "race-created":
      await trx.insertInto("races").values(raceRow(event)).execute();
      return;
    case "trial-created":
      await trx.insertInto("trials").values(trialRow(event)).execute();
      return;
    case "rung-result":
      await trx.insertInto("rung_results").values(resultRow(event)).execute();
      if (event.outcome.kind === "finished") await addCheckpoint(trx, event.trialId, event.outcome.checkpoint);
      break;
    case "curve":
      await addPoints(trx, event);
      return;
    case "checkpoint":
      await addCheckpoint(trx, event.trialId, event.checkpoint);
      return;
    case "guard":
      await trx
        .updateTable("races")
        .set({ penalised: isPenalised(after.guards) ? 1 : 0 })
        .where("race_id", "=", event.raceId)
        .execute();
      return;
    case "checkpoints-released":
      await trx.deleteFrom("checkpoints").where("file", "in", event.files).execute();
      return;
    default:
      break;
  }
  await updateRace(trx, before, after);
  await updateTrials(trx, before, after);
}

function raceRow(event: EventOf<"race-created">): Insertable<Tables["races"]> {
  return {
    race_id: event.raceId,
    number: Number(event.raceId.slice(1)),
    name: event.name,
    path: event.path,
    config_text: event.configText,
    config_hash: event.configHash,
    status: "queued",
    reason: "",
    created_at: event.at,
    trained_steps: 0,
    corpus: null,
    penalised: isPenalised(event.guards ?? []) ? 1 : 0,
  };
}

function trialRow(event: EventOf<"trial-created">): Insertable<Tables["trials"]> {
  return {
    trial_id: event.trialId,
    race_id: event.raceId,
    number: event.number,
    point: JSON.stringify(event.point),
    spec: JSON.stringify(event.spec),
    spec_hash: event.specHash,
    split: event.spec.data.split,
    seed: event.spec.seed,
    status: "waiting",
  };
}

function resultRow(event: EventOf<"rung-result">): Insertable<Tables["rung_results"]> {
  const evaluation = event.outcome.kind === "finished" ? event.outcome.evaluation : null;
  return {
    trial_id: event.trialId,
    rung: event.rung,
    step: event.step,
    arrival: event.arrival,
    kind: event.outcome.kind,
    val_bpb: evaluation?.valBpb ?? null,
    nll_nats: evaluation?.nllNats ?? null,
    bytes: evaluation?.bytes ?? null,
    protocol: evaluation?.protocol ?? null,
  };
}

/** SQLite takes at most 32,766 parameters a statement; a point has five. */
const pointsPerInsert = 500;

async function addPoints(trx: Kysely<Tables>, event: EventOf<"curve">): Promise<void> {
  const rows = event.points.map((point) => ({
    trial_id: point.trialId,
    step: point.step,
    loss_nats: point.lossNats,
    grad_norm: point.gradNorm,
    at: event.at,
  }));
  for (let start = 0; start < rows.length; start += pointsPerInsert) {
    await trx
      .insertInto("curve_points")
      .values(rows.slice(start, start + pointsPerInsert))
      .execute();
  }
}

/** A trainer that repeats lost work writes the same file again; the newest report describes it. */
async function addCheckpoint(
  trx: Kysely<Tables>,
  trialId: string,
  { file, step, sha256, bytes }: EventOf<"checkpoint">["checkpoint"],
): Promise<void> {
  await trx
    .insertInto("checkpoints")
    .values({ file, trial_id: trialId, step, sha256, bytes })
    .onConflict((conflict) => conflict.column("file").doUpdateSet({ trial_id: trialId, step, sha256, bytes }))
    .execute();
}

async function updateRace(trx: Kysely<Tables>, before: RaceState, after: RaceState): Promise<void> {
  const unchanged =
    before.status === after.status &&
    before.reason === after.reason &&
    before.trainedSteps === after.trainedSteps &&
    before.corpus === after.corpus;
  if (unchanged) return;
  await trx
    .updateTable("races")
    .set({
      status: after.status,
      reason: after.reason,
      trained_steps: after.trainedSteps,
      corpus: after.corpus === null ? null : JSON.stringify(after.corpus),
    })
    .where("race_id", "=", after.raceId)
    .execute();
}

async function updateTrials(trx: Kysely<Tables>, before: RaceState, after: RaceState): Promise<void> {
  if (before.trials === after.trials) return;
  for (const [trialId, trial] of Object.entries(after.trials)) {
    if (before.trials[trialId]?.status === trial.status) continue;
    await trx.updateTable("trials").set({ status: trial.status }).where("trial_id", "=", trialId).execute();
  }
}
