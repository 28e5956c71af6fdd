/** Activations, sums, gains, dropout. */
import { UnaryKind } from "../../kernels/elementwise.ts";
import { partialCount } from "../../kernels/norm.ts";
import type { Graph } from "../graph.ts";
import { sizeOf, type Tensor, widthOf } from "../tensor.ts";

/** y = f(x); `cap` is the c of softcap, c tanh(x/c). */
export function unary(g: Graph, x: Tensor, kind: keyof typeof UnaryKind, cap = 0): Tensor {
  const n = sizeOf(x.shape);
  const y = g.activation(`${kind}(${x.name})`, x.shape, x.needsGrad);
  const params = { n, kind: UnaryKind[kind], c: cap };
  g.add({
    op: kind,
    inputs: [x],
    outputs: [y],
    forward: (emit) => emit.call("unary", { x, y }, params),
    backward(emit) {
      const dy = emit.gradientOf(y) as Tensor;
      emit.accumulate(x, (dx, accumulate) => emit.call("unary_backward", { x, dy, dx }, { ...params, accumulate }));
    },
  });
  return y;
}

/** y = silu(a) * b. */
export function swiglu(g: Graph, a: Tensor, b: Tensor): Tensor {
  const n = sizeOf(a.shape);
  const y = g.activation("swiglu", a.shape, true);
  g.add({
    op: "swiglu",
    inputs: [a, b],
    outputs: [y],
    forward: (emit) => emit.call("swiglu", { a, b, y }, { n }),
    backward(emit) {
      const dy = emit.gradientOf(y) as Tensor;
      const da = emit.temporary("d swiglu a", a.shape);
      const db = emit.temporary("d swiglu b", b.shape);
      emit.call("swiglu_backward", { a, b, dy, da, db }, { n });
      emit.contribute(a, da);
      emit.contribute(b, db);
    },
  });
  return y;
}

/** y = a + b: the residual sum. */
export function add(g: Graph, a: Tensor, b: Tensor): Tensor {
  const n = sizeOf(a.shape);
  const y = g.activation("sum", a.shape, a.needsGrad || b.needsGrad);
  g.add({
    op: "add",
    inputs: [a, b],
    outputs: [y],
    forward: (emit) => emit.call("lincomb", { a, b, y }, { n, alpha: 1, beta: 1 }),
    backward(emit) {
      const dy = emit.gradientOf(y) as Tensor;
      emit.contribute(a, dy);
      emit.contribute(b, dy);
    },
  });
  return y;
}

/** y = alpha x. */
export function scale(g: Graph, x: Tensor, alpha: number): Tensor {
  const n = sizeOf(x.shape);
  const y = g.activation(`${alpha} ${x.name}`, x.shape, x.needsGrad);
  g.add({
    op: "scale",
    inputs: [x],
    outputs: [y],
    forward: (emit) => emit.call("lincomb", { a: x, b: x, y }, { n, alpha, beta: 0 }),
    backward(emit) {
      const dy = emit.gradientOf(y) as Tensor;
      const dx = emit.temporary(`d ${x.name}`, x.shape);
      emit.call("lincomb", { a: dy, b: dy, y: dx }, { n, alpha, beta: 0 });
      emit.contribute(x, dx);
    },
  });
  return y;
}

/** y = x * gain, gain [w] repeated over rows of w elements; w = 1 is one learned scalar. */
export function broadcastMul(g: Graph, x: Tensor, gain: Tensor): Tensor {
  const width = widthOf(gain);
  const rows = sizeOf(x.shape) / width;
  const y = g.activation(`${x.name} * ${gain.name}`, x.shape, true);
  g.add({
    op: "broadcast-mul",
    inputs: [x, gain],
    outputs: [y],
    forward: (emit) => emit.call("broadcast_mul", { x, g: gain, y }, { rows, width, accumulate: 0 }),
    backward(emit) {
      const dy = emit.gradientOf(y) as Tensor;
      emit.accumulate(gain, (dgain, accumulate) => {
        const partial = emit.temporary("dgain partial", [partialCount(rows), width]);
        emit.call("broadcast_mul_gain", { x, dy, partial }, { rows, width });
        emit.call("sum_rows", { x: partial, y: dgain }, { rows: partialCount(rows), width, accumulate });
      });
      emit.accumulate(x, (dx, accumulate) =>
        emit.call("broadcast_mul", { x: dy, g: gain, y: dx }, { rows, width, accumulate }),
      );
    },
  });
  return y;
}

/** Inverted dropout while training, the identity otherwise. `site` must be unique within the model. */
export function dropout(g: Graph, x: Tensor, state: Tensor, rate: number, site: number): Tensor {
  if (!g.training || rate === 0) return x;
  const params = { n: sizeOf(x.shape), rate, site };
  const y = g.activation(`dropout(${x.name})`, x.shape, x.needsGrad);
  g.add({
    op: "dropout",
    inputs: [x],
    outputs: [y],
    forward: (emit) => emit.call("dropout", { x, state, y }, params),
    backward(emit) {
      const dy = emit.gradientOf(y) as Tensor;
      const dx = emit.temporary(`d ${x.name}`, x.shape);
      emit.call("dropout", { x: dy, state, y: dx }, params);
      emit.contribute(x, dx);
    },
  });
  return y;
}
