/** Passes of the kernels in which a workgroup works together: norms, losses and reductions. */
import columns from "../../../../shaders/common/columns.wgsl";
import elements from "../../../../shaders/common/elements.wgsl";
import math from "../../../../shaders/common/math.wgsl";
import crossEntropy from "../../../../shaders/loss/cross_entropy.wgsl";
import crossEntropyBackward from "../../../../shaders/loss/cross_entropy_backward.wgsl";
import recordEval from "../../../../shaders/loss/record_eval.wgsl";
import recordLoss from "../../../../shaders/loss/record_loss.wgsl";
import rmsnorm from "../../../../shaders/norm/rmsnorm.wgsl";
import rmsnormBackward from "../../../../shaders/norm/rmsnorm_backward.wgsl";
import rmsnormGainBackward from "../../../../shaders/norm/rmsnorm_gain_backward.wgsl";
import clipScale from "../../../../shaders/reduce/clip_scale.wgsl";
import normalize from "../../../../shaders/reduce/normalize.wgsl";
import sumRows from "../../../../shaders/reduce/sum_rows.wgsl";
import sumSquares from "../../../../shaders/reduce/sum_squares.wgsl";
import { LaneHyper, LaneSchedule } from "../../kernels/lane.ts";
import { PARTIAL_ROWS, partialCount } from "../../kernels/norm.ts";
import { SQUARES_CHUNK, squaresCount } from "../../kernels/reduce.ts";
import { columnGrid, elementGrid, float, get, groupSource, type Plan, pass, rowGrid, spread } from "../pass.ts";

const rmsnormPlan: Plan = (p, { profile }) => [
  pass({
    shader: "norm/rmsnorm",
    code: [groupSource(profile), rmsnorm],
    buffers: ["x", "gain", "y", "rstd"],
    words: [get(p, "rows"), get(p, "width"), float(get(p, "eps"))],
    constants: { GROUP: profile.group, ROWS: profile.rowsPerGroup },
    grid: rowGrid(get(p, "rows"), profile),
    work: get(p, "rows") * get(p, "width") * 8,
  }),
];

const rmsnormBackwardPlan: Plan = (p, { profile }) => [
  pass({
    shader: "norm/rmsnorm_backward",
    code: [groupSource(profile), rmsnormBackward],
    buffers: ["x", "gain", "rstd", "dy", "dx"],
    words: [get(p, "rows"), get(p, "width")],
    constants: { GROUP: profile.group, ROWS: profile.rowsPerGroup, ACCUMULATE: get(p, "accumulate") },
    grid: rowGrid(get(p, "rows"), profile),
    work: get(p, "rows") * get(p, "width") * 16,
  }),
];

const rmsnormGainBackwardPlan: Plan = (p) => [
  pass({
    shader: "norm/rmsnorm_gain_backward",
    code: [columns, rmsnormGainBackward],
    buffers: ["x", "rstd", "dy", "partial"],
    words: [get(p, "rows"), get(p, "width")],
    constants: { CHUNK_ROWS: PARTIAL_ROWS },
    grid: columnGrid(get(p, "width"), partialCount(get(p, "rows"))),
  }),
];

const sumRowsPlan: Plan = (p) => [
  pass({
    shader: "reduce/sum_rows",
    code: [columns, sumRows],
    buffers: ["x", "y"],
    words: [get(p, "rows"), get(p, "width")],
    constants: { ACCUMULATE: get(p, "accumulate") },
    grid: columnGrid(get(p, "width")),
    work: get(p, "rows") * get(p, "width") * 4,
  }),
];

const sumSquaresPlan: Plan = (p, { profile }) => [
  pass({
    shader: "reduce/sum_squares",
    code: [groupSource(profile), sumSquares],
    buffers: ["x", "partial"],
    words: [get(p, "n")],
    constants: { GROUP: profile.group, ROWS: profile.rowsPerGroup, SQUARES_CHUNK },
    grid: rowGrid(squaresCount(get(p, "n")), profile),
    work: get(p, "n") * 4,
  }),
];

const clipScalePlan: Plan = (p, { profile }) => [
  pass({
    shader: "reduce/clip_scale",
    code: [groupSource(profile), clipScale],
    buffers: ["partial", "hyper", "schedule"],
    words: [get(p, "chunks")],
    constants: {
      GROUP: profile.group,
      CLIP_NORM: LaneHyper.clipNorm,
      CLIP_SCALE: LaneSchedule.clipScale,
      GRAD_NORM: LaneSchedule.gradNorm,
    },
    grid: [1, 1],
  }),
];

/** Elements that one workgroup of `normalize` scales. */
const NORMALIZE_SPAN = 2048;

const normalizePlan: Plan = (p, { profile }) => [
  pass({
    shader: "reduce/normalize",
    code: [groupSource(profile), normalize],
    buffers: ["x", "partial", "y"],
    words: [get(p, "n"), squaresCount(get(p, "n"))],
    constants: { GROUP: profile.group, SPAN: NORMALIZE_SPAN },
    grid: spread(Math.ceil(get(p, "n") / NORMALIZE_SPAN)),
    work: get(p, "n") * 6,
  }),
];

const crossEntropyPlan: Plan = (p, { profile }) => [
  pass({
    shader: "loss/cross_entropy",
    code: [groupSource(profile), math, crossEntropy],
    buffers: ["logits", "targets", "nll", "lse"],
    words: [get(p, "rows"), get(p, "vocab")],
    constants: { GROUP: profile.group, ROWS: profile.rowsPerGroup },
    grid: rowGrid(get(p, "rows"), profile),
    work: get(p, "rows") * get(p, "vocab") * 20,
  }),
];

const crossEntropyBackwardPlan: Plan = (p) => [
  pass({
    shader: "loss/cross_entropy_backward",
    code: [elements, math, crossEntropyBackward],
    buffers: ["logits", "targets", "lse", "dlogits"],
    words: [get(p, "rows") * get(p, "vocab"), float(get(p, "scale"))],
    constants: { VOCAB: get(p, "vocab") },
    grid: elementGrid(get(p, "rows") * get(p, "vocab")),
  }),
];

const recordLossPlan: Plan = (p, { profile }) => [
  pass({
    shader: "loss/record_loss",
    code: [groupSource(profile), recordLoss],
    buffers: ["nll", "state", "schedule", "ring"],
    words: [get(p, "rows"), get(p, "length"), float(get(p, "weight"))],
    constants: { GROUP: profile.group, ACCUMULATE: get(p, "accumulate"), GRAD_NORM: LaneSchedule.gradNorm },
    grid: [1, 1],
  }),
];

const recordEvalPlan: Plan = (p, { profile }) => [
  pass({
    shader: "loss/record_eval",
    code: [groupSource(profile), recordEval],
    buffers: ["nll", "targets", "cursor", "sums", "counts"],
    words: [get(p, "rows"), get(p, "batches")],
    constants: { GROUP: profile.group },
    grid: [1, 1],
  }),
];

export const rowPlans: Readonly<Record<string, Plan>> = {
  rmsnorm: rmsnormPlan,
  rmsnorm_backward: rmsnormBackwardPlan,
  rmsnorm_gain_backward: rmsnormGainBackwardPlan,
  sum_rows: sumRowsPlan,
  sum_squares: sumSquaresPlan,
  clip_scale: clipScalePlan,
  normalize: normalizePlan,
  cross_entropy: crossEntropyPlan,
  cross_entropy_backward: crossEntropyBackwardPlan,
  record_loss: recordLossPlan,
  record_eval: recordEvalPlan,
};
