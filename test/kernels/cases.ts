/** Parameter sets for kernel tests: the definition's own samples, then random shapes (1, primes, off-tile). */
import type { KernelDef, Params } from "../../daemon/engine/kernel.ts";
import { squaresCount } from "../../daemon/engine/kernels/reduce.ts";

export type Uniform = () => number;

const DIMENSIONS = [1, 2, 3, 5, 7, 8, 12, 13, 16, 17, 24, 31, 32, 33, 47, 64, 65, 96, 97, 127, 129];
/** The last one needs several pieces in every element-by-element kernel of the CPU backend. */
const LENGTHS = [1, 2, 3, 4, 5, 31, 64, 97, 255, 256, 257, 1009, 1024, 2049, 4093, 17011];

const pick = <T>(items: readonly T[], uniform: Uniform): T => items[Math.floor(uniform() * items.length)] as T;
const dimension = (u: Uniform, max = Number.POSITIVE_INFINITY): number =>
  pick(
    DIMENSIONS.filter((d) => d <= max),
    u,
  );
const flag = (u: Uniform): number => (u() < 0.5 ? 0 : 1);
const signed = (u: Uniform): number => 4 * u() - 2;

const matrix = (u: Uniform) => ({ rows: dimension(u), width: dimension(u) });

function attentionShape(u: Uniform): Params {
  const kvHeads = pick([1, 2, 3], u);
  const headDim = 2 * pick([1, 2, 3, 5, 8, 12, 16, 20], u);
  return {
    batch: pick([1, 2, 3], u),
    time: dimension(u, 70),
    heads: kvHeads * pick([1, 2, 3], u),
    kvHeads,
    headDim,
    rotary: 2 * (1 + Math.floor((u() * headDim) / 2)),
  };
}

function evalShape(u: Uniform): Params {
  const time = dimension(u, 33);
  return {
    batch: pick([1, 3, 4], u),
    time,
    stride: 1 + Math.floor(u() * time),
    start: dimension(u),
    bytes: dimension(u),
  };
}

function batchShape(u: Uniform): Params {
  const time = dimension(u, 64);
  return { batch: dimension(u, 17), time, start: dimension(u), bytes: time + Math.floor(u() * 2000) };
}

/** One random parameter set per kernel. A kernel that is missing here fails its test. */
const RANDOM: Readonly<Record<string, (u: Uniform) => Params>> = {
  sample_batch: batchShape,
  eval_windows: evalShape,
  advance: () => ({}),
  embedding: (u) => ({ ...matrix(u), vocab: dimension(u) }),
  embedding_backward: (u) => ({ ...matrix(u), vocab: dimension(u), accumulate: flag(u) }),
  matmul: (u) => ({
    m: dimension(u),
    n: dimension(u),
    k: dimension(u),
    variant: Math.floor(3 * u()),
    accumulate: flag(u),
  }),
  rmsnorm: (u) => ({ ...matrix(u), eps: 1e-5 }),
  rmsnorm_backward: (u) => ({ ...matrix(u), accumulate: flag(u) }),
  rmsnorm_gain_backward: matrix,
  unary: (u) => ({ n: pick(LENGTHS, u), kind: Math.floor(8 * u()), c: 1 + u() }),
  unary_backward: (u) => ({ n: pick(LENGTHS, u), kind: Math.floor(8 * u()), c: 1 + u(), accumulate: flag(u) }),
  swiglu: (u) => ({ n: pick(LENGTHS, u) }),
  swiglu_backward: (u) => ({ n: pick(LENGTHS, u) }),
  lincomb: (u) => ({ n: pick(LENGTHS, u), alpha: signed(u), beta: signed(u) }),
  axpy: (u) => ({ n: pick(LENGTHS, u), alpha: signed(u) }),
  broadcast_mul: (u) => ({ ...matrix(u), accumulate: flag(u) }),
  broadcast_mul_gain: matrix,
  dropout: (u) => ({ n: pick(LENGTHS, u), rate: 0.9 * u(), site: Math.floor(9 * u()) }),
  attention: attentionShape,
  attention_backward: attentionShape,
  cross_entropy: (u) => ({ rows: dimension(u), vocab: dimension(u) }),
  cross_entropy_backward: (u) => ({ rows: dimension(u), vocab: dimension(u), scale: u() }),
  record_loss: (u) => ({ rows: pick(LENGTHS, u), length: dimension(u), weight: u(), accumulate: flag(u) }),
  record_eval: (u) => ({ rows: pick(LENGTHS, u), batches: dimension(u) }),
  sum_rows: (u) => ({ ...matrix(u), accumulate: flag(u) }),
  sum_squares: (u) => ({ n: pick(LENGTHS, u) }),
  clip_scale: (u) => ({ chunks: squaresCount(1000 * pick(LENGTHS, u)) }),
  normalize: (u) => ({ n: pick(LENGTHS, u) }),
  schedule: (u) => ({ kind: Math.floor(3 * u()) }),
  adamw: (u) => ({ n: pick(LENGTHS, u), lrScale: u(), decayScale: u() }),
  muon_momentum: (u) => ({ n: pick(LENGTHS, u) }),
  muon_update: (u) => ({ n: pick(LENGTHS, u), scale: 1 + u(), decayScale: u() }),
  ema: (u) => ({ n: pick(LENGTHS, u) }),
};

/** The definition's samples and `random` drawn sets. */
export function casesOf(def: KernelDef, uniform: Uniform, random: number): Params[] {
  const draw = RANDOM[def.name];
  if (!draw) throw new Error(`test/kernels/cases.ts draws no random parameters for kernel "${def.name}".`);
  return [...def.samples, ...Array.from({ length: random }, () => draw(uniform))];
}
