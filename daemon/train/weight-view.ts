/** The weights that evaluation reads: the trained ones, or their moving average where the plan has one. */
import { Graph } from "../engine/graph/graph.ts";
import { ParameterTable } from "../engine/graph/parameters.ts";
import { sizeOf } from "../engine/graph/tensor.ts";
import { LaneState } from "../engine/kernels/lane.ts";
import { buildAttn } from "../model/attn.ts";
import { modelContext } from "./model-context.ts";
import type { ResolvedTrial } from "./plan.ts";
import type { LaneSnapshot } from "./population.ts";

export interface WeightView {
  /** Which copy of the weights this is. */
  readonly arena: "param" | "ema";
  readonly parameters: LaneSnapshot["parameters"];
}

/** @throws {RangeError} the snapshot belongs to another model */
export function evaluationWeights(trial: ResolvedTrial, snapshot: LaneSnapshot): WeightView {
  if (!trial.plan.ema) return { arena: "param", parameters: snapshot.parameters };
  const average = snapshot.optimizer.get("ema");
  const table = parameterTable(trial);
  if (average?.length !== table.arenaLength)
    throw new RangeError("The checkpoint has no moving average of the weights.");
  const parts = table.all().map(({ name, shape, offset }) => {
    return [name, { shape, values: average.slice(offset, offset + sizeOf(shape)) }] as const;
  });
  return { arena: "ema", parameters: new Map(parts) };
}

/** The layout of a trial's parameters, without a program. */
function parameterTable(trial: ResolvedTrial): ParameterTable {
  const parameters = new ParameterTable();
  const g = new Graph({ parameters, weights: "param", training: false });
  const tokens = g.named("tokens", [trial.spec.model.context], "u32");
  const state = g.named("lane state", [LaneState.length], "u32");
  buildAttn(modelContext(g, trial, state, tokens, 1), trial.hooks);
  parameters.freeze();
  return parameters;
}
