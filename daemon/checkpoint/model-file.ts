/** Any safetensors file of a model: a checkpoint, an export, or what another tool has written. */
import { createHash } from "node:crypto";
import { assertNamedHash, readWhole } from "./checkpoint.ts";
import { decodeSafetensors, type SafetensorsFile } from "./safetensors.ts";

export interface ModelFile extends SafetensorsFile {
  readonly path: string;
  /** Of the whole file, hex. */
  readonly sha256: string;
}

/**
 * @throws {CheckpointError} `checkpoint.missing`, `checkpoint.io`, `checkpoint.malformed`, `checkpoint.unsupported-dtype`;
 * `checkpoint.hash-mismatch` where the name holds a hash that the content has not
 */
export async function readModelFile(path: string): Promise<ModelFile> {
  const bytes = await readWhole(path);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  assertNamedHash(path, sha256, bytes.length);
  return { path, sha256, ...decodeSafetensors(bytes, path) };
}
