/** All matmul tiles give the same bits, which is what makes the autotuned choice harmless; and the tuner works. */
import { afterAll, describe, expect, test } from "vitest";
import type { Backend } from "../../daemon/engine/backend.ts";
import { kernelNamed } from "../../daemon/engine/kernels/registry.ts";
import type { Program } from "../../daemon/engine/program.ts";
import { type MatmulTile, SMALL, tileName } from "../../daemon/engine/webgpu/matmul.ts";
import { kernelBits } from "../kernels/harness.ts";
import { available, openTestBackend, subgroupSize, titled } from "./adapter.ts";

const matmul = kernelNamed("matmul");
const CASES = { random: 4, seed: 33 };

/** Tiles that any shape and any offset may use. */
const TILES: readonly MatmulTile[] = [
  { kind: "workgroup", threads: 8, per: 4 },
  ...(subgroupSize > 0
    ? [{ kind: "subgroup", rows: Math.max(16, subgroupSize), subgroup: subgroupSize, vec: false } as const]
    : []),
];

describe.skipIf(!available)(titled("webgpu matmul tiles"), () => {
  const opened: Backend[] = [];
  const open = async (...args: Parameters<typeof openTestBackend>): Promise<Backend> => {
    const backend = await openTestBackend(...args);
    opened.push(backend);
    return backend;
  };
  afterAll(async () => {
    for (const backend of opened) await backend.dispose();
  });

  for (const tile of TILES) {
    test(`${tileName(tile)} agrees bit for bit with one thread per element`, { timeout: 120_000 }, async () => {
      const plain = await kernelBits(await open({ tile: SMALL }), matmul, CASES);
      expect(await kernelBits(await open({ tile }), matmul, CASES)).toEqual(plain);
    });
  }

  test.skipIf(subgroupSize === 0)("four-element loads change no bit", { timeout: 120_000 }, async () => {
    const plain = await open({ tile: SMALL });
    const vec = { kind: "subgroup", rows: Math.max(32, subgroupSize), subgroup: subgroupSize, vec: true } as const;
    const wide = await open({ tile: vec });
    for (const variant of [0, 1, 2]) {
      for (const [m, n, k] of [
        [8, 8, 4],
        [64, 32, 100],
        [100, 76, 36],
      ] as const) {
        const params = { m, n, k, variant, accumulate: variant % 2 };
        expect(await product(wide, params)).toEqual(await product(plain, params));
      }
    }
  });

  test("a tuned choice is measured once, cached, and gives the same bits as every candidate", {
    timeout: 120_000,
  }, async () => {
    const stored = new Map<string, string>();
    const cache = {
      get: (key: string) => stored.get(key),
      set: (key: string, value: string) => {
        if (stored.has(key)) throw new Error(`${key} was measured twice`);
        stored.set(key, value);
      },
    };
    const params = { m: 40, n: 24, k: 16, variant: 0, accumulate: 0 };
    const first = await product(await open({ reduce: "workgroup", cache }), params);
    expect([...stored.values()]).toEqual([expect.stringMatching(/^workgroup /)]);
    expect(await product(await open({ reduce: "workgroup", cache }), params)).toEqual(first);
    expect(await product(await open({ tile: SMALL }), params)).toEqual(first);
    for (const [threads, per] of [
      [8, 4],
      [16, 4],
      [8, 8],
    ] as const) {
      const tile = { kind: "workgroup", threads, per } as const;
      expect(await product(await open({ tile }), params)).toEqual(first);
    }
  });
});

type MatmulParams = Readonly<Record<"m" | "n" | "k" | "variant" | "accumulate", number>>;

async function product(backend: Backend, params: MatmulParams) {
  const sizes = matmul.size(params);
  const names = ["a", "b", "c"] as const;
  const program: Program = {
    buffers: names.map((name) => ({ name, dtype: "f32", length: sizes[name] as number, shared: false })),
    sections: {
      main: [
        {
          kernel: "matmul",
          buffers: { a: { buffer: 0, offset: 0 }, b: { buffer: 1, offset: 0 }, c: { buffer: 2, offset: 0 } },
          params,
        },
      ],
    },
  };
  const executable = await backend.compile(program, 1);
  for (const [i, name] of names.entries()) {
    await executable.write(
      i,
      0,
      Float32Array.from({ length: sizes[name] as number }, (_, e) => Math.sin(e * 1.7 + i)),
    );
  }
  await executable.run("main", 1, 1);
  const result = await executable.read(2, 0);
  await executable.dispose();
  return result;
}
