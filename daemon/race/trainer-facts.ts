/**
 * What a trainer reports, reduced to the fields of the protocol. The log is read back with strict schemas, so a field
 * that a trainer adds must not slip into it.
 */
import { z } from "zod";
import type { CheckpointRef, CorpusTag, EvalResult } from "../protocol/artifacts.ts";
import {
  type BackendDescription,
  backendSchema,
  type Checkpoint,
  type CurveSample,
  checkpointSchema,
  corpusSchema,
  type Evaluation,
  evaluationSchema,
} from "../protocol/events.ts";
import type { CurvePoint, TrainerEvent } from "../train/messages.ts";

const backend = z.object(backendSchema.shape);
const checkpoint = z.object(checkpointSchema.shape);
const corpus = z.object(corpusSchema.shape);
const evaluation = z.object(evaluationSchema.shape);

export function backendOf(reported: Extract<TrainerEvent, { kind: "ready" }>["backend"]): BackendDescription {
  return backend.parse(reported);
}

export function checkpointOf(reported: CheckpointRef): Checkpoint {
  return checkpoint.parse(reported);
}

export function corpusOf(reported: CorpusTag): z.infer<typeof corpusSchema> {
  return corpus.parse(reported);
}

/** Null when the model gives no finite number: JSON has no NaN, so it arrives as null. */
export function evaluationOf(reported: EvalResult): Evaluation | null {
  const isUsable = Number.isFinite(reported.valBpb) && Number.isFinite(reported.nllNats);
  return isUsable ? evaluation.parse(reported) : null;
}

export function sampleOf(trialId: string, { step, lossNats, gradNorm }: CurvePoint): CurveSample {
  return { trialId, step, lossNats: finite(lossNats), gradNorm: finite(gradNorm) };
}

function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}
