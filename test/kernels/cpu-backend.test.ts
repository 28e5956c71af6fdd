/** The CPU backend around its kernels: queueing, memory, loss of a worker, disposal. */
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createCpuBackend, hasRelaxedSimd } from "../../daemon/engine/cpu/backend.ts";
import { groupStages } from "../../daemon/engine/cpu/stages.ts";
import { EngineError } from "../../daemon/engine/error.ts";
import { MatmulVariant } from "../../daemon/engine/kernels/matmul.ts";
import type { KernelCall, Program } from "../../daemon/engine/program.ts";
import { buildCpu, type CpuBuild } from "./cpu-build.ts";

let built: CpuBuild;
beforeAll(async () => {
  built = await buildCpu();
}, 240_000);
afterAll(() => built.remove());

const start = (threads: number, workerUrl = built.workerUrl) =>
  createCpuBackend({ wasm: hasRelaxedSimd() ? built.wasm : built.plainWasm, workerUrl, threads });

const axpy = (x: number, y: number, n: number, alpha: number, offset = 0): KernelCall => ({
  kernel: "axpy",
  buffers: { x: { buffer: x, offset }, y: { buffer: y, offset } },
  params: { n, alpha },
});

/** y += x; x += y/2: a chain in which every call needs the one before. */
const chain = (n: number): Program => ({
  buffers: ["x", "y"].map((name) => ({ name, dtype: "f32", length: n, shared: false })),
  sections: { main: [axpy(0, 1, n, 1), axpy(1, 0, n, 0.5)] },
});

const SIDE = 192;
const COLUMNS = 24;
const product = (x: number, y: number): KernelCall => ({
  kernel: "matmul",
  buffers: { a: { buffer: 0, offset: 0 }, b: { buffer: x, offset: 0 }, c: { buffer: y, offset: 0 } },
  params: { m: SIDE, n: COLUMNS, k: SIDE, variant: MatmulVariant.NN, accumulate: 0 },
});

/** y = S x; x = S y with S the cyclic shift of rows by one: every item needs rows that another item wrote. */
const shifts: Program = {
  buffers: [
    { name: "shift", dtype: "f32", length: SIDE * SIDE, shared: true },
    { name: "x", dtype: "f32", length: SIDE * COLUMNS, shared: false },
    { name: "y", dtype: "f32", length: SIDE * COLUMNS, shared: false },
  ],
  sections: { main: [product(1, 2), product(2, 1)] },
};
const shiftMatrix = Float32Array.from({ length: SIDE * SIDE }, (_, i) =>
  (Math.floor(i / SIDE) + 1) % SIDE === i % SIDE ? 1 : 0,
);
/** Rows of consecutive numbers starting `by` rows later. */
const shifted = (by: number, lane: number) =>
  Float32Array.from({ length: SIDE * COLUMNS }, (_, i) => 1000 * lane + ((Math.floor(i / COLUMNS) + by) % SIDE));

const codeOf = (error: unknown): string => (error instanceof EngineError ? error.code : String(error));

/** A worker that starts like the real one and then does what `onRun` says. */
async function faultyWorker(name: string, onRun: string): Promise<string> {
  const path = join(built.workerUrl, "..", name);
  const source = `import { parentPort } from "node:worker_threads";
parentPort.on("message", ({ kind }) => { if (kind === "run") { ${onRun} } });
parentPort.postMessage({ kind: "ready" });`;
  await writeFile(path, source);
  return path;
}

