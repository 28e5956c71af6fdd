/**
 * Chooses and opens a backend: the best WebGPU adapter; software adapters only by name; otherwise the CPU.
 * The only place that knows where the built kernels lie.
 */
import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { cacheFolder } from "../data/cache-folder.ts";
import type { Backend } from "../engine/backend.ts";
import { createCpuBackend, hasRelaxedSimd } from "../engine/cpu/backend.ts";
import { EngineError } from "../engine/error.ts";
import { createWebgpuBackend } from "../engine/webgpu/backend.ts";
import { loadGpu } from "../engine/webgpu/native.ts";
import { distUrl } from "../paths.ts";
import { findGpuAdapters } from "./find-adapters.ts";
import { fileTuneCache } from "./tune-cache.ts";

/** `auto`, `cpu`, `webgpu` (hardware only) or `webgpu:NAME` (any adapter whose name contains NAME). */
export type BackendChoice = string;

/** More threads than this do not help models of this size. */
const MAX_THREADS = 8;

/** @throws {EngineError} `engine.no-adapter` when an adapter was asked for by name or kind and is not there */
export async function openBackend(choice: BackendChoice, threads?: number): Promise<Backend> {
  if (choice === "cpu") return openCpu(threads);
  if (choice === "auto") return openBest(threads);
  const [kind, adapter] = choice.split(":", 2);
  if (kind !== "webgpu") {
    throw new EngineError("engine.no-adapter", `"${choice}" is no backend: choose auto, cpu, webgpu or webgpu:NAME.`);
  }
  return openWebgpu(adapter);
}

async function openCpu(threads = Math.min(MAX_THREADS, availableParallelism())): Promise<Backend> {
  // Two builds: fused multiply-add where this engine has it, plain SIMD elsewhere.
  const wasm = new Uint8Array(await readFile(distUrl(hasRelaxedSimd() ? "kernels.wasm" : "kernels-simd.wasm")));
  return createCpuBackend({ wasm, workerUrl: distUrl("cpu-worker.js"), threads });
}

async function openWebgpu(adapter?: string): Promise<Backend> {
  const gpu = await loadGpu();
  return createWebgpuBackend({
    gpu,
    now: () => performance.now(),
    cache: fileTuneCache(join(cacheFolder(process.env, process.platform), "autotune.json")),
    allowSoftware: adapter !== undefined,
    ...(adapter === undefined ? {} : { adapter }),
  });
}

/** A GPU where one is usable; the CPU otherwise, the normal case in containers and on remote hosts. */
async function openBest(threads?: number): Promise<Backend> {
  const search = await findGpuAdapters();
  const hardware = search.kind === "found" && search.adapters.some(({ type }) => type !== "software");
  return hardware ? openWebgpu() : openCpu(threads);
}
