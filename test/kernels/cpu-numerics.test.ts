/** What the CPU kernels promise about numbers beyond the tolerance table: one compiler's bits, visible NaN. */
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createCpuBackend, hasRelaxedSimd } from "../../daemon/engine/cpu/backend.ts";
import type { Params } from "../../daemon/engine/kernel.ts";
import { UnaryKind } from "../../daemon/engine/kernels/elementwise.ts";
import { kernelNamed } from "../../daemon/engine/kernels/registry.ts";
import type { Program } from "../../daemon/engine/program.ts";
import { buildCpu, type CpuBuild } from "./cpu-build.ts";

let built: CpuBuild;
beforeAll(async () => {
  built = await buildCpu();
}, 240_000);
afterAll(() => built.remove());

test("the baseline and the optimising compiler of V8 give the same bits", async () => {
  // A kernel is recompiled while a run is under way: a fused product in only one tier would break repeatability.
  const folder = join(built.workerUrl, "..");
  const url = (path: string): string => JSON.stringify(new URL(path, import.meta.url));
  const wasm = JSON.stringify(join(folder, hasRelaxedSimd() ? "kernels.wasm" : "kernels-simd.wasm"));
  const source = `import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createCpuBackend } from ${url("../../daemon/engine/cpu/backend.ts")};
import { kernels } from ${url("../../daemon/engine/kernels/registry.ts")};
import { kernelBits } from ${url("./harness.ts")};
const wasm = new Uint8Array(readFileSync(${wasm}));
const backend = await createCpuBackend({ wasm, workerUrl: ${JSON.stringify(built.workerUrl)}, threads: 2 });
const hash = createHash("sha256");
for (const def of kernels.values()) {
  for (const bits of await kernelBits(backend, def, { random: 2, seed: 5 })) hash.update(bits);
}
console.log(hash.digest("hex"));
await backend.dispose();`;
  const script = join(folder, "bits.mjs");
  await writeFile(script, source);
  const run = async (flag: string): Promise<string> =>
    (await promisify(execFile)(process.execPath, [flag, script])).stdout;
  const baseline = await run("--liftoff-only");
  expect(baseline).toMatch(/^[0-9a-f]{64}\n$/);
  expect(await run("--no-liftoff")).toBe(baseline);
}, 240_000);

describe("a NaN in the input is seen in the output", () => {
  const rows = { rows: 5, width: 9 };
  const shape = { batch: 1, time: 9, heads: 2, kvHeads: 1, headDim: 6, rotary: 4 };
  /** Kernel, parameters, input that is poisoned in its first element, output that must show it. */
  const paths: readonly [string, Params, string, string][] = [
    ...Object.values(UnaryKind).map((kind): [string, Params, string, string] => [
      "unary",
      { n: 7, kind, c: 2 },
      "x",
      "y",
    ]),
    ["swiglu", { n: 7 }, "a", "y"],
    ["matmul", { m: 5, n: 9, k: 6, variant: 0, accumulate: 0 }, "a", "c"],
    ["rmsnorm", { ...rows, eps: 1e-5 }, "x", "y"],
    ["attention", shape, "q", "lse"],
    ["attention", shape, "k", "out"],
    ["attention", shape, "v", "out"],
    ["cross_entropy", { rows: 3, vocab: 11 }, "logits", "nll"],
    ["sum_squares", { n: 1030 }, "x", "partial"],
    ["clip_scale", { chunks: 3 }, "partial", "schedule"],
    ["adamw", { n: 7, lrScale: 1, decayScale: 1 }, "grad", "param"],
    ["record_loss", { rows: 5, length: 2, weight: 1, accumulate: 0 }, "nll", "ring"],
  ];

  test.each(paths)("%s %o: %s to %s", async (kernel, params, poisoned, output) => {
    const def = kernelNamed(kernel);
    const names = Object.keys(def.buffers);
    const sizes = def.size(params);
    const program: Program = {
      buffers: names.map((name) => ({
        name,
        dtype: def.buffers[name]?.dtype ?? "f32",
        length: sizes[name] as number,
        shared: false,
      })),
      sections: {
        main: [
          { kernel, params, buffers: Object.fromEntries(names.map((name, buffer) => [name, { buffer, offset: 0 }])) },
        ],
      },
    };
    const wasm = hasRelaxedSimd() ? built.wasm : built.plainWasm;
    const backend = await createCpuBackend({ wasm, workerUrl: built.workerUrl, threads: 1 });
    const executable = await backend.compile(program, 1);
    for (const [buffer, name] of names.entries()) {
      if (def.buffers[name]?.dtype === "f32")
        await executable.write(buffer, 0, new Float32Array(sizes[name] as number).fill(0.5));
    }
    await executable.write(names.indexOf(poisoned), 0, Float32Array.of(Number.NaN));
    await executable.run("main", 1, 1);
    expect((await executable.read(names.indexOf(output), 0)).some(Number.isNaN)).toBe(true);
    await backend.dispose();
  });
});