describe("running", () => {
  // Threads, lanes, repeats: shared stages, whole lanes, lanes that do not divide evenly, stretches and a rest.
  test.each([
    [1, 1, 3],
    [1, 3, 21],
    [2, 1, 20],
    [2, 2, 1],
    [2, 3, 2],
    [2, 5, 67],
    [3, 2, 20],
    [3, 4, 9],
  ])("dependent calls: %d threads, %d lanes, %d repeats", async (threads, lanes, repeat) => {
    const backend = await start(threads);
    const executable = await backend.compile(shifts, lanes + 1);
    await executable.write(0, 0, shiftMatrix);
    for (let lane = 0; lane < lanes; lane++) await executable.write(1, lane, shifted(0, lane));
    await executable.run("main", repeat, lanes);
    await executable.run("main", 1, lanes);
    for (let lane = 0; lane < lanes; lane++) {
      expect(await executable.read(1, lane)).toEqual(shifted(2 * repeat + 2, lane));
      expect(await executable.read(2, lane)).toEqual(shifted(2 * repeat + 1, lane));
    }
    // The lane beyond those that ran.
    expect(await executable.read(2, lanes)).toEqual(new Float32Array(SIDE * COLUMNS));
    await backend.dispose();
  });

  test("operations take effect in the order of the calls, awaited or not", async () => {
    const backend = await start(2);
    const executable = await backend.compile(chain(8), 1);
    const writes = [executable.write(0, 0, new Float32Array(8).fill(3)), executable.run("main", 1, 1)];
    const read = executable.read(1, 0, 2, 3);
    await Promise.all([...writes, executable.write(1, 0, new Float32Array(8))]);
    expect(await read).toEqual(Float32Array.of(3, 3, 3));
    await backend.dispose();
  });

  test("one call object may stand in several places", async () => {
    const backend = await start(2);
    const call = axpy(0, 1, 8, 1);
    const calls = Array.from({ length: 40 }, () => call);
    const executable = await backend.compile({ ...chain(8), sections: { main: calls, other: [call] } }, 1);
    await executable.write(0, 0, new Float32Array(8).fill(1));
    await executable.run("main", 1, 1);
    await executable.run("other", 2, 1);
    expect(await executable.read(1, 0)).toEqual(new Float32Array(8).fill(42));
    await backend.dispose();
  });

  test("the calling thread stays responsive", async () => {
    const backend = await start(2);
    const executable = await backend.compile(chain(1 << 20), 1);
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    await executable.run("main", 300, 1);
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(10);
    await backend.dispose();
  });

  test("several programs share a backend; memory of a disposed one is used again, zeroed", async () => {
    const backend = await start(2);
    const first = await backend.compile(chain(1000), 1);
    const second = await backend.compile(chain(1000), 1);
    await first.write(0, 0, new Float32Array(1000).fill(1));
    await second.write(0, 0, new Float32Array(1000).fill(2));
    await first.run("main", 1, 1);
    await second.run("main", 1, 1);
    expect((await first.read(1, 0, 999, 1))[0]).toBe(1);
    expect((await second.read(1, 0, 999, 1))[0]).toBe(2);
    await first.dispose();
    const third = await backend.compile(chain(1000), 1);
    expect(await third.read(0, 0)).toEqual(new Float32Array(1000));
    expect((await second.read(1, 0, 0, 1))[0]).toBe(2);
    await expect(first.run("main", 1, 1).catch(codeOf)).resolves.toBe("engine.disposed");
    await backend.dispose();
  });
});

describe("stages", () => {
  const sizes = (calls: KernelCall[]): number[] => groupStages(calls).map((stage) => stage.length);

  test("calls without common data go together", () => {
    expect(sizes([axpy(0, 1, 8, 1), axpy(0, 2, 8, 1), axpy(3, 4, 8, 1)])).toEqual([3]);
    expect(sizes([axpy(0, 1, 8, 1, 0), axpy(0, 1, 8, 1, 8)])).toEqual([2]);
  });

  test("read after write, write after read and write after write are kept in order", () => {
    expect(sizes([axpy(0, 1, 8, 1), axpy(1, 2, 8, 1)])).toEqual([1, 1]);
    expect(sizes([axpy(0, 1, 8, 1), axpy(2, 0, 8, 1)])).toEqual([1, 1]);
    expect(sizes([axpy(0, 1, 8, 1), axpy(2, 1, 8, 1)])).toEqual([1, 1]);
    expect(sizes([axpy(0, 1, 8, 1, 0), axpy(0, 1, 8, 1, 7)])).toEqual([1, 1]);
  });

  test("a later call is compared with the whole open stage", () => {
    expect(sizes([axpy(0, 1, 8, 1), axpy(2, 3, 8, 1), axpy(1, 4, 8, 1)])).toEqual([2, 1]);
  });
});

