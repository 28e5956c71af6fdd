/** Passes of the element-by-element kernels. */
import columns from "../../../../shaders/common/columns.wgsl";
import elements from "../../../../shaders/common/elements.wgsl";
import math from "../../../../shaders/common/math.wgsl";
import philox from "../../../../shaders/common/philox.wgsl";
import unaryMath from "../../../../shaders/common/unary_math.wgsl";
import axpy from "../../../../shaders/elementwise/axpy.wgsl";
import broadcastMul from "../../../../shaders/elementwise/broadcast_mul.wgsl";
import broadcastMulGain from "../../../../shaders/elementwise/broadcast_mul_gain.wgsl";
import dropout from "../../../../shaders/elementwise/dropout.wgsl";
import lincomb from "../../../../shaders/elementwise/lincomb.wgsl";
import swiglu from "../../../../shaders/elementwise/swiglu.wgsl";
import swigluBackward from "../../../../shaders/elementwise/swiglu_backward.wgsl";
import unary from "../../../../shaders/elementwise/unary.wgsl";
import unaryBackward from "../../../../shaders/elementwise/unary_backward.wgsl";
import { PARTIAL_ROWS, partialCount } from "../../kernels/norm.ts";
import { columnGrid, elementGrid, float, get, type Plan, pass } from "../pass.ts";

const unaryPlan: Plan = (p) => [
  pass({
    shader: "elementwise/unary",
    code: [elements, math, unaryMath, unary],
    buffers: ["x", "y"],
    words: [get(p, "n"), float(get(p, "c"))],
    constants: { KIND: get(p, "kind") },
    grid: elementGrid(get(p, "n")),
  }),
];

const unaryBackwardPlan: Plan = (p) => [
  pass({
    shader: "elementwise/unary_backward",
    code: [elements, math, unaryMath, unaryBackward],
    buffers: ["x", "dy", "dx"],
    words: [get(p, "n"), float(get(p, "c"))],
    constants: { KIND: get(p, "kind"), ACCUMULATE: get(p, "accumulate") },
    grid: elementGrid(get(p, "n")),
  }),
];

const swigluPlan: Plan = (p) => [
  pass({
    shader: "elementwise/swiglu",
    code: [elements, math, swiglu],
    buffers: ["a", "b", "y"],
    words: [get(p, "n")],
    grid: elementGrid(get(p, "n")),
  }),
];

const swigluBackwardPlan: Plan = (p) => [
  pass({
    shader: "elementwise/swiglu_backward",
    code: [elements, math, swigluBackward],
    buffers: ["a", "b", "dy", "da", "db"],
    words: [get(p, "n")],
    grid: elementGrid(get(p, "n")),
  }),
];

const lincombPlan: Plan = (p) => [
  pass({
    shader: "elementwise/lincomb",
    code: [elements, lincomb],
    buffers: ["a", "b", "y"],
    words: [get(p, "n"), float(get(p, "alpha")), float(get(p, "beta"))],
    grid: elementGrid(get(p, "n")),
  }),
];

const axpyPlan: Plan = (p) => [
  pass({
    shader: "elementwise/axpy",
    code: [elements, axpy],
    buffers: ["x", "y"],
    words: [get(p, "n"), float(get(p, "alpha"))],
    grid: elementGrid(get(p, "n")),
  }),
];

const broadcastMulPlan: Plan = (p) => [
  pass({
    shader: "elementwise/broadcast_mul",
    code: [elements, broadcastMul],
    buffers: ["x", "g", "y"],
    words: [get(p, "rows") * get(p, "width")],
    constants: { WIDTH: get(p, "width"), ACCUMULATE: get(p, "accumulate") },
    grid: elementGrid(get(p, "rows") * get(p, "width")),
  }),
];

const broadcastMulGainPlan: Plan = (p) => [
  pass({
    shader: "elementwise/broadcast_mul_gain",
    code: [columns, broadcastMulGain],
    buffers: ["x", "dy", "partial"],
    words: [get(p, "rows"), get(p, "width")],
    constants: { CHUNK_ROWS: PARTIAL_ROWS },
    grid: columnGrid(get(p, "width"), partialCount(get(p, "rows"))),
  }),
];

const dropoutPlan: Plan = (p) => {
  const rate = get(p, "rate");
  const threshold = Math.ceil(rate * 2 ** 24);
  return [
    pass({
      shader: "elementwise/dropout",
      code: [elements, philox, dropout],
      buffers: ["x", "state", "y"],
      words: [get(p, "n"), threshold, float(1 / (1 - rate)), get(p, "site")],
      grid: elementGrid(get(p, "n")),
      work: get(p, "n") * 40,
    }),
  ];
};

export const elementwisePlans: Readonly<Record<string, Plan>> = {
  unary: unaryPlan,
  unary_backward: unaryBackwardPlan,
  swiglu: swigluPlan,
  swiglu_backward: swigluBackwardPlan,
  lincomb: lincombPlan,
  axpy: axpyPlan,
  broadcast_mul: broadcastMulPlan,
  broadcast_mul_gain: broadcastMulGainPlan,
  dropout: dropoutPlan,
};
