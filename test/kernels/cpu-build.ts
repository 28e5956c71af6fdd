/** Builds what the CPU backend loads into a temporary folder, so that kernel tests need no earlier build. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { buildKernels } from "../../daemon/engine/cpu/build.mjs";

export interface CpuBuild {
  readonly wasm: Uint8Array<ArrayBuffer>;
  /** The same kernels without relaxed SIMD. */
  readonly plainWasm: Uint8Array<ArrayBuffer>;
  readonly workerUrl: string;
  remove(): Promise<void>;
}

export async function buildCpu(): Promise<CpuBuild> {
  const folder = await mkdtemp(join(tmpdir(), "igla-cpu-"));
  await buildKernels(folder);
  const workerUrl = join(folder, "cpu-worker.mjs");
  await build({
    entryPoints: [fileURLToPath(new URL("../../daemon/engine/cpu/worker.ts", import.meta.url))],
    outfile: workerUrl,
    bundle: true,
    platform: "node",
    format: "esm",
  });
  return {
    wasm: new Uint8Array(await readFile(join(folder, "kernels.wasm"))),
    plainWasm: new Uint8Array(await readFile(join(folder, "kernels-simd.wasm"))),
    workerUrl,
    remove: () => rm(folder, { recursive: true }),
  };
}
