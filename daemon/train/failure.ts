/** What a failed group reports: a code, a message with the way out, and whether trying again can help. */
import { CheckpointError } from "../checkpoint/error.ts";
import { DataError } from "../data/error.ts";
import { EngineError, type EngineErrorCode } from "../engine/error.ts";
import { LaneError } from "./group.ts";

export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly retry: boolean;
  readonly trialId?: string;
}

/** Failures of the machine: the same group may succeed on another attempt or after the user made room. */
const TRANSIENT: readonly EngineErrorCode[] = ["engine.device-lost", "engine.disposed"];

export function describeFailure(error: unknown): Failure {
  if (error instanceof LaneError) return { ...describeFailure(error.cause), trialId: error.trialId };
  if (error instanceof CheckpointError) {
    return { code: error.code, message: `${error.message} ${error.wayOut}`, retry: true };
  }
  if (error instanceof DataError)
    return { code: error.code, message: `${error.message} ${error.wayOut}`, retry: false };
  if (error instanceof EngineError) {
    return { code: error.code, message: error.message, retry: TRANSIENT.includes(error.code) };
  }
  if (error instanceof RangeError) return { code: "train.bad-spec", message: error.message, retry: false };
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: "train.internal", message, retry: true };
}
