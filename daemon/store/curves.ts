/** Curve points: stored once, compared when they come again, read in pages. */
import type { Kysely } from "kysely";
import type { CurveSample, EventDraft } from "../protocol/events.ts";
import type { Tables } from "./schema.ts";
import type { Drafts } from "./store.ts";

export interface Speed {
  readonly tokensPerSec: number;
  readonly stepsPerSec: number;
}

const sameReal = (a: number | null, b: number | null) => a === b;

/**
 * Drafts for points that a trainer reported. A trainer that repeats lost work reports known points again: equal
 * ones are ignored; a different one is a `replay-mismatch` event, and the stored point stays.
 */
export function curveDrafts(points: readonly CurveSample[], speed: Speed): Drafts {
  return async ({ state, trx }) => {
    const fresh: CurveSample[] = [];
    const drafts: EventDraft[] = [];
    for (const point of points) {
      const trial = state.trials[point.trialId];
      if (trial === undefined) continue;
      const stored = point.step > trial.step ? undefined : await readPoint(trx, point.trialId, point.step);
      if (stored === undefined) fresh.push(point);
      else if (!sameReal(stored.lossNats, point.lossNats) || !sameReal(stored.gradNorm, point.gradNorm)) {
        const { trialId, step, lossNats, gradNorm } = point;
        drafts.push({
          kind: "replay-mismatch",
          trialId,
          step,
          what: "curve-point",
          stored,
          reported: { lossNats, gradNorm },
        });
      }
    }
    if (fresh.length > 0) drafts.unshift({ kind: "curve", points: fresh, ...speed });
    return drafts;
  };
}

async function readPoint(
  trx: Kysely<Tables>,
  trialId: string,
  step: number,
): Promise<{ lossNats: number | null; gradNorm: number | null } | undefined> {
  return trx
    .selectFrom("curve_points")
    .select(["loss_nats as lossNats", "grad_norm as gradNorm"])
    .where("trial_id", "=", trialId)
    .where("step", "=", step)
    .executeTakeFirst();
}

export interface CurvePage {
  readonly points: { readonly step: number; readonly lossNats: number | null; readonly gradNorm: number | null }[];
  /** `afterStep` of the next page; null when there is none. */
  readonly nextStep: number | null;
}

export async function readCurve(
  db: Kysely<Tables>,
  trialId: string,
  afterStep: number,
  limit: number,
): Promise<CurvePage> {
  const rows = await db
    .selectFrom("curve_points")
    .select(["step", "loss_nats as lossNats", "grad_norm as gradNorm"])
    .where("trial_id", "=", trialId)
    .where("step", ">", afterStep)
    .orderBy("step")
    .limit(limit + 1)
    .execute();
  const points = rows.slice(0, limit);
  return { points, nextStep: rows.length > limit ? (points.at(-1)?.step ?? null) : null };
}
