/** The optimiser's share of a training step: clip, schedule, AdamW or Muon per parameter group, weight average. */
import type { Graph } from "../engine/graph/graph.ts";
import type { Parameter, ParameterRange, ParameterTable } from "../engine/graph/parameters.ts";
import { type Arena, sizeOf, type Tensor } from "../engine/graph/tensor.ts";
import { LaneHyper, LaneSchedule, ScheduleKind } from "../engine/kernels/lane.ts";
import { MatmulVariant } from "../engine/kernels/matmul.ts";
import { squaresCount } from "../engine/kernels/reduce.ts";
import type { TrainPlan } from "../model/hooks.ts";

/** Newton-Schulz coefficients and steps of Muon (Jordan et al. 2024): a quintic that pushes singular values to 1. */
const NEWTON_SCHULZ = { a: 3.4445, b: -4.775, c: 2.0315, steps: 5 } as const;

export interface LaneTensors {
  readonly state: Tensor;
  readonly hyper: Tensor;
  readonly schedule: Tensor;
}

export function laneTensors(g: Graph, state: Tensor): LaneTensors {
  return {
    state,
    hyper: g.named("lane hyper", [LaneHyper.length]),
    schedule: g.named("lane schedule", [LaneSchedule.length]),
  };
}

/** Emits into `g.calls`. Gradients lie in the arena `grad`. */
export function emitOptimizer(g: Graph, table: ParameterTable, plan: TrainPlan, lane: LaneTensors): void {
  const { hyper, schedule, state } = lane;
  const ranges = table.freeze();
  const arena = (name: Arena, offset = 0, shape: readonly number[] = [table.arenaLength]): Tensor =>
    g.tensor(`${name} range`, shape, { kind: "arena", arena: name, offset });

  const chunks = squaresCount(table.arenaLength);
  const partial = g.temporary("grad squares", [chunks]);
  g.call("sum_squares", { x: arena("grad"), partial }, { n: table.arenaLength });
  g.call("clip_scale", { partial, hyper, schedule }, { chunks });
  g.call("schedule", { state, hyper, schedule }, { kind: ScheduleKind[plan.schedule.kind] });
  for (const range of ranges) {
    if (range.group.optimizer === "adamw") emitAdamw(g, range, arena, lane);
    else for (const parameter of range.parameters) emitMuon(g, parameter, arena, lane);
  }
  if (plan.ema) {
    const n = table.arenaLength;
    g.call("ema", { param: arena("param"), state, hyper, average: arena("ema") }, { n });
  }
}

type ArenaView = (name: Arena, offset?: number, shape?: readonly number[]) => Tensor;

function emitAdamw(g: Graph, { group, offset, length }: ParameterRange, arena: ArenaView, lane: LaneTensors): void {
  const at = (name: Arena): Tensor => arena(name, offset, [length]);
  g.call(
    "adamw",
    { grad: at("grad"), hyper: lane.hyper, schedule: lane.schedule, param: at("param"), m: at("m"), v: at("v") },
    { n: length, lrScale: group.lrScale, decayScale: group.decayScale },
  );
}

function emitMuon(g: Graph, parameter: Parameter, arena: ArenaView, { hyper, schedule }: LaneTensors): void {
  const [rows, cols] = parameter.shape as [number, number];
  const n = sizeOf(parameter.shape);
  const at = (name: Arena): Tensor => arena(name, parameter.offset, parameter.shape);
  const u = g.temporary("muon u", parameter.shape);
  g.call("muon_momentum", { grad: at("grad"), hyper, schedule, m: at("m"), u }, { n });
  const partial = g.temporary("muon squares", [squaresCount(n)]);
  const x = g.temporary("muon x", parameter.shape);
  g.call("sum_squares", { x: u, partial }, { n });
  g.call("normalize", { x: u, partial, y: x }, { n });
  const orthogonal = emitNewtonSchulz(g, x, rows, cols);
  const { lrScale, decayScale } = parameter.group;
  // Jordan's sqrt(max(1, rows/cols)) is for [fanOut, fanIn] matrices; ours are [fanIn, fanOut].
  const scale = lrScale * Math.sqrt(Math.max(1, cols / rows));
  g.call("muon_update", { u: orthogonal, hyper, schedule, param: at("param") }, { n, scale, decayScale });
}

/** x [rows, cols] with Frobenius norm 1 -> nearly orthogonal. The Gram matrix is taken on the shorter side. */
function emitNewtonSchulz(g: Graph, start: Tensor, rows: number, cols: number): Tensor {
  const { a, b, c, steps } = NEWTON_SCHULZ;
  const wide = rows <= cols;
  const [side, inner] = wide ? [rows, cols] : [cols, rows];
  const { NN, NT, TN } = MatmulVariant;
  let x = start;
  for (let step = 0; step < steps; step++) {
    const gram = g.temporary("gram", [side, side]);
    const square = g.temporary("gram squared", [side, side]);
    const poly = g.temporary("gram polynomial", [side, side]);
    const next = g.temporary("muon x", [rows, cols]);
    const variant = wide ? NT : TN;
    g.call("matmul", { a: x, b: x, c: gram }, { m: side, n: side, k: inner, variant, accumulate: 0 });
    g.call("matmul", { a: gram, b: gram, c: square }, { m: side, n: side, k: side, variant: NN, accumulate: 0 });
    g.call("lincomb", { a: gram, b: square, y: poly }, { n: side * side, alpha: b, beta: c });
    g.call("lincomb", { a: x, b: x, y: next }, { n: rows * cols, alpha: a, beta: 0 });
    const [left, right] = wide ? [poly, x] : [x, poly];
    g.call("matmul", { a: left, b: right, c: next }, { m: rows, n: cols, k: side, variant: NN, accumulate: 1 });
    x = next;
  }
  return x;
}
