/** Every kernel on the CPU backend: right, repeatable, and independent of threads and lanes. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Backend } from "../../daemon/engine/backend.ts";
import { createCpuBackend, hasRelaxedSimd } from "../../daemon/engine/cpu/backend.ts";
import { kernels } from "../../daemon/engine/kernels/registry.ts";
import { buildCpu, type CpuBuild } from "./cpu-build.ts";
import { checkKernel, kernelBits } from "./harness.ts";

let built: CpuBuild;
let one: Backend;
let two: Backend;
let five: Backend;
let plain: Backend;

beforeAll(async () => {
  built = await buildCpu();
  const { workerUrl } = built;
  const wasm = hasRelaxedSimd() ? built.wasm : built.plainWasm;
  one = await createCpuBackend({ wasm, workerUrl, threads: 1 });
  two = await createCpuBackend({ wasm, workerUrl, threads: 2 });
  five = await createCpuBackend({ wasm, workerUrl, threads: 5 });
  plain = await createCpuBackend({ wasm: built.plainWasm, workerUrl, threads: 2 });
}, 240_000);

afterAll(async () => {
  for (const backend of [one, two, five, plain]) await backend.dispose();
  await built.remove();
});

describe.each([...kernels.values()])("$name", (def) => {
  test("1 thread", () => checkKernel(one, def, { random: 6, seed: 1 }), 30_000);
  test("2 threads", () => checkKernel(two, def, { random: 6, seed: 2 }), 30_000);
  test("without relaxed SIMD", () => checkKernel(plain, def, { random: 2, seed: 3 }), 30_000);

  test("the same bits with 1, 2 and 5 threads", async () => {
    const options = { random: 6, seed: 4 };
    const bits = await kernelBits(one, def, options);
    expect(await kernelBits(two, def, options)).toEqual(bits);
    expect(await kernelBits(five, def, options)).toEqual(bits);
  }, 30_000);
});
