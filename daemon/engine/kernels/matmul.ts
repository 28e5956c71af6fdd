/** C (+)= op(A) op(B), f32 with f32 accumulation. The order of the sum depends on the shape only. */
import { defineKernel } from "../kernel.ts";

/** NN: A [M,K] B [K,N]. NT: A [M,K] B [N,K]. TN: A [K,M] B [K,N]. C is always [M,N]. */
export const MatmulVariant = { NN: 0, NT: 1, TN: 2 } as const;

const shapes: readonly (readonly [number, number, number])[] = [
  [1, 1, 1],
  [1, 17, 5],
  [7, 13, 11],
  [6, 8, 16],
  [33, 31, 37],
  [64, 48, 32],
  [67, 129, 65],
  [24, 40, 600],
];

export const matmul = defineKernel({
  name: "matmul",
  family: "matmul",
  buffers: {
    a: { access: "read", dtype: "f32" },
    b: { access: "read", dtype: "f32" },
    c: { access: "readwrite", dtype: "f32" },
  },
  params: ["m", "n", "k", "variant", "accumulate"],
  size: ({ m, n, k }) => ({ a: m * k, b: k * n, c: m * n }),
  samples: shapes.flatMap(([m, n, k], i) =>
    [0, 1, 2].map((variant) => ({ m, n, k, variant, accumulate: (i + variant) % 2 })),
  ),
  reference(buf, { m, n, k, variant, accumulate }) {
    const { a, b, c } = buf;
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let sum = accumulate ? (c[i * n + j] as number) : 0;
        for (let l = 0; l < k; l++) {
          const x = variant === MatmulVariant.TN ? a[l * m + i] : a[i * k + l];
          const y = variant === MatmulVariant.NT ? b[j * k + l] : b[l * n + j];
          sum += (x as number) * (y as number);
        }
        c[i * n + j] = sum;
      }
    }
  },
});
