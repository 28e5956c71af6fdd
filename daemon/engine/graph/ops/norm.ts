/** RMSNorm over the last `width` elements, with a learned or constant gain. */
import { partialCount } from "../../kernels/norm.ts";
import type { Graph } from "../graph.ts";
import { sizeOf, type Tensor, widthOf } from "../tensor.ts";

/**
 * y = gain * x / rms(x). x [..., width] seen as rows of `gain`'s width (so one gain [hd] norms each head of
 * x [R, H*hd]); y has x's shape.
 */
export function rmsnorm(g: Graph, x: Tensor, gain: Tensor, eps = 1e-5): Tensor {
  const width = widthOf(gain);
  const rows = sizeOf(x.shape) / width;
  const y = g.activation(`norm(${x.name})`, x.shape, true);
  const rstd = g.temporary(`rstd(${x.name})`, [rows]);
  g.add({
    op: "rmsnorm",
    inputs: [x, gain],
    outputs: [y],
    forward: (emit) => emit.call("rmsnorm", { x, gain, y, rstd }, { rows, width, eps }),
    backward(emit) {
      const dy = emit.gradientOf(y) as Tensor;
      emit.accumulate(gain, (dgain, accumulate) => {
        const partial = emit.temporary("dgain partial", [partialCount(rows), width]);
        emit.call("rmsnorm_gain_backward", { x, rstd, dy, partial }, { rows, width });
        emit.call("sum_rows", { x: partial, y: dgain }, { rows: partialCount(rows), width, accumulate });
      });
      emit.accumulate(x, (dx, accumulate) =>
        emit.call("rmsnorm_backward", { x, gain, rstd, dy, dx }, { rows, width, accumulate }),
      );
    },
  });
  return y;
}

/** A gain of ones, shared by all lanes: RMSNorm without a learned gain. */
export function unitGain(g: Graph, width: number): Tensor {
  return g.constant(`ones ${width}`, [width], () => new Float32Array(width).fill(1));
}
