/**
 * The training program of one shape of trial: sections `train` (one step) and `eval` (one batch of windows),
 * plus where the host finds parameters, state and losses.
 */
import { batchCount, parseProtocol } from "../data/protocol.ts";
import { rangeBytes, type Splits } from "../data/splits.ts";
import { backwardCalls } from "../engine/graph/autodiff.ts";
import { Graph } from "../engine/graph/graph.ts";
import { crossEntropy, type LossTerm } from "../engine/graph/ops/loss.ts";
import { ParameterTable } from "../engine/graph/parameters.ts";
import { type PlannedProgram, planProgram } from "../engine/graph/planner.ts";
import type { Tensor, TensorCall } from "../engine/graph/tensor.ts";
import { LaneState } from "../engine/kernels/lane.ts";
import { buildAttn } from "../model/attn.ts";
import { modelContext } from "./model-context.ts";
import { emitOptimizer, laneTensors } from "./optimizer.ts";
import type { ResolvedTrial } from "./plan.ts";

/** Losses kept on the device between two reads; the longest chunk of steps. */
export const RING_STEPS = 256;

export interface TrainProgram {
  readonly planned: PlannedProgram;
  readonly parameters: ParameterTable;
  readonly constants: ReadonlyMap<string, Float32Array>;
  /** Runs of section `eval` that cover the validation split. */
  readonly evalBatches: number;
  readonly tokensPerStep: number;
}

/** @throws {DataError} when the context does not fit the splits; {EngineError} for impossible shapes */
export function buildTrainProgram(trial: ResolvedTrial, splits: Splits, corpusBytes: number): TrainProgram {
  const { spec, plan } = trial;
  const parameters = new ParameterTable();
  const ids = { next: 0 };
  const protocol = parseProtocol(spec.data.protocol, spec.model.context);
  const evalBatches = batchCount(rangeBytes(splits.validation), protocol.stride, spec.optimizer.batch);

  const trainGraph = new Graph({ parameters, weights: "param", training: true }, ids);
  const evalGraph = new Graph({ parameters, weights: plan.ema ? "ema" : "param", training: false }, ids);
  const corpus = trainGraph.named("corpus", [Math.ceil(corpusBytes / 4)], "u32", true);
  const train = trainSection(trainGraph, trial, splits, corpus);
  const evaluate = evalSection(evalGraph, trial, splits, corpus, protocol.stride, evalBatches);
  const constants = new Map(
    [...trainGraph.constants, ...evalGraph.constants].map(([name, { values }]) => [name, values]),
  );
  return {
    planned: planProgram({ train, eval: evaluate }, parameters.arenaLength),
    parameters,
    constants,
    evalBatches,
    tokensPerStep: spec.optimizer.batch * spec.model.context,
  };
}

function trainSection(g: Graph, trial: ResolvedTrial, splits: Splits, corpus: Tensor): TensorCall[] {
  const { batch, context } = shapeOf(trial);
  const state = g.named("lane state", [LaneState.length], "u32");
  const { tokens, targets } = batchTensors(g, batch * context);
  const params = { batch, time: context, start: splits.train.start, bytes: rangeBytes(splits.train) };
  g.call("sample_batch", { corpus, state, tokens, targets }, params);
  const terms = buildLoss(g, trial, state, tokens, targets);
  const forward = g.forwardCalls();
  const backward = backwardCalls(g);

  // What follows the gradients is recorded on a graph of its own that shares tensors with the first.
  const tail = new Graph(g.options, g.ids);
  const lane = laneTensors(tail, state);
  emitOptimizer(tail, g.options.parameters, trial.plan, lane);
  const ring = tail.named("loss ring", [2 * RING_STEPS]);
  terms.forEach(({ nll, weight }, i) => {
    const record = { rows: batch * context, length: RING_STEPS, weight, accumulate: i === 0 ? 0 : 1 };
    tail.call("record_loss", { nll, state, schedule: lane.schedule, ring }, record);
  });
  tail.call("advance", { counter: state });
  return [...forward, ...backward, ...tail.calls];
}

function evalSection(
  g: Graph,
  trial: ResolvedTrial,
  splits: Splits,
  corpus: Tensor,
  stride: number,
  batches: number,
): TensorCall[] {
  const { batch, context } = shapeOf(trial);
  const state = g.named("lane state", [LaneState.length], "u32");
  const cursor = g.named("eval cursor", [LaneState.length], "u32");
  const { tokens, targets } = batchTensors(g, batch * context);
  const { start } = splits.validation;
  const params = { batch, time: context, stride, start, bytes: rangeBytes(splits.validation) };
  g.call("eval_windows", { corpus, cursor, tokens, targets }, params);
  const [term] = buildLoss(g, trial, state, tokens, targets) as [LossTerm];
  const calls = g.forwardCalls();
  const sums = g.named("eval sums", [batches]);
  const counts = g.named("eval counts", [batches]);
  const record = { nll: term.nll, targets, cursor, sums, counts };
  calls.push({ kernel: "record_eval", buffers: record, params: { rows: batch * context, batches } });
  calls.push({ kernel: "advance", buffers: { counter: cursor }, params: {} });
  return calls;
}

/** Logits of the family and its loss terms; the first term is the language-model loss. */
function buildLoss(g: Graph, trial: ResolvedTrial, state: Tensor, tokens: Tensor, targets: Tensor): LossTerm[] {
  const ctx = modelContext(g, trial, state, tokens, trial.spec.optimizer.batch);
  const logits = buildAttn(ctx, trial.hooks);
  const main = crossEntropy(g, logits, targets);
  return g.training ? [main, ...(trial.hooks.losses?.(ctx, logits) ?? [])] : [main];
}

function batchTensors(g: Graph, rows: number): { tokens: Tensor; targets: Tensor } {
  return {
    tokens: g.tensor("tokens", [rows], { kind: "activation" }, "u32"),
    targets: g.tensor("targets", [rows], { kind: "activation" }, "u32"),
  };
}

const shapeOf = ({ spec }: ResolvedTrial): { batch: number; context: number } => ({
  batch: spec.optimizer.batch,
  context: spec.model.context,
});
