/** A trained model as a plain safetensors file for other tools: parameters only, without the resume state. */

import { writeAtomically } from "./atomic-write.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { encodeSafetensors } from "./safetensors.ts";

/**
 * Writes the parameters of `checkpoint` to `path`.
 * @throws {CheckpointError} `checkpoint.disk-full`, `checkpoint.read-only`, `checkpoint.io`
 */
export async function exportModel(path: string, checkpoint: Checkpoint): Promise<{ bytes: number; tensors: number }> {
  const { arch, configHash, corpusSha256, codeVersion, step } = checkpoint.metadata;
  const bytes = encodeSafetensors(checkpoint.params, {
    format: "igla-model/1",
    arch,
    config_hash: configHash,
    corpus_sha256: corpusSha256,
    code_version: codeVersion,
    step: String(step),
  });
  await writeAtomically(path, bytes);
  return { bytes: bytes.length, tensors: checkpoint.params.size };
}
