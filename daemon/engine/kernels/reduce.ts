/** Reductions with a fixed order: the grouping depends on the length only, never on threads or lanes. */
import { defineKernel } from "../kernel.ts";
import { LaneHyper, LaneSchedule } from "./lane.ts";

/** Elements summed by one partial of `sum_squares`. */
export const SQUARES_CHUNK = 1024;
export const squaresCount = (n: number): number => Math.ceil(n / SQUARES_CHUNK);

/** y[c] (+)= sum over rows of x[r, c]. */
export const sumRows = defineKernel({
  name: "sum_rows",
  family: "reduce",
  buffers: { x: { access: "read", dtype: "f32" }, y: { access: "readwrite", dtype: "f32" } },
  params: ["rows", "width", "accumulate"],
  size: ({ rows, width }) => ({ x: rows * width, y: width }),
  samples: [
    { rows: 1, width: 1, accumulate: 0 },
    { rows: 33, width: 7, accumulate: 1 },
    { rows: 64, width: 128, accumulate: 0 },
    { rows: 501, width: 1, accumulate: 0 },
  ],
  reference(b, { rows, width, accumulate }) {
    for (let c = 0; c < width; c++) {
      let sum = accumulate ? (b.y[c] as number) : 0;
      for (let r = 0; r < rows; r++) sum += b.x[r * width + c] as number;
      b.y[c] = sum;
    }
  },
});

/** partial[i] = sum of x^2 over chunk i of 1024 elements. */
export const sumSquares = defineKernel({
  name: "sum_squares",
  family: "reduce",
  buffers: { x: { access: "read", dtype: "f32" }, partial: { access: "write", dtype: "f32" } },
  params: ["n"],
  size: ({ n }) => ({ x: n, partial: squaresCount(n) }),
  samples: [{ n: 1 }, { n: 1023 }, { n: 1024 }, { n: 5003 }],
  reference(b, { n }) {
    for (let i = 0; i < squaresCount(n); i++) {
      let sum = 0;
      for (let j = i * SQUARES_CHUNK; j < Math.min(n, (i + 1) * SQUARES_CHUNK); j++) sum += (b.x[j] as number) ** 2;
      b.partial[i] = sum;
    }
  },
});

/** schedule.gradNorm = sqrt(sum partial); schedule.clipScale = min(1, clipNorm / gradNorm), 1 when clipNorm is 0. */
export const clipScale = defineKernel({
  name: "clip_scale",
  family: "reduce",
  buffers: {
    partial: { access: "read", dtype: "f32" },
    hyper: { access: "read", dtype: "f32" },
    schedule: { access: "readwrite", dtype: "f32" },
  },
  params: ["chunks"],
  size: ({ chunks }) => ({ partial: chunks, hyper: LaneHyper.length, schedule: LaneSchedule.length }),
  fill: { partial: (_, u) => u(), hyper: (_, u) => 0.1 + u() },
  samples: [{ chunks: 1 }, { chunks: 13 }, { chunks: 834 }],
  reference(b, { chunks }) {
    let sum = 0;
    for (let i = 0; i < chunks; i++) sum += b.partial[i] as number;
    const norm = Math.sqrt(sum);
    const limit = b.hyper[LaneHyper.clipNorm] as number;
    b.schedule[LaneSchedule.gradNorm] = norm;
    b.schedule[LaneSchedule.clipScale] = limit > 0 && norm > limit ? limit / norm : 1;
  },
});

/** y = x / (sqrt(sum partial) + 1e-7): unit Frobenius norm, the first step of Muon's orthogonalisation. */
export const normalize = defineKernel({
  name: "normalize",
  family: "reduce",
  buffers: {
    x: { access: "read", dtype: "f32" },
    partial: { access: "read", dtype: "f32" },
    y: { access: "write", dtype: "f32" },
  },
  params: ["n"],
  size: ({ n }) => ({ x: n, partial: squaresCount(n), y: n }),
  fill: { partial: (_, u) => u() },
  samples: [{ n: 1 }, { n: 1025 }, { n: 4096 }],
  reference(b, { n }) {
    let sum = 0;
    for (let i = 0; i < squaresCount(n); i++) sum += b.partial[i] as number;
    const scale = 1 / (Math.sqrt(sum) + 1e-7);
    for (let i = 0; i < n; i++) b.y[i] = (b.x[i] as number) * scale;
  },
});
