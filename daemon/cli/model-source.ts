/** Finds a trained model: a trial of the workspace, or a checkpoint file. */
import { stat } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { type Checkpoint, describeCheckpointFile, readCheckpoint } from "../checkpoint/checkpoint.ts";
import { CheckpointError } from "../checkpoint/error.ts";
import { type TrialSpec, trialSpecSchema } from "../protocol/trial.ts";
import type { CheckpointRef } from "../train/messages.ts";
import { openReader } from "./workspace-reader.ts";

export interface ModelSource {
  readonly trialId: string;
  readonly spec: TrialSpec;
  /** Folder of the file that `ref` names. */
  readonly folder: string;
  readonly ref: CheckpointRef;
  readonly checkpoint: Checkpoint;
}

/**
 * @param target a trial's id, or a path of a checkpoint
 * @throws {IglaError} `trial.not-found`, `checkpoint.missing`; {CheckpointError} damaged or foreign files
 */
export async function findModel(target: string, workspace: string, cwd: string): Promise<ModelSource> {
  const path = resolve(cwd, target);
  const isFile = await stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
  const { folder, ref } = isFile ? await refOfFile(path) : await refOfTrial(target, workspace);
  const checkpoint = await readCheckpoint(folder, ref);
  const { trialId, arch } = checkpoint.metadata;
  return { trialId, spec: parseSpec(arch, ref.file), folder, ref, checkpoint };
}

async function refOfFile(path: string): Promise<{ folder: string; ref: CheckpointRef }> {
  return { folder: dirname(path), ref: await describeCheckpointFile(path) };
}

async function refOfTrial(trialId: string, workspace: string): Promise<{ folder: string; ref: CheckpointRef }> {
  const reader = await openReader(workspace);
  try {
    const { path, checkpoint } = await reader.checkpoint(trialId);
    return { folder: dirname(path), ref: { ...checkpoint, file: basename(path) } };
  } finally {
    await reader.close();
  }
}

function parseSpec(arch: string, file: string): TrialSpec {
  try {
    return trialSpecSchema.parse(JSON.parse(arch));
  } catch (cause) {
    throw new CheckpointError("checkpoint.malformed", {
      place: file,
      message: `${file} describes no model that this version of Igla knows.`,
      wayOut: "Use the version of Igla that wrote the file.",
      cause,
    });
  }
}
