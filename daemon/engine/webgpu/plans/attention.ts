/**
 * Passes of causal attention. q and k are rotated once into scratch; the backward pass is
 * delta -> rotate -> dq -> dk, dv -> rotate back, so that no pass binds more than eight storage buffers,
 * which every WebGPU device has.
 */
import attention from "../../../../shaders/attention/attention.wgsl";
import attentionSg8 from "../../../../shaders/attention/attention_sg8.wgsl";
import backwardKv from "../../../../shaders/attention/backward_kv.wgsl";
import backwardKvSg8 from "../../../../shaders/attention/backward_kv_sg8.wgsl";
import backwardQ from "../../../../shaders/attention/backward_q.wgsl";
import backwardQSg8 from "../../../../shaders/attention/backward_q_sg8.wgsl";
import delta from "../../../../shaders/attention/delta.wgsl";
import rotate from "../../../../shaders/attention/rotate.wgsl";
import unrotate from "../../../../shaders/attention/unrotate.wgsl";
import broadcast8 from "../../../../shaders/common/broadcast8.wgsl";
import columns from "../../../../shaders/common/columns.wgsl";
import elements from "../../../../shaders/common/elements.wgsl";
import math from "../../../../shaders/common/math.wgsl";
import type { Params } from "../../kernel.ts";
import {
  columnGrid,
  type DeviceProfile,
  elementGrid,
  float,
  get,
  groupSource,
  type Pass,
  type Plan,
  pass,
  SCRATCH,
  spread,
} from "../pass.ts";

interface Shape {
  readonly batch: number;
  readonly time: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly rotary: number;
  /** Elements of q and of k. */
  readonly qLength: number;
  readonly kLength: number;
}

function shapeOf(p: Params): Shape {
  const [batch, time, heads] = [get(p, "batch"), get(p, "time"), get(p, "heads")];
  const [kvHeads, headDim, rotary] = [get(p, "kvHeads"), get(p, "headDim"), get(p, "rotary")];
  const rows = batch * time;
  return {
    ...{ batch, time, heads, kvHeads, headDim, rotary },
    qLength: rows * heads * headDim,
    kLength: rows * kvHeads * headDim,
  };
}

/** Replaces `override HEAD_DIM: u32;` by a constant: only constants may size a private array. */
const withHeadDim = (source: string, headDim: number): string =>
  source.replace("override HEAD_DIM: u32;", `const HEAD_DIM = ${headDim}u;`);

/** Workgroup memory of the two tiles of rows, within WebGPU's default limit of 16 KiB. */
const TILE_BYTES = 12288;
const MAX_TILE_ROWS = 16;

/** Rows of a tile of keys or queries: a power of two. */
function tileRows(headDim: number): number {
  let rows = MAX_TILE_ROWS;
  while (rows > 1 && 2 * 4 * rows * headDim > TILE_BYTES) rows /= 2;
  return rows;
}

/** Multiply-adds of one product over the causal half. */
const pairWork = (s: Shape): number => s.batch * s.heads * s.time * s.time * s.headDim;

const divisors = (s: Shape) => ({
  TIME: s.time,
  HEADS: s.heads,
  KV_HEADS: s.kvHeads,
  HEAD_DIM: s.headDim,
  ROTARY: s.rotary,
});

function rotatePass(s: Shape): Pass {
  return pass({
    shader: "attention/rotate",
    code: [elements, rotate],
    buffers: ["q", "k", "cos", "sin", SCRATCH],
    words: [s.qLength, s.kLength],
    constants: divisors(s),
    grid: elementGrid(s.qLength + s.kLength),
    scratch: s.qLength + s.kLength,
  });
}

const SHADERS = {
  attention: { general: attention, eight: attentionSg8 },
  backward_q: { general: backwardQ, eight: backwardQSg8 },
  backward_kv: { general: backwardKv, eight: backwardKvSg8 },
} as const;

/** The variant of a shader that suits device and shape. */
function variant(name: keyof typeof SHADERS, s: Shape, profile: DeviceProfile) {
  const { general, eight } = SHADERS[name];
  if (profile.sharing === "broadcast" && profile.subgroup === 8 && s.headDim % 8 === 0) {
    const code = [broadcast8, math, withHeadDim(eight, s.headDim)];
    return { shader: `attention/${name}_sg8 ${s.headDim}`, code, constants: {} };
  }
  return {
    shader: `attention/${name} ${s.headDim}`,
    code: [groupSource(profile), math, withHeadDim(general, s.headDim)],
    constants: { GROUP: profile.group, TILE: tileRows(s.headDim), UNROLL: profile.unroll ? 1 : 0 },
  };
}

const attentionPlan: Plan = (p, { profile }) => {
  const s = shapeOf(p);
  const blocks = Math.ceil(s.time / profile.group);
  const count = s.batch * s.heads * blocks;
  return [
    rotatePass(s),
    pass({
      ...variant("attention", s, profile),
      buffers: [SCRATCH, "v", "gain", "out", "lse"],
      words: [s.qLength, s.time, s.heads, s.kvHeads, blocks, count, float(1 / Math.sqrt(s.headDim)), s.headDim],
      grid: spread(count),
      work: 2 * pairWork(s),
      scratch: s.qLength + s.kLength,
    }),
  ];
};

const attentionBackwardPlan: Plan = (p, { profile }) => {
  const s = shapeOf(p);
  const blocks = Math.ceil(s.time / profile.group);
  const rows = s.batch * s.heads * s.time;
  const scratch = s.qLength + s.kLength;
  const inverse = float(1 / Math.sqrt(s.headDim));
  const pairs = s.rotary / 2;
  const passes = [
    pass({
      shader: "attention/delta",
      code: [columns, delta],
      buffers: ["out", "dout", "delta"],
      words: [rows],
      constants: { TIME: s.time, HEADS: s.heads, HEAD_DIM: s.headDim },
      grid: columnGrid(rows),
    }),
    rotatePass(s),
    pass({
      ...variant("backward_q", s, profile),
      buffers: [SCRATCH, "v", "gain", "lse", "dout", "delta", "dq", "dgain"],
      words: [s.qLength, s.time, s.heads, s.kvHeads, s.batch * s.heads, inverse, s.headDim],
      grid: spread(s.batch * s.heads),
      work: 3 * pairWork(s),
      scratch,
    }),
    pass({
      ...variant("backward_kv", s, profile),
      buffers: [SCRATCH, "v", "gain", "lse", "dout", "delta", "dk", "dv"],
      words: [s.qLength, s.time, s.heads, s.kvHeads, blocks, s.batch * s.kvHeads * blocks, inverse, s.headDim],
      grid: spread(s.batch * s.kvHeads * blocks),
      work: 4 * pairWork(s),
      scratch,
    }),
  ];
  if (pairs === 0) return passes;
  const qPairs = s.batch * s.time * s.heads * pairs;
  const kPairs = s.batch * s.time * s.kvHeads * pairs;
  const back = pass({
    shader: "attention/unrotate",
    code: [elements, unrotate],
    buffers: ["cos", "sin", "dq", "dk"],
    words: [qPairs, kPairs],
    constants: divisors(s),
    grid: elementGrid(qPairs + kPairs),
  });
  return [...passes, back];
};

export const attentionPlans: Readonly<Record<string, Plan>> = {
  attention: attentionPlan,
  attention_backward: attentionBackwardPlan,
};
