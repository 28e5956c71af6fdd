/** The model context of a resolved trial on a graph. */
import type { Graph } from "../engine/graph/graph.ts";
import type { Tensor } from "../engine/graph/tensor.ts";
import { createModelContext } from "../model/context.ts";
import type { ModelContext } from "../model/hooks.ts";
import type { ResolvedTrial } from "./plan.ts";

export function modelContext(
  g: Graph,
  { spec, hooks, plan }: ResolvedTrial,
  state: Tensor,
  tokens: Tensor,
  batch: number,
): ModelContext {
  return createModelContext({ g, spec: spec.model, batch, state, tokens, hooks, plan });
}
