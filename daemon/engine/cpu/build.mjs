/** Compiles the AssemblyScript kernels: `kernels.wasm` with fused multiply-add, `kernels-simd.wasm` without. */
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const SOURCES = fileURLToPath(new URL("./wasm/", import.meta.url));
const COMMON = [
  "-O3",
  "--noAssert",
  "--runtime",
  "stub",
  "--use",
  "abort=",
  "--importMemory",
  "--sharedMemory",
  "--initialMemory",
  "1",
  "--maximumMemory",
  "65536",
];

/** Only modules with the kernel signature are entries; the others are imported by them. */
const LIBRARIES = new Set(["args.ts", "attention-rows.ts", "gemm.ts", "math.ts", "philox.ts", "simd.ts"]);

/**
 * @param {string} outDir
 * @throws {Error} with the compiler's diagnostics.
 */
export async function buildKernels(outDir) {
  await mkdir(outDir, { recursive: true });
  const entries = (await readdir(SOURCES)).filter((name) => name.endsWith(".ts") && !LIBRARIES.has(name)).sort();
  await compile(entries, join(outDir, "kernels.wasm"), "simd,threads,relaxed-simd");
  await compile(entries, join(outDir, "kernels-simd.wasm"), "simd,threads");
}

async function compile(entries, outFile, features) {
  const args = [...entries, "--baseDir", SOURCES, "--outFile", outFile, "--enable", features, ...COMMON];
  const { error, stderr } = await asc.main(args);
  if (error) throw new Error(`asc failed on the kernels: ${error.message}\n${stderr.toString()}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildKernels(fileURLToPath(new URL("../../../dist/", import.meta.url)));
}
