/**
 * The places of a model and of its training that a lever can change. A lever is a set of hooks; several
 * levers compose in the order of the registry. All tensors are of one lane: x [R, D], R = B*T.
 */
import type { Graph } from "../engine/graph/graph.ts";
import type { LossTerm } from "../engine/graph/ops/loss.ts";
import type { Init, ParameterGroup, ParameterRole } from "../engine/graph/parameters.ts";
import type { Tensor } from "../engine/graph/tensor.ts";
import type { ModelSpec, OptimizerSpec, TrialSpec } from "../protocol/trial.ts";

export interface ModelContext {
  readonly g: Graph;
  readonly spec: ModelSpec;
  /** Sequences B of this graph. */
  readonly batch: number;
  /** Lane state (step, seed), for counter-based random numbers. */
  readonly state: Tensor;
  /** Input tokens [R] (u32). */
  readonly tokens: Tensor;
  /** Declares a parameter in the optimiser group that the plan and the levers give it. */
  parameter(name: string, shape: readonly number[], role: ParameterRole, init: Init): Tensor;
  /** A hidden matrix [fanIn, fanOut], normal with standard deviation scale/sqrt(fanIn). */
  matrix(name: string, fanIn: number, fanOut: number, scale?: number): Tensor;
}

export interface LayerContext extends ModelContext {
  readonly layer: number;
}

export type ResidualSite = "attention" | "mlp";

/** How a trial is trained, after levers had their say. */
export interface TrainPlan {
  readonly optimizer: OptimizerSpec;
  readonly schedule: TrialSpec["schedule"];
  /** Moving average of the weights, used for evaluation; null: evaluate the weights themselves. */
  readonly ema: { readonly decay: number } | null;
}

export interface ParameterInfo {
  readonly name: string;
  readonly shape: readonly number[];
  readonly role: ParameterRole;
}

export interface Hooks {
  /** After the token embedding. */
  embedding?(ctx: ModelContext, x: Tensor): Tensor;
  /** After the norm that opens a residual branch. */
  preNorm?(ctx: LayerContext, x: Tensor, site: ResidualSite): Tensor;
  /** After the projections to q [R, H*hd] and k [R, KVH*hd], before rotation. */
  queryKey?(ctx: LayerContext, qk: { readonly q: Tensor; readonly k: Tensor }): { q: Tensor; k: Tensor };
  /** Dimensions of a head that are rotated (even, in 2..headDim). */
  rotary?(headDim: number): number;
  /** Factor on the attention logits per head, [H]. At most one lever. */
  attentionGain?(ctx: LayerContext): Tensor;
  /** Head outputs [R, H*hd] before the output projection; `x` is the normed input of the branch. */
  attentionOutput?(ctx: LayerContext, out: Tensor, x: Tensor): Tensor;
  /** Replaces the MLP between the norm and the residual sum. At most one lever. */
  mlp?(ctx: LayerContext, x: Tensor, hidden: number): Tensor;
  /** The branch before it is added to the residual stream. */
  residual?(ctx: LayerContext, branch: Tensor, site: ResidualSite): Tensor;
  /** Replaces the untied head: logits from the final normed stream. At most one lever. */
  head?(ctx: ModelContext, x: Tensor): Tensor;
  /** Logits [R, V] before the loss. */
  logits?(ctx: ModelContext, logits: Tensor): Tensor;
  /** Further loss terms. */
  losses?(ctx: ModelContext, logits: Tensor): readonly LossTerm[];
  /** Optimiser group of a parameter. */
  parameterGroup?(parameter: ParameterInfo, group: ParameterGroup, plan: TrainPlan): ParameterGroup;
  /** Optimiser, schedule and weight averaging. */
  plan?(plan: TrainPlan): TrainPlan;
}

const SINGLE = ["attentionGain", "mlp", "head", "rotary"] as const;

/**
 * One set of hooks that applies all, in order.
 * @throws {RangeError} when two levers want a place that only one can have
 */
export function composeHooks(all: readonly { readonly id: string; readonly hooks: Hooks }[]): Hooks {
  const composed: Hooks = {};
  for (const name of SINGLE) {
    const owners = all.filter(({ hooks }) => hooks[name]);
    if (owners.length > 1) {
      throw new RangeError(`Levers ${owners.map((o) => o.id).join(" and ")} both replace "${name}": switch one off.`);
    }
    const owner = owners[0];
    if (owner) Object.assign(composed, { [name]: owner.hooks[name] });
  }
  const each = all.map(({ hooks }) => hooks);
  composed.embedding = (ctx, x) => each.reduce((t, h) => h.embedding?.(ctx, t) ?? t, x);
  composed.preNorm = (ctx, x, site) => each.reduce((t, h) => h.preNorm?.(ctx, t, site) ?? t, x);
  composed.queryKey = (ctx, qk) => each.reduce((t, h) => h.queryKey?.(ctx, t) ?? t, qk);
  composed.attentionOutput = (ctx, out, x) => each.reduce((t, h) => h.attentionOutput?.(ctx, t, x) ?? t, out);
  composed.residual = (ctx, branch, site) => each.reduce((t, h) => h.residual?.(ctx, t, site) ?? t, branch);
  composed.logits = (ctx, logits) => each.reduce((t, h) => h.logits?.(ctx, t) ?? t, logits);
  composed.losses = (ctx, logits) => each.flatMap((h) => h.losses?.(ctx, logits) ?? []);
  composed.parameterGroup = (p, group, plan) => each.reduce((t, h) => h.parameterGroup?.(p, t, plan) ?? t, group);
  composed.plan = (plan) => each.reduce((t, h) => h.plan?.(t) ?? t, plan);
  return composed;
}
