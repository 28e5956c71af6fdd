/** Matrix-product speed on the shapes of the reference model's step. */
import type { Backend } from "../engine/backend.ts";
import { MatmulVariant } from "../engine/kernels/matmul.ts";
import { type BenchClock, median } from "./train-bench.ts";

export interface KernelBench {
  readonly name: string;
  readonly gflopPerSec: number;
}

/** [M, N, K, variant] of projections, MLP and head, forward and both gradients. */
const SHAPES: readonly [number, number, number, keyof typeof MatmulVariant][] = [
  [1024, 128, 128, "NN"],
  [1024, 512, 128, "NN"],
  [1024, 128, 512, "NN"],
  [1024, 256, 128, "NN"],
  [1024, 128, 512, "NT"],
  [1024, 512, 128, "NT"],
  [128, 128, 1024, "TN"],
  [128, 512, 1024, "TN"],
  [512, 128, 1024, "TN"],
];

export async function benchKernels(backend: Backend, clock: BenchClock, rounds = 5): Promise<KernelBench[]> {
  const results: KernelBench[] = [];
  for (const [m, n, k, variant] of SHAPES) {
    const program = {
      buffers: [m * k, k * n, m * n].map((length, i) => ({
        name: "abc"[i] as string,
        dtype: "f32" as const,
        length,
        shared: false,
      })),
      sections: {
        run: [
          {
            kernel: "matmul",
            buffers: { a: { buffer: 0, offset: 0 }, b: { buffer: 1, offset: 0 }, c: { buffer: 2, offset: 0 } },
            params: { m, n, k, variant: MatmulVariant[variant], accumulate: 0 },
          },
        ],
      },
    };
    const executable = await backend.compile(program, 1);
    await executable.write(0, 0, new Float32Array(m * k).fill(0.5));
    await executable.write(1, 0, new Float32Array(k * n).fill(0.25));
    await executable.run("run", 4, 1);
    const repeat = 40;
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const startedMs = clock.now();
      await executable.run("run", repeat, 1);
      times.push((clock.now() - startedMs) / repeat);
    }
    await executable.dispose();
    results.push({ name: `${variant} ${m}x${n}x${k}`, gflopPerSec: (2 * m * n * k) / (median(times) * 1e6) });
  }
  return results;
}
