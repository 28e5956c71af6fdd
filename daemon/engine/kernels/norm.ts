/** RMSNorm (Zhang & Sennrich 2019): y = gain * x * rstd, rstd = 1/sqrt(mean(x^2) + eps), per row of `width`. */
import { defineKernel } from "../kernel.ts";

/** Rows summed by one partial of `rmsnorm_gain_backward` and `broadcast_mul_gain`. */
export const PARTIAL_ROWS = 32;
export const partialCount = (rows: number): number => Math.ceil(rows / PARTIAL_ROWS);

const samples = [
  { rows: 1, width: 1, eps: 1e-5 },
  { rows: 5, width: 7, eps: 1e-5 },
  { rows: 33, width: 32, eps: 1e-6 },
  { rows: 70, width: 129, eps: 1e-5 },
];

/** x, y [rows, width]; gain [width]; rstd [rows]. */
export const rmsnorm = defineKernel({
  name: "rmsnorm",
  family: "norm",
  buffers: {
    x: { access: "read", dtype: "f32" },
    gain: { access: "read", dtype: "f32" },
    y: { access: "write", dtype: "f32" },
    rstd: { access: "write", dtype: "f32" },
  },
  params: ["rows", "width", "eps"],
  size: ({ rows, width }) => ({ x: rows * width, gain: width, y: rows * width, rstd: rows }),
  samples,
  reference(b, { rows, width, eps }) {
    for (let r = 0; r < rows; r++) {
      let sum = 0;
      for (let c = 0; c < width; c++) sum += (b.x[r * width + c] as number) ** 2;
      const rstd = 1 / Math.sqrt(sum / width + eps);
      b.rstd[r] = rstd;
      for (let c = 0; c < width; c++)
        b.y[r * width + c] = (b.gain[c] as number) * (b.x[r * width + c] as number) * rstd;
    }
  },
});

/** dx (+)= rstd * (gain*dy - x * rstd^2 * mean(gain*dy*x)). */
export const rmsnormBackward = defineKernel({
  name: "rmsnorm_backward",
  family: "norm",
  buffers: {
    x: { access: "read", dtype: "f32" },
    gain: { access: "read", dtype: "f32" },
    rstd: { access: "read", dtype: "f32" },
    dy: { access: "read", dtype: "f32" },
    dx: { access: "readwrite", dtype: "f32" },
  },
  params: ["rows", "width", "accumulate"],
  size: ({ rows, width }) => ({ x: rows * width, gain: width, rstd: rows, dy: rows * width, dx: rows * width }),
  fill: { rstd: (_, u) => 0.2 + u() },
  samples: samples.flatMap(({ rows, width }) => [
    { rows, width, accumulate: 0 },
    { rows, width, accumulate: 1 },
  ]),
  reference(b, { rows, width, accumulate }) {
    for (let r = 0; r < rows; r++) {
      const at = r * width;
      const rstd = b.rstd[r] as number;
      let dot = 0;
      for (let c = 0; c < width; c++) dot += (b.gain[c] as number) * (b.dy[at + c] as number) * (b.x[at + c] as number);
      const scale = (dot / width) * rstd * rstd;
      for (let c = 0; c < width; c++) {
        const d = rstd * ((b.gain[c] as number) * (b.dy[at + c] as number) - (b.x[at + c] as number) * scale);
        b.dx[at + c] = accumulate ? (b.dx[at + c] as number) + d : d;
      }
    }
  },
});

/** Partials of dgain: partial[i, c] = sum over rows of chunk i of dy*x*rstd. Finish with `sum_rows`. */
export const rmsnormGainBackward = defineKernel({
  name: "rmsnorm_gain_backward",
  family: "norm",
  buffers: {
    x: { access: "read", dtype: "f32" },
    rstd: { access: "read", dtype: "f32" },
    dy: { access: "read", dtype: "f32" },
    partial: { access: "write", dtype: "f32" },
  },
  params: ["rows", "width"],
  size: ({ rows, width }) => ({ x: rows * width, rstd: rows, dy: rows * width, partial: partialCount(rows) * width }),
  samples: samples.map(({ rows, width }) => ({ rows, width })),
  reference(b, { rows, width }) {
    for (let i = 0; i < partialCount(rows) * width; i++) b.partial[i] = 0;
    for (let r = 0; r < rows; r++) {
      const base = Math.floor(r / PARTIAL_ROWS) * width;
      for (let c = 0; c < width; c++) {
        const term = (b.dy[r * width + c] as number) * (b.x[r * width + c] as number) * (b.rstd[r] as number);
        b.partial[base + c] = (b.partial[base + c] as number) + term;
      }
    }
  },
});
