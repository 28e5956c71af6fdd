/** A lane's snapshot as a checkpoint file, and back. */
import { type Checkpoint, readCheckpoint, writeCheckpoint } from "../checkpoint/checkpoint.ts";
import { CheckpointError } from "../checkpoint/error.ts";
import type { CheckpointRef } from "../protocol/artifacts.ts";
import type { TrialSpec } from "../protocol/trial.ts";
import type { LaneSnapshot } from "./population.ts";

export interface SnapshotContext {
  readonly folder: string;
  readonly trialId: string;
  readonly spec: TrialSpec;
  readonly configHash: string;
  readonly corpusSha256: string;
  readonly codeVersion: string;
}

/** @throws {CheckpointError} disk full, read-only folder */
export function saveSnapshot(context: SnapshotContext, snapshot: LaneSnapshot): Promise<CheckpointRef> {
  const { folder, trialId, spec, configHash, corpusSha256, codeVersion } = context;
  const metadata = { trialId, arch: JSON.stringify(spec), configHash, corpusSha256, codeVersion, step: snapshot.step };
  const params = new Map([...snapshot.parameters].map(([name, { shape, values }]) => [name, { shape, data: values }]));
  const optimizer = new Map([...snapshot.optimizer].map(([name, data]) => [name, { shape: [data.length], data }]));
  return writeCheckpoint(folder, { metadata, params, optimizer, lane: new Map() });
}

/** @throws {CheckpointError} missing, changed, malformed, or of another corpus or configuration */
export async function loadSnapshot(context: SnapshotContext, ref: CheckpointRef): Promise<LaneSnapshot> {
  const checkpoint = await readCheckpoint(context.folder, ref);
  const { metadata } = checkpoint;
  for (const key of ["corpusSha256", "configHash"] as const) {
    if (metadata[key] === context[key]) continue;
    throw new CheckpointError("checkpoint.malformed", {
      place: ref.file,
      message: `${ref.file} belongs to another ${key === "configHash" ? "configuration" : "corpus"} (${metadata[key].slice(0, 12)}, not ${context[key].slice(0, 12)}).`,
      wayOut: "Start the trial again from step 0.",
    });
  }
  return snapshotOf(checkpoint);
}

/** What a checkpoint holds of a lane. */
export function snapshotOf({ metadata, params, optimizer }: Checkpoint): LaneSnapshot {
  const asFloats = (data: Float32Array | Uint32Array): Float32Array =>
    data instanceof Float32Array ? data : Float32Array.from(data);
  return {
    step: metadata.step,
    parameters: new Map([...params].map(([name, { shape, data }]) => [name, { shape, values: asFloats(data) }])),
    optimizer: new Map([...optimizer].map(([name, { data }]) => [name, asFloats(data)])),
  };
}
