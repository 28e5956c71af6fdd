/**
 * Checkpoints: everything that resuming a trial bit-identically needs and that (config, seed, step) does not give.
 * One safetensors file per checkpoint; tensors are named `param/<name>`, `optim/<name>` and `lane/<name>`.
 * One file instead of two keeps parameters and optimiser state of the same step together under any crash.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { CheckpointRef } from "../protocol/artifacts.ts";
import { writeAtomically } from "./atomic-write.ts";
import { CheckpointError, ioError } from "./error.ts";
import { decodeSafetensors, encodeSafetensors, type Tensor } from "./safetensors.ts";
import { malformed } from "./safetensors-header.ts";

export interface CheckpointMetadata {
  readonly trialId: string;
  /** Model section and levers of the trial as JSON: enough to build the program again. */
  readonly arch: string;
  readonly configHash: string;
  readonly corpusSha256: string;
  readonly codeVersion: string;
  /** Completed training steps. */
  readonly step: number;
}

export interface Checkpoint {
  readonly metadata: CheckpointMetadata;
  /** Model parameters. */
  readonly params: ReadonlyMap<string, Tensor>;
  /** Optimiser moments, EMA copies. */
  readonly optimizer: ReadonlyMap<string, Tensor>;
  /** Step counter, seed, running schedule products. */
  readonly lane: ReadonlyMap<string, Tensor>;
}

const groups = { params: "param/", optimizer: "optim/", lane: "lane/" } as const;
const FORMAT = "igla-checkpoint/1";

/**
 * Writes a checkpoint into `folder`, named by trial, step and content hash. Writing the same content twice gives the
 * same file.
 * @throws {CheckpointError} `checkpoint.disk-full`, `checkpoint.read-only`, `checkpoint.io`
 */
export async function writeCheckpoint(folder: string, checkpoint: Checkpoint): Promise<CheckpointRef> {
  const tensors = new Map<string, Tensor>();
  for (const [group, prefix] of Object.entries(groups) as [keyof typeof groups, string][]) {
    for (const [name, tensor] of checkpoint[group]) tensors.set(prefix + name, tensor);
  }
  const bytes = encodeSafetensors(tensors, toStrings(checkpoint.metadata));
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const { trialId, step } = checkpoint.metadata;
  const file = `${fileStem(trialId)}-s${step}-${sha256.slice(0, 16)}.safetensors`;
  await writeAtomically(join(folder, file), bytes);
  return { file, sha256, step, bytes: bytes.length };
}

/**
 * Reads a checkpoint and verifies its content hash.
 * @throws {CheckpointError} `checkpoint.missing`, `checkpoint.hash-mismatch`, `checkpoint.malformed`, `checkpoint.io`
 */
export async function readCheckpoint(folder: string, ref: CheckpointRef): Promise<Checkpoint> {
  const path = join(folder, ref.file);
  const bytes = await readWhole(path);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  if (sha256 !== ref.sha256) throw hashMismatch(path, sha256, bytes.length, ref.sha256);
  return parseCheckpoint(bytes, path);
}

/**
 * Reference of a checkpoint file that stands alone. Its name holds a part of its hash, which is compared.
 * @throws {CheckpointError} `checkpoint.missing`, `checkpoint.hash-mismatch`, `checkpoint.malformed`, `checkpoint.io`
 */
export async function describeCheckpointFile(path: string): Promise<CheckpointRef> {
  const bytes = await readWhole(path);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const file = basename(path);
  assertNamedHash(path, sha256, bytes.length);
  const { step } = parseCheckpoint(bytes, path).metadata;
  return { file, sha256, step, bytes: bytes.length };
}

/** @throws {CheckpointError} `checkpoint.missing`, `checkpoint.io` */
export async function readWhole(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw ioError(path, error);
  }
}

/** The name of a checkpoint holds a part of its hash. @throws {CheckpointError} `checkpoint.hash-mismatch` */
export function assertNamedHash(path: string, sha256: string, bytes: number): void {
  const named = /-([0-9a-f]{16})\.safetensors$/.exec(basename(path))?.[1];
  if (named !== undefined && !sha256.startsWith(named)) throw hashMismatch(path, sha256, bytes, named);
}

function hashMismatch(path: string, found: string, bytes: number, expected: string): CheckpointError {
  return new CheckpointError("checkpoint.hash-mismatch", {
    place: path,
    message: `${path} was changed or damaged: SHA-256 ${found.slice(0, 12)} (${bytes} bytes) instead of ${expected.slice(0, 12)}.`,
    wayOut: "Restore the file, or resume from an earlier checkpoint of the trial.",
  });
}

function parseCheckpoint(bytes: Uint8Array, path: string): Checkpoint {
  const { metadata, tensors } = decodeSafetensors(bytes, path);
  if (metadata.format !== FORMAT) throw otherFormat(path, metadata.format);
  const found = {
    params: new Map<string, Tensor>(),
    optimizer: new Map<string, Tensor>(),
    lane: new Map<string, Tensor>(),
  };
  for (const [name, tensor] of tensors) {
    const group = (Object.keys(groups) as (keyof typeof groups)[]).find((key) => name.startsWith(groups[key]));
    if (group === undefined) throw malformed(path, `tensor "${name}" belongs to no part of a checkpoint`);
    found[group].set(name.slice(groups[group].length), tensor);
  }
  return { metadata: fromStrings(metadata, path), ...found };
}

function otherFormat(path: string, format: string | undefined): CheckpointError {
  const content = format === undefined ? "without Igla's metadata" : `with the format "${format}"`;
  return new CheckpointError("checkpoint.other-format", {
    place: path,
    message: `${path} is a safetensors file ${content}, not a checkpoint ("${FORMAT}"); exported models hold parameters only.`,
    wayOut: "Name a trial, or a checkpoint: a file in `.igla/checkpoints` or one that `igla train` has written.",
  });
}

function toStrings(metadata: CheckpointMetadata): Record<string, string> {
  return {
    format: FORMAT,
    trial: metadata.trialId,
    arch: metadata.arch,
    config_hash: metadata.configHash,
    corpus_sha256: metadata.corpusSha256,
    code_version: metadata.codeVersion,
    step: String(metadata.step),
  };
}

function fromStrings(strings: Readonly<Record<string, string>>, path: string): CheckpointMetadata {
  const field = (key: string): string => {
    const value = strings[key];
    if (value === undefined) throw malformed(path, `its metadata has no "${key}"`);
    return value;
  };
  const step = Number(field("step"));
  if (!Number.isSafeInteger(step) || step < 0) throw malformed(path, `its step "${field("step")}" is not a count`);
  return {
    trialId: field("trial"),
    arch: field("arch"),
    configHash: field("config_hash"),
    corpusSha256: field("corpus_sha256"),
    codeVersion: field("code_version"),
    step,
  };
}

/** A trial id as part of a file name on every platform. */
function fileStem(trialId: string): string {
  return trialId.replace(/[^A-Za-z0-9_-]+/g, "_").slice(0, 80) || "trial";
}
