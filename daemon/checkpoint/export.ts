/** A trained model as a plain safetensors file for other tools: parameters only, without the resume state. */
import { writeAtomically } from "./atomic-write.ts";
import type { CheckpointMetadata } from "./checkpoint.ts";
import { encodeSafetensors, type Tensor } from "./safetensors.ts";

export interface ExportedModel {
  readonly metadata: CheckpointMetadata;
  readonly parameters: ReadonlyMap<string, Tensor>;
  /** Which weights these are: the trained ones, or the moving average that the evaluation used. */
  readonly weights: "trained" | "ema";
}

/**
 * Writes the parameters to `path`.
 * @throws {CheckpointError} `checkpoint.disk-full`, `checkpoint.read-only`, `checkpoint.io`
 */
export async function exportModel(path: string, model: ExportedModel): Promise<{ bytes: number; tensors: number }> {
  const { arch, configHash, corpusSha256, codeVersion, step } = model.metadata;
  const bytes = encodeSafetensors(model.parameters, {
    format: "igla-model/1",
    weights: model.weights,
    arch,
    config_hash: configHash,
    corpus_sha256: corpusSha256,
    code_version: codeVersion,
    step: String(step),
  });
  await writeAtomically(path, bytes);
  return { bytes: bytes.length, tensors: model.parameters.size };
}
