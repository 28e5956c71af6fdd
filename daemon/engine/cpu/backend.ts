/** The CPU backend: SIMD WebAssembly kernels on worker threads over one shared memory. */
import type { Backend, Executable } from "../backend.ts";
import type { Program } from "../program.ts";
import { validateProgram } from "../validate.ts";
import { CpuExecutable, type Enqueue } from "./executable.ts";
import { SharedHeap } from "./heap.ts";
import { WorkerPool } from "./pool.ts";

/** More threads than this wait for each other longer than they compute on models of this size. */
const MAX_THREADS = 16;

/** A function of f32x4.relaxed_madd, the one relaxed instruction that the kernels use. */
const RELAXED_PROBE = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 8, 1, 96, 3, 123, 123, 123, 1, 123, 3, 2, 1, 0],
  ...[10, 13, 1, 11, 0, 32, 0, 32, 1, 32, 2, 253, 133, 2, 11],
);

export interface CpuBackendOptions {
  /** Contents of dist/kernels.wasm, or of dist/kernels-simd.wasm where `hasRelaxedSimd()` is false. */
  readonly wasm: Uint8Array<ArrayBuffer>;
  /** The bundled worker, dist/cpu-worker.js. */
  readonly workerUrl: URL | string;
  /** Worker threads, at least 1; pass the machine's available parallelism. Clamped to MAX_THREADS. */
  readonly threads: number;
}

/** True when this engine runs fused multiply-add on vectors (V8 since 11.4, without a flag). */
export function hasRelaxedSimd(): boolean {
  return WebAssembly.validate(RELAXED_PROBE);
}

/** @throws {EngineError} `engine.out-of-memory`, `engine.device-lost` when a worker does not start. */
export async function createCpuBackend(options: CpuBackendOptions): Promise<Backend> {
  const threads = Math.max(1, Math.min(MAX_THREADS, Math.floor(options.threads)));
  const heap = new SharedHeap();
  const module = await WebAssembly.compile(options.wasm);
  const pool = new WorkerPool(options.workerUrl, module, heap.memory, threads);
  await pool.ready();
  let tail: Promise<unknown> = Promise.resolve();
  let programs = 0;
  const enqueue: Enqueue = (operation) => {
    const result = tail.then(operation);
    // The failure belongs to the caller of this operation; the next one finds out by itself.
    tail = result.catch(() => undefined);
    return result;
  };
  return {
    info: {
      kind: "cpu",
      description: `WASM SIMD, ${threads} ${threads === 1 ? "thread" : "threads"}`,
      software: false,
    },
    preferredLanes: threads,
    lost: pool.lost,
    compile: (program: Program, maxLanes: number): Promise<Executable> =>
      enqueue(() => {
        pool.assertAlive();
        validateProgram(program);
        return new CpuExecutable(programs++, program, maxLanes, heap, pool, enqueue);
      }),
    dispose: () => pool.dispose(),
  };
}
