/** A trained model as a plain safetensors file for other tools: parameters only, without the resume state. */
import { createHash } from "node:crypto";
import { writeAtomically } from "./atomic-write.ts";
import type { CheckpointMetadata } from "./checkpoint.ts";
import { encodeSafetensors, type Tensor } from "./safetensors.ts";

export interface ExportedModel {
  readonly metadata: CheckpointMetadata;
  readonly parameters: ReadonlyMap<string, Tensor>;
  /** Which weights these are: the trained ones, or the moving average that the evaluation used. */
  readonly weights: "trained" | "ema";
  /** What its maker says of it, by key of the metadata: licence, source and licence of the data. */
  readonly statements?: Readonly<Record<string, string>>;
}

export interface ExportedFile {
  readonly bytes: number;
  readonly tensors: number;
  readonly sha256: string;
}

/**
 * Writes the parameters to `path`.
 * @throws {CheckpointError} `checkpoint.disk-full`, `checkpoint.read-only`, `checkpoint.io`
 */
export async function exportModel(path: string, model: ExportedModel): Promise<ExportedFile> {
  const { arch, configHash, corpusSha256, codeVersion, step } = model.metadata;
  const bytes = encodeSafetensors(model.parameters, {
    ...model.statements,
    format: "igla-model/1",
    weights: model.weights,
    // Every model of Igla reads bytes.
    tokenizer: "bytes",
    arch,
    config_hash: configHash,
    corpus_sha256: corpusSha256,
    code_version: codeVersion,
    step: String(step),
  });
  await writeAtomically(path, bytes);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { bytes: bytes.length, tensors: model.parameters.size, sha256 };
}
