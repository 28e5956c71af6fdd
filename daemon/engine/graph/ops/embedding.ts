/** Token embedding. */
import type { Graph } from "../graph.ts";
import { sizeOf, type Tensor } from "../tensor.ts";

/** tokens [R] (u32), table [V, D] -> [R, D]; ids >= V (BOS) give zero rows. */
export function embedding(g: Graph, tokens: Tensor, table: Tensor): Tensor {
  const rows = sizeOf(tokens.shape);
  const [vocab, width] = table.shape as [number, number];
  const x = g.activation("embedding", [rows, width], true);
  g.add({
    op: "embedding",
    inputs: [table],
    outputs: [x],
    forward: (emit) => emit.call("embedding", { tokens, table, x }, { rows, vocab, width }),
    backward(emit) {
      const dx = emit.gradientOf(x) as Tensor;
      emit.accumulate(table, (dtable, accumulate) =>
        emit.call("embedding_backward", { tokens, dx, dtable }, { rows, vocab, width, accumulate }),
      );
    },
  });
  return x;
}
