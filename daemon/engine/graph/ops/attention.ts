/** Causal self-attention with rotary positions; shapes as in kernels/attention.ts. */
import type { Graph } from "../graph.ts";
import type { Tensor } from "../tensor.ts";

export interface AttentionShape {
  readonly batch: number;
  readonly time: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  /** Dimensions of each head that are rotated, even, 0 < rotary <= headDim. */
  readonly rotary: number;
  readonly ropeBase: number;
}

/** q [R, H*hd], k and v [R, KVH*hd], gain [H] on the logits -> [R, H*hd]. */
export function attention(g: Graph, q: Tensor, k: Tensor, v: Tensor, gain: Tensor, shape: AttentionShape): Tensor {
  const { ropeBase, ...params } = shape;
  const { batch, time, heads } = shape;
  const cos = rotaryTable(g, "cos", shape);
  const sin = rotaryTable(g, "sin", shape);
  const out = g.activation("attention", q.shape, true);
  const lse = g.temporary("attention lse", [batch, heads, time]);
  g.add({
    op: "attention",
    inputs: [q, k, v, gain],
    outputs: [out],
    forward: (emit) => emit.call("attention", { q, k, v, cos, sin, gain, out, lse }, params),
    backward(emit) {
      const dout = emit.gradientOf(out) as Tensor;
      const dq = emit.temporary("dq", q.shape);
      const dk = emit.temporary("dk", k.shape);
      const dv = emit.temporary("dv", v.shape);
      const delta = emit.temporary("attention delta", lse.shape);
      const dgain = emit.temporary("attention dgain", [batch, heads]);
      emit.call("attention_backward", { q, k, v, cos, sin, gain, out, lse, dout, dq, dk, dv, delta, dgain }, params);
      emit.contribute(q, dq);
      emit.contribute(k, dk);
      emit.contribute(v, dv);
      emit.accumulate(gain, (target, accumulate) =>
        emit.call("sum_rows", { x: dgain, y: target }, { rows: batch, width: heads, accumulate }),
      );
    },
  });
  return out;
}

/** cos or sin of t * base^(-2i/r), [T, r/2], computed in f64 (Su et al. 2021, eq. 15). */
function rotaryTable(g: Graph, kind: "cos" | "sin", { time, rotary, ropeBase }: AttentionShape): Tensor {
  const half = rotary / 2;
  return g.constant(`rope ${kind} ${time} ${rotary} ${ropeBase}`, [time, half], () =>
    Float32Array.from({ length: time * half }, (_, at) => {
      const angle = Math.floor(at / half) * ropeBase ** ((-2 * (at % half)) / rotary);
      return Math[kind](angle);
    }),
  );
}
