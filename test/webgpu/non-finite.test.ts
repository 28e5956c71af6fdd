/** A NaN or an infinity must reach the loss: that is how a diverged trial is noticed. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Backend } from "../../daemon/engine/backend.ts";
import { UnaryKind } from "../../daemon/engine/kernels/elementwise.ts";
import { kernelNamed } from "../../daemon/engine/kernels/registry.ts";
import { available, openTestBackend, titled } from "./adapter.ts";

describe.skipIf(!available)(titled("non-finite values on webgpu"), () => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await openTestBackend();
  });
  afterAll(() => backend.dispose());

  /** Runs one kernel on inputs of 0.5 (u32: 0) with element 3 of `poisoned` replaced; returns `output`. */
  async function outputOf(
    kernel: string,
    params: Record<string, number>,
    poisoned: string,
    poison: number,
    output: string,
  ): Promise<number[]> {
    const def = kernelNamed(kernel);
    const sizes = def.size(params);
    const names = Object.keys(def.buffers);
    const dtype = (name: string) => def.buffers[name]?.dtype ?? "f32";
    const executable = await backend.compile(
      {
        buffers: names.map((name) => ({ name, dtype: dtype(name), length: sizes[name] as number, shared: false })),
        sections: {
          main: [{ kernel, params, buffers: Object.fromEntries(names.map((n, buffer) => [n, { buffer, offset: 0 }])) }],
        },
      },
      1,
    );
    for (const [i, name] of names.entries()) {
      if (dtype(name) === "u32") continue;
      const values = new Float32Array(sizes[name] as number).fill(0.5);
      if (name === poisoned) values[3] = poison;
      await executable.write(i, 0, values);
    }
    await executable.run("main", 1, 1);
    const result = [...(await executable.read(names.indexOf(output), 0))];
    await executable.dispose();
    return result;
  }

  for (const poison of [Number.NaN, Number.POSITIVE_INFINITY]) {
    test(`cross_entropy, logit ${poison}`, async () => {
      const nll = await outputOf("cross_entropy", { rows: 2, vocab: 40 }, "logits", poison, "nll");
      expect(Number.isFinite(nll[0])).toBe(false);
      expect(nll[1]).toBeCloseTo(Math.log(40), 5);
    });

    test(`rmsnorm, input ${poison}`, async () => {
      const y = await outputOf("rmsnorm", { rows: 2, width: 20, eps: 1e-5 }, "x", poison, "y");
      expect(Number.isFinite(y[3])).toBe(false);
      expect(Number.isFinite(y[20])).toBe(true);
    });
  }

  for (const [name, kind] of Object.entries(UnaryKind)) {
    test(`${name} of NaN is NaN`, async () => {
      expect((await outputOf("unary", { n: 5, kind, c: 2 }, "x", Number.NaN, "y"))[3]).toBeNaN();
    });
  }

  test("attention: a NaN key spoils its own and later queries, not earlier ones", async () => {
    const params = { batch: 1, time: 4, heads: 1, kvHeads: 1, headDim: 2, rotary: 2 };
    // Element 3 belongs to the key at position 1.
    const out = await outputOf("attention", params, "k", Number.NaN, "out");
    expect(out.slice(0, 2).every(Number.isFinite)).toBe(true);
    expect(out.slice(2).every(Number.isNaN)).toBe(true);
  });

  test("attention: a NaN key spoils every query that sees it, with heads of 8 too", async () => {
    const params = { batch: 1, time: 4, heads: 1, kvHeads: 1, headDim: 8, rotary: 8 };
    const out = await outputOf("attention", params, "k", Number.NaN, "out");
    expect(out.every(Number.isNaN)).toBe(true);
  });

  test("matmul: every product with a NaN is NaN", async () => {
    const params = { m: 16, n: 16, k: 8, variant: 0, accumulate: 0 };
    const c = await outputOf("matmul", params, "a", Number.NaN, "c");
    expect(c.slice(0, 16).every(Number.isNaN)).toBe(true);
    expect(c.slice(16).every(Number.isFinite)).toBe(true);
  });
});
