/** The context that a model family and its levers build with. */
import type { Graph } from "../engine/graph/graph.ts";
import type { Tensor } from "../engine/graph/tensor.ts";
import type { ModelSpec } from "../protocol/trial.ts";
import type { Hooks, ModelContext, TrainPlan } from "./hooks.ts";

export interface ContextOptions {
  readonly g: Graph;
  readonly spec: ModelSpec;
  readonly batch: number;
  readonly state: Tensor;
  readonly tokens: Tensor;
  readonly hooks: Hooks;
  readonly plan: TrainPlan;
}

/** Hidden matrices go to Muon when the plan says so; gains are not decayed; levers may change both. */
export function createModelContext({ hooks, plan, ...base }: ContextOptions): ModelContext {
  const parameter: ModelContext["parameter"] = (name, shape, role, init) => {
    const group = {
      optimizer: plan.optimizer.name === "muon" && role === "hidden" ? "muon" : "adamw",
      lrScale: 1,
      decayScale: role === "gain" ? 0 : 1,
    } as const;
    return base.g.parameter(
      name,
      shape,
      role,
      init,
      hooks.parameterGroup?.({ name, shape, role }, group, plan) ?? group,
    );
  };
  return {
    ...base,
    parameter,
    matrix: (name, fanIn, fanOut, scale = 1) =>
      parameter(name, [fanIn, fanOut], "hidden", { kind: "normal", std: scale / Math.sqrt(fanIn) }),
  };
}
