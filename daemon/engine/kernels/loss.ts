/** Softmax cross-entropy over the vocabulary, in nats, and the recording of losses on the device. */
import { defineKernel, type Params } from "../kernel.ts";
import { UNSCORED } from "./data.ts";
import { LaneSchedule, LaneState } from "./lane.ts";

const samples = [
  { rows: 1, vocab: 1 },
  { rows: 7, vocab: 13 },
  { rows: 65, vocab: 256 },
  { rows: 3, vocab: 729 },
];
const targetFill = (_: number, uniform: () => number, p: Params): number =>
  uniform() < 0.1 ? UNSCORED : Math.floor(uniform() * ((p.vocab as number | undefined) ?? 256));

/** nll_r = lse_r - logits[r, target_r]; 0 where the target is >= V. logits [R, V]; targets, nll, lse [R]. */
export const crossEntropy = defineKernel({
  name: "cross_entropy",
  family: "loss",
  buffers: {
    logits: { access: "read", dtype: "f32" },
    targets: { access: "read", dtype: "u32" },
    nll: { access: "write", dtype: "f32" },
    lse: { access: "write", dtype: "f32" },
  },
  params: ["rows", "vocab"],
  size: ({ rows, vocab }) => ({ logits: rows * vocab, targets: rows, nll: rows, lse: rows }),
  fill: { targets: targetFill },
  samples,
  reference(b, { rows, vocab }) {
    for (let r = 0; r < rows; r++) {
      let max = Number.NEGATIVE_INFINITY;
      for (let c = 0; c < vocab; c++) max = Math.max(max, b.logits[r * vocab + c] as number);
      let sum = 0;
      for (let c = 0; c < vocab; c++) sum += Math.exp((b.logits[r * vocab + c] as number) - max);
      const lse = max + Math.log(sum);
      const target = b.targets[r] as number;
      b.lse[r] = lse;
      b.nll[r] = target < vocab ? lse - (b.logits[r * vocab + target] as number) : 0;
    }
  },
});

/** dlogits = scale * (softmax(logits) - onehot(target)); 0 on rows without a target. */
export const crossEntropyBackward = defineKernel({
  name: "cross_entropy_backward",
  family: "loss",
  buffers: {
    logits: { access: "read", dtype: "f32" },
    targets: { access: "read", dtype: "u32" },
    lse: { access: "read", dtype: "f32" },
    dlogits: { access: "write", dtype: "f32" },
  },
  params: ["rows", "vocab", "scale"],
  size: ({ rows, vocab }) => ({ logits: rows * vocab, targets: rows, lse: rows, dlogits: rows * vocab }),
  fill: { targets: targetFill, lse: (_, u) => 6 + u() },
  samples: samples.map((s) => ({ ...s, scale: 1 / s.rows })),
  reference(b, { rows, vocab, scale }) {
    for (let r = 0; r < rows; r++) {
      const target = b.targets[r] as number;
      for (let c = 0; c < vocab; c++) {
        const prob = Math.exp((b.logits[r * vocab + c] as number) - (b.lse[r] as number));
        b.dlogits[r * vocab + c] = target < vocab ? scale * (prob - (c === target ? 1 : 0)) : 0;
      }
    }
  },
});

/** ring[2*(step % length)] = mean(nll) * weight (accumulating when asked); the next element = gradient norm. */
export const recordLoss = defineKernel({
  name: "record_loss",
  family: "loss",
  buffers: {
    nll: { access: "read", dtype: "f32" },
    state: { access: "read", dtype: "u32" },
    schedule: { access: "read", dtype: "f32" },
    ring: { access: "readwrite", dtype: "f32" },
  },
  params: ["rows", "length", "weight", "accumulate"],
  size: ({ rows, length }) => ({
    nll: rows,
    state: LaneState.length,
    schedule: LaneSchedule.length,
    ring: 2 * length,
  }),
  fill: { state: (i) => (i === LaneState.step ? 10 : 1) },
  samples: [
    { rows: 1, length: 1, weight: 1, accumulate: 0 },
    { rows: 61, length: 7, weight: 1, accumulate: 0 },
    { rows: 1024, length: 64, weight: 0.25, accumulate: 1 },
  ],
  reference(b, { rows, length, weight, accumulate }) {
    let sum = 0;
    for (let r = 0; r < rows; r++) sum += b.nll[r] as number;
    const at = 2 * ((b.state[LaneState.step] as number) % length);
    const mean = (sum / rows) * weight;
    b.ring[at] = accumulate ? (b.ring[at] as number) + mean : mean;
    b.ring[at + 1] = b.schedule[LaneSchedule.gradNorm] as number;
  },
});

/** sums[cursor] = total NLL of the batch in nats, counts[cursor] = number of scored targets (exact below 2^24). */
export const recordEval = defineKernel({
  name: "record_eval",
  family: "loss",
  buffers: {
    nll: { access: "read", dtype: "f32" },
    targets: { access: "read", dtype: "u32" },
    cursor: { access: "read", dtype: "u32" },
    sums: { access: "readwrite", dtype: "f32" },
    counts: { access: "readwrite", dtype: "f32" },
  },
  params: ["rows", "batches"],
  size: ({ rows, batches }) => ({ nll: rows, targets: rows, cursor: LaneState.length, sums: batches, counts: batches }),
  fill: { targets: targetFill, cursor: (i) => (i === 0 ? 2 : 0) },
  samples: [
    { rows: 1, batches: 3 },
    { rows: 67, batches: 5 },
    { rows: 2048, batches: 9 },
  ],
  reference(b, { rows, batches }) {
    const at = b.cursor[0] as number;
    if (at >= batches) return;
    let sum = 0;
    let count = 0;
    for (let r = 0; r < rows; r++) {
      if (b.targets[r] === UNSCORED) continue;
      sum += b.nll[r] as number;
      count++;
    }
    b.sums[at] = sum;
    b.counts[at] = count;
  },
});
