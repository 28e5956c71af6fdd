/** Finds a trained model: a trial of the workspace, or a checkpoint file. */
import { stat } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { type Checkpoint, describeCheckpointFile, readCheckpoint } from "../checkpoint/checkpoint.ts";
import { CheckpointError } from "../checkpoint/error.ts";
import { corpusLabel } from "../data/tag.ts";
import type { CheckpointRef, CorpusTag } from "../protocol/artifacts.ts";
import { type TrialSpec, trialSpecSchema } from "../protocol/trial.ts";
import { openReader } from "./workspace-reader.ts";

export interface ModelSource {
  readonly trialId: string;
  readonly spec: TrialSpec;
  /** Folder of the file that `ref` names. */
  readonly folder: string;
  readonly ref: CheckpointRef;
  readonly checkpoint: Checkpoint;
  /** What the model was trained on: the corpus's label, or its hash where a file stands alone. */
  readonly corpus: string;
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
  const { folder, ref, corpus } = isFile ? await findFile(path) : await findTrial(target, workspace);
  const checkpoint = await readCheckpoint(folder, ref);
  const { trialId, arch, corpusSha256 } = checkpoint.metadata;
  const label = corpus === null ? `corpus ${corpusSha256.slice(0, 12)}` : corpusLabel(corpus);
  return { trialId, spec: parseSpec(arch, ref.file), folder, ref, checkpoint, corpus: label };
}

type Found = { readonly folder: string; readonly ref: CheckpointRef; readonly corpus: CorpusTag | null };

async function findFile(path: string): Promise<Found> {
  return { folder: dirname(path), ref: await describeCheckpointFile(path), corpus: null };
}

async function findTrial(trialId: string, workspace: string): Promise<Found> {
  const reader = await openReader(workspace);
  try {
    const { path, checkpoint, corpus } = await reader.checkpoint(trialId);
    return { folder: dirname(path), ref: { ...checkpoint, file: basename(path) }, corpus };
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
