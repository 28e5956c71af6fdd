/**
 * Family `attn`: a byte-level pre-norm transformer. Embedding, L blocks of attention and MLP, final norm, head.
 * RMSNorm (Zhang & Sennrich 2019), rotary positions (Su et al. 2021), ReLU in the MLP unless a lever replaces it.
 */
import { attention } from "../engine/graph/ops/attention.ts";
import { add, unary } from "../engine/graph/ops/elementwise.ts";
import { embedding } from "../engine/graph/ops/embedding.ts";
import { linear } from "../engine/graph/ops/linear.ts";
import { rmsnorm, unitGain } from "../engine/graph/ops/norm.ts";
import type { Tensor } from "../engine/graph/tensor.ts";
import type { Hooks, LayerContext, ModelContext, ResidualSite } from "./hooks.ts";

/** Bytes. BOS is input id 256 and embeds to zero: it is no vocabulary entry and never a target. */
export const VOCAB = 256;

/** Name of the embedding table, which a tied head shares. */
export const EMBEDDING = "embedding";

/** Branch outputs start small so that the residual stream keeps its size with depth (Radford et al. 2019). */
export const residualScale = (layers: number): number => 1 / Math.sqrt(2 * layers);

/** tokens [R] -> logits [R, V]. */
export function buildAttn(ctx: ModelContext, hooks: Hooks): Tensor {
  const { g, spec } = ctx;
  const table = ctx.parameter(EMBEDDING, [VOCAB, spec.width], "embedding", { kind: "normal", std: 0.5 });
  let x = embedding(g, ctx.tokens, table);
  x = hooks.embedding?.(ctx, x) ?? x;
  for (let layer = 0; layer < spec.layers; layer++) {
    const at: LayerContext = { ...ctx, layer };
    x = branch(at, hooks, x, "attention", attentionBlock);
    x = branch(at, hooks, x, "mlp", mlpBlock);
  }
  x = norm(ctx, "final", x);
  const logits = hooks.head?.(ctx, x) ?? untiedHead(ctx, x);
  return hooks.logits?.(ctx, logits) ?? logits;
}

type Block = (at: LayerContext, hooks: Hooks, x: Tensor) => Tensor;

/** x + block(norm(x)). */
function branch(at: LayerContext, hooks: Hooks, x: Tensor, site: ResidualSite, block: Block): Tensor {
  let h = norm(at, `layer${at.layer}.${site}`, x);
  h = hooks.preNorm?.(at, h, site) ?? h;
  h = block(at, hooks, h);
  h = hooks.residual?.(at, h, site) ?? h;
  return add(at.g, x, h);
}

function norm(ctx: ModelContext, name: string, x: Tensor): Tensor {
  const { width, norm_gain } = ctx.spec;
  const gain = norm_gain
    ? ctx.parameter(`${name}.gain`, [width], "gain", { kind: "constant", value: 1 })
    : unitGain(ctx.g, width);
  return rmsnorm(ctx.g, x, gain);
}

function attentionBlock(at: LayerContext, hooks: Hooks, x: Tensor): Tensor {
  const { g, spec, layer, batch } = at;
  const { width, heads } = spec;
  const headDim = width / heads;
  const kvHeads = spec.kv_heads ?? heads;
  const name = (part: string): string => `layer${layer}.attention.${part}`;
  let q = linear(g, x, at.matrix(name("q"), width, width));
  let k = linear(g, x, at.matrix(name("k"), width, kvHeads * headDim));
  const v = linear(g, x, at.matrix(name("v"), width, kvHeads * headDim));
  ({ q, k } = hooks.queryKey?.(at, { q, k }) ?? { q, k });
  const gain = hooks.attentionGain?.(at) ?? unitGain(g, heads);
  const rotary = hooks.rotary?.(headDim) ?? headDim;
  const shape = { batch, time: spec.context, heads, kvHeads, headDim, rotary, ropeBase: spec.rope_base };
  let out = attention(g, q, k, v, gain, shape);
  out = hooks.attentionOutput?.(at, out, x) ?? out;
  return linear(g, out, at.matrix(name("out"), width, width, residualScale(spec.layers)));
}

function mlpBlock(at: LayerContext, hooks: Hooks, x: Tensor): Tensor {
  const hidden = Math.round(at.spec.width * at.spec.mlp_mult);
  return hooks.mlp?.(at, x, hidden) ?? gatelessMlp(at, x, hidden, (h) => unary(at.g, h, "relu"));
}

/** W_out f(W_in x): the MLP with an activation of one input. */
export function gatelessMlp(at: LayerContext, x: Tensor, hidden: number, activation: (h: Tensor) => Tensor): Tensor {
  const { g, spec, layer } = at;
  const h = linear(g, x, at.matrix(`layer${layer}.mlp.in`, spec.width, hidden));
  return linear(g, activation(h), at.matrix(`layer${layer}.mlp.out`, hidden, spec.width, residualScale(spec.layers)));
}

function untiedHead(ctx: ModelContext, x: Tensor): Tensor {
  const head = ctx.parameter("head", [ctx.spec.width, VOCAB], "head", { kind: "normal", std: 0.02 });
  return linear(ctx.g, x, head);
}