describe("failure", () => {
  test("more memory than WebAssembly has", async () => {
    const backend = await start(1);
    await expect(backend.compile(chain(400_000_000), 2).catch(codeOf)).resolves.toBe("engine.out-of-memory");
    // The backend is still usable.
    const executable = await backend.compile(chain(8), 1);
    await executable.run("main", 1, 1);
    await backend.dispose();
  });

  test.each([
    ["ends", "process.exit(3);"],
    ["throws", "throw new Error('trap');"],
  ])("a worker that %s resolves `lost` and rejects the run and everything after it", async (name, onRun) => {
    const backend = await start(2, await faultyWorker(`${name}.mjs`, onRun));
    const executable = await backend.compile(chain(8), 1);
    const run = executable.run("main", 1, 1).catch(codeOf);
    const read = executable.read(0, 0).catch(codeOf);
    expect(await run).toBe("engine.device-lost");
    expect(await read).toBe("engine.device-lost");
    expect((await backend.lost).reason).toMatch(/worker thread/);
    await expect(backend.compile(chain(8), 1).catch(codeOf)).resolves.toBe("engine.device-lost");
    await backend.dispose();
  });

  test("a worker that cannot start", async () => {
    const missing = join(built.workerUrl, "..", "missing.mjs");
    await expect(start(1, missing).catch(codeOf)).resolves.toBe("engine.device-lost");
  });

  test("an unknown kernel and a view out of bounds", async () => {
    const backend = await start(1);
    const program = (call: KernelCall): Program => ({ ...chain(8), sections: { main: [call] } });
    const unknown = program({ ...axpy(0, 1, 8, 1), kernel: "nope" });
    await expect(backend.compile(unknown, 1).catch(codeOf)).resolves.toBe("engine.unknown-kernel");
    await expect(backend.compile(program(axpy(0, 1, 9, 1)), 1).catch(codeOf)).resolves.toBe("engine.bad-view");
    await backend.dispose();
  });

  test("disposal in the middle of a run rejects it and does not resolve `lost`", async () => {
    const backend = await start(2);
    const executable = await backend.compile(chain(1 << 20), 1);
    const run = executable.run("main", 100_000, 1).catch(codeOf);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await backend.dispose();
    expect(await run).toBe("engine.disposed");
    const state = await Promise.race([backend.lost.then(() => "lost"), Promise.resolve("not lost")]);
    expect(state).toBe("not lost");
  });
});

describe("the process", () => {
  /** Runs a script that uses the backend as a program would; the test fails when it does not end by itself. */
  async function runScript(body: string): Promise<string> {
    const path = join(built.workerUrl, "..", "script.mjs");
    const backendUrl = new URL("../../daemon/engine/cpu/backend.ts", import.meta.url);
    const wasm = join(built.workerUrl, "..", hasRelaxedSimd() ? "kernels.wasm" : "kernels-simd.wasm");
    const source = `import { readFileSync } from "node:fs";
import { createCpuBackend } from ${JSON.stringify(backendUrl)};
const wasm = new Uint8Array(readFileSync(${JSON.stringify(wasm)}));
const backend = await createCpuBackend({ wasm, workerUrl: ${JSON.stringify(built.workerUrl)}, threads: 2 });
const executable = await backend.compile(${JSON.stringify(chain(1 << 18))}, 1);
${body}`;
    await writeFile(path, source);
    const { stdout } = await promisify(execFile)(process.execPath, [path], { timeout: 20_000 });
    return stdout.trim();
  }

  test("waits for a run, then ends although the backend was never disposed", async () => {
    expect(await runScript(`executable.run("main", 50, 1).then(() => console.log("ran"));`)).toBe("ran");
  }, 30_000);

  test("has no worker left after disposal", async () => {
    const body = `process.report.excludeNetwork = true;
const workers = () => process.report.getReport().workers.length;
const before = workers();
await backend.dispose();
console.log(before, workers());`;
    expect(await runScript(body)).toBe("2 0");
  }, 30_000);
});
