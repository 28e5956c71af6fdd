/**
 * How the CPU backend splits each kernel into independent items. The WebAssembly export has the kernel's name
 * and takes the definition's parameters followed by `extra`. No result depends on the number of items.
 */
import type { Params } from "../kernel.ts";
import { partialCount } from "../kernels/norm.ts";
import { squaresCount } from "../kernels/reduce.ts";
import { planMatmul } from "./matmul-plan.ts";

export interface CallPlan {
  /** Independent pieces of work in one lane. */
  readonly items: number;
  /** Private memory of a worker while it computes an item. */
  readonly scratchBytes: number;
  /** Parameters of the export after those of the definition. */
  readonly extra: readonly number[];
}

export interface PlanContext {
  readonly threads: number;
  readonly lanes: number;
}

type Binding = (p: Readonly<Record<string, number>>, context: PlanContext) => CallPlan;

/** Elements of one item of an element-by-element kernel; a multiple of 16 (dropout's random words). */
const CHUNK = 8192;
/** The same for kernels that spend tens of cycles on an element. */
const COSTLY_CHUNK = 2048;
const PARTIALS_PER_ITEM = 16;
/** Columns of one item where rows must be added in order. */
const COLUMNS = 32;

const up8 = (n: number): number => Math.ceil(n / 8) * 8;
const plan = (items: number, extra: readonly number[] = [], scratchBytes = 0): CallPlan => ({
  items,
  extra,
  scratchBytes,
});

/** `name` is the parameter that counts the pieces. */
const chunks = (name: string, size: number, scratchBytes = 0): Binding => {
  return (p) => plan(Math.ceil((p[name] as number) / size), [size], scratchBytes);
};

/** Whole rows, about `elements` of them in an item. */
const rowChunks = (width: string, elements: number): Binding => {
  return (p) => {
    const size = Math.max(1, Math.floor(elements / (p[width] as number)));
    return plan(Math.ceil((p.rows as number) / size), [size]);
  };
};

const perPartial: Binding = (p) => plan(partialCount(p.rows as number));
const perWindow: Binding = (p) => plan(p.batch as number, [], 64);
const once: Binding = () => plan(1);

const attention: Binding = (p) => {
  const time = up8(p.time as number);
  const dim = up8(p.headDim as number);
  const floats = 4 * time * dim + 8 * time + 8 * dim + 16;
  return plan((p.batch as number) * (p.heads as number), [], 4 * floats);
};

const attentionBackward: Binding = (p) => {
  const time = up8(p.time as number);
  const dim = up8(p.headDim as number);
  const block = 64;
  const floats = 6 * time * dim + (4 * block + 16) * dim + 3 * block + 2 * time * block + 4 * block;
  return plan((p.batch as number) * (p.kvHeads as number), [], 4 * floats);
};

const matmul: Binding = (p, context) => {
  const { m, n, k } = p as { m: number; n: number; k: number };
  return planMatmul(m, n, k, context);
};

const bindings: Readonly<Record<string, Binding>> = {
  sample_batch: perWindow,
  eval_windows: perWindow,
  advance: once,
  embedding: rowChunks("width", CHUNK),
  embedding_backward: chunks("width", COLUMNS),
  matmul,
  rmsnorm: rowChunks("width", CHUNK),
  rmsnorm_backward: rowChunks("width", CHUNK),
  rmsnorm_gain_backward: perPartial,
  unary: chunks("n", COSTLY_CHUNK),
  unary_backward: chunks("n", COSTLY_CHUNK),
  swiglu: chunks("n", COSTLY_CHUNK),
  swiglu_backward: chunks("n", COSTLY_CHUNK),
  lincomb: chunks("n", CHUNK),
  axpy: chunks("n", CHUNK),
  broadcast_mul: rowChunks("width", CHUNK),
  broadcast_mul_gain: perPartial,
  dropout: chunks("n", COSTLY_CHUNK, 64),
  attention,
  attention_backward: attentionBackward,
  cross_entropy: rowChunks("vocab", COSTLY_CHUNK),
  cross_entropy_backward: rowChunks("vocab", COSTLY_CHUNK),
  record_loss: once,
  record_eval: once,
  sum_rows: chunks("width", COLUMNS),
  sum_squares: (p) => plan(Math.ceil(squaresCount(p.n as number) / PARTIALS_PER_ITEM), [PARTIALS_PER_ITEM]),
  clip_scale: once,
  normalize: chunks("n", CHUNK),
  schedule: once,
  adamw: chunks("n", CHUNK),
  muon_momentum: chunks("n", CHUNK),
  muon_update: chunks("n", CHUNK),
  ema: chunks("n", CHUNK),
};

/** Undefined when the CPU backend has no such kernel. */
export function planCall(kernel: string, params: Params, context: PlanContext): CallPlan | undefined {
  return bindings[kernel]?.(params, context);
}
