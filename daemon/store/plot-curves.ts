/** Curves for charts: read once per answer, smoothed over all their points, then reduced to those that are drawn. */
import type { Kysely } from "kysely";
import { type BucketSpacing, decimate } from "../protocol/decimate.ts";
import type { ResultOf } from "../protocol/request.ts";
import type { trialCurves } from "../protocol/requests.ts";
import { smoothCurve } from "../protocol/smooth.ts";
import { readTrial } from "./queries.ts";
import type { Tables } from "./schema.ts";

export type PlotCurve = ResultOf<typeof trialCurves>["curves"][number];

export interface PlotOptions {
  readonly maxPoints: number;
  readonly spacing: BucketSpacing;
  readonly smoothing: number;
  readonly fromStep: number;
  readonly toStep: number | null;
}

/** @throws {IglaError} `trial.not-found` */
export async function readPlotCurve(db: Kysely<Tables>, trialId: string, options: PlotOptions): Promise<PlotCurve> {
  const { spec } = await readTrial(db, trialId);
  const rows = await db
    .selectFrom("curve_points")
    .select(["step", "loss_nats as lossNats", "at"])
    .where("trial_id", "=", trialId)
    .orderBy("step")
    .execute();
  const losses = Float64Array.from(rows, ({ lossNats }) => lossNats ?? Number.NaN);
  const { smoothed, state } = smoothCurve(losses, options.smoothing);
  const drawn = options.smoothing === 0 ? losses : smoothed;
  const steps = Float64Array.from(rows, ({ step }) => step);
  const [from, to] = rangeWithNeighbours(steps, options.fromStep, options.toStep);
  const kept = decimate(steps.subarray(from, to), drawn.subarray(from, to), options.maxPoints, options.spacing);
  return {
    trialId,
    tokensPerStep: spec.optimizer.batch * spec.model.context,
    split: spec.data.split,
    protocol: spec.data.protocol,
    steps: kept.map((index) => steps[from + index] ?? 0),
    lossNats: kept.map((index) => finite(drawn[from + index])),
    atMs: kept.map((index) => rows[from + index]?.at ?? 0),
    rangePoints: to - from,
    totalPoints: rows.length,
    lastStep: steps.at(-1) ?? 0,
    ema: state,
  };
}

/** Indices of the points from `fromStep` to `toStep` and of one neighbour on either side; the second is exclusive. */
function rangeWithNeighbours(steps: Float64Array, fromStep: number, toStep: number | null): [number, number] {
  const first = steps.findIndex((step) => step >= fromStep);
  if (first < 0) return [Math.max(0, steps.length - 1), steps.length];
  const after = toStep === null ? -1 : steps.findIndex((step) => step > toStep);
  return [Math.max(0, first - 1), after < 0 ? steps.length : after + 1];
}

function finite(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value;
}
