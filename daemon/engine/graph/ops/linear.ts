/** Matrix products of the graph: x W and x W^T. */
import { EngineError } from "../../error.ts";
import { MatmulVariant } from "../../kernels/matmul.ts";
import type { Graph } from "../graph.ts";
import { rowsOf, type Tensor, widthOf } from "../tensor.ts";

/**
 * y = x W. x [R, K], weight [K, N] (or [N, K] when `transposed`, as a tied head uses its embedding) -> [R, N].
 * @throws {EngineError} `engine.bad-shape`
 */
export function linear(g: Graph, x: Tensor, weight: Tensor, transposed = false): Tensor {
  const [rows, k] = [rowsOf(x), widthOf(x)];
  const [n, inner] = transposed ? [weight.shape[0], weight.shape[1]] : [weight.shape[1], weight.shape[0]];
  if (n === undefined || inner !== k) {
    throw new EngineError("engine.bad-shape", `linear: x is [${x.shape}], ${weight.name} is [${weight.shape}].`);
  }
  const y = g.activation(`${weight.name}(x)`, [rows, n], true);
  g.add({
    op: "linear",
    inputs: [x, weight],
    outputs: [y],
    forward(emit) {
      const variant = transposed ? MatmulVariant.NT : MatmulVariant.NN;
      emit.call("matmul", { a: x, b: weight, c: y }, { m: rows, n, k, variant, accumulate: 0 });
    },
    backward(emit) {
      const dy = emit.gradientOf(y) as Tensor;
      emit.accumulate(weight, (dw, accumulate) => {
        const [a, b, m, cols] = transposed ? [dy, x, n, k] : [x, dy, k, n];
        emit.call("matmul", { a, b, c: dw }, { m, n: cols, k: rows, variant: MatmulVariant.TN, accumulate });
      });
      emit.accumulate(x, (dx, accumulate) => {
        const variant = transposed ? MatmulVariant.NN : MatmulVariant.NT;
        emit.call("matmul", { a: dy, b: weight, c: dx }, { m: rows, n: k, k: n, variant, accumulate });
      });
    },
  });
  return y;
}
