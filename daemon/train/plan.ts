/** What a trial's specification means once its levers had their say. */
import { LaneHyper } from "../engine/kernels/lane.ts";
import { hooksFor } from "../levers/registry.ts";
import type { Hooks, TrainPlan } from "../model/hooks.ts";
import type { TrialSpec } from "../protocol/trial.ts";

export interface ResolvedTrial {
  readonly spec: TrialSpec;
  readonly hooks: Hooks;
  readonly plan: TrainPlan;
}

/** @throws {RangeError} unknown lever, refused settings, two levers for one place */
export function resolveTrial(spec: TrialSpec): ResolvedTrial {
  const hooks = hooksFor(spec.levers, spec.model);
  const plan: TrainPlan = { optimizer: spec.optimizer, schedule: spec.schedule, ema: null };
  return { spec, hooks, plan: hooks.plan?.(plan) ?? plan };
}

/** The lane's hyper-parameters; see `LaneHyper` for the layout. */
export function laneHyper({ optimizer, schedule, ema }: TrainPlan): Float32Array {
  const hyper = new Float32Array(LaneHyper.length);
  hyper[LaneHyper.lr] = optimizer.lr;
  hyper[LaneHyper.muonLr] = optimizer.muon_lr;
  hyper[LaneHyper.weightDecay] = optimizer.weight_decay;
  hyper[LaneHyper.beta1] = optimizer.beta1;
  hyper[LaneHyper.beta2] = optimizer.beta2;
  hyper[LaneHyper.eps] = optimizer.eps;
  hyper[LaneHyper.warmupSteps] = schedule.warmup;
  hyper[LaneHyper.totalSteps] = schedule.steps;
  hyper[LaneHyper.minLrFraction] = schedule.min_lr_fraction;
  hyper[LaneHyper.decayFraction] = schedule.decay_fraction;
  hyper[LaneHyper.clipNorm] = optimizer.clip_norm;
  hyper[LaneHyper.muonMomentum] = optimizer.muon_momentum;
  hyper[LaneHyper.emaDecay] = ema?.decay ?? 0;
  return hyper;
}
