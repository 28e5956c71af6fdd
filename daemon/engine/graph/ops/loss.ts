/** Cross-entropy: the node at which gradients start. */
import type { Graph } from "../graph.ts";
import { type Tensor, widthOf } from "../tensor.ts";

export interface LossTerm {
  /** Per-row negative log-likelihood in nats, [R]. */
  readonly nll: Tensor;
  /** Weight of the mean of `nll` in the loss. */
  readonly weight: number;
}

/** Mean softmax cross-entropy over rows. logits [R, V], targets [R] (u32; >= V is not scored). */
export function crossEntropy(g: Graph, logits: Tensor, targets: Tensor, weight = 1): LossTerm {
  const rows = logits.shape[0] as number;
  const vocab = widthOf(logits);
  const nll = g.temporary("nll", [rows]);
  const lse = g.temporary("logits lse", [rows]);
  g.add({
    op: "cross-entropy",
    inputs: [logits],
    // No output that others could build on: its backward starts the gradients.
    outputs: [],
    forward: (emit) => emit.call("cross_entropy", { logits, targets, nll, lse }, { rows, vocab }),
    backward(emit) {
      const dlogits = emit.temporary("dlogits", logits.shape);
      emit.call("cross_entropy_backward", { logits, targets, lse, dlogits }, { rows, vocab, scale: weight / rows });
      emit.contribute(logits, dlogits);
    },
  });
  return { nll, weight };
}
