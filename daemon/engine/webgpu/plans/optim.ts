/** Passes of the schedule and the optimisers. */
import elements from "../../../../shaders/common/elements.wgsl";
import math from "../../../../shaders/common/math.wgsl";
import adamw from "../../../../shaders/optim/adamw.wgsl";
import ema from "../../../../shaders/optim/ema.wgsl";
import muonMomentum from "../../../../shaders/optim/muon_momentum.wgsl";
import muonUpdate from "../../../../shaders/optim/muon_update.wgsl";
import schedule from "../../../../shaders/optim/schedule.wgsl";
import { LaneHyper, LaneSchedule } from "../../kernels/lane.ts";
import { elementGrid, float, get, type Plan, pass } from "../pass.ts";

const schedulePlan: Plan = (p) => [
  pass({
    shader: "optim/schedule",
    code: [math, schedule],
    buffers: ["state", "hyper", "schedule"],
    constants: {
      KIND: get(p, "kind"),
      BETA1: LaneHyper.beta1,
      BETA2: LaneHyper.beta2,
      WARMUP: LaneHyper.warmupSteps,
      TOTAL: LaneHyper.totalSteps,
      MIN_FRACTION: LaneHyper.minLrFraction,
      DECAY_FRACTION: LaneHyper.decayFraction,
      FACTOR: LaneSchedule.factor,
      BETA1_POWER: LaneSchedule.beta1Power,
      BETA2_POWER: LaneSchedule.beta2Power,
    },
    grid: [1, 1],
  }),
];

const adamwPlan: Plan = (p) => [
  pass({
    shader: "optim/adamw",
    code: [elements, adamw],
    buffers: ["grad", "hyper", "schedule", "param", "m", "v"],
    words: [get(p, "n"), float(get(p, "lrScale")), float(get(p, "decayScale"))],
    constants: {
      LR: LaneHyper.lr,
      WEIGHT_DECAY: LaneHyper.weightDecay,
      BETA1: LaneHyper.beta1,
      BETA2: LaneHyper.beta2,
      EPS: LaneHyper.eps,
      FACTOR: LaneSchedule.factor,
      BETA1_POWER: LaneSchedule.beta1Power,
      BETA2_POWER: LaneSchedule.beta2Power,
      CLIP_SCALE: LaneSchedule.clipScale,
    },
    grid: elementGrid(get(p, "n")),
    work: get(p, "n") * 20,
  }),
];

const muonMomentumPlan: Plan = (p) => [
  pass({
    shader: "optim/muon_momentum",
    code: [elements, muonMomentum],
    buffers: ["grad", "hyper", "schedule", "m", "u"],
    words: [get(p, "n")],
    constants: { MUON_MOMENTUM: LaneHyper.muonMomentum, CLIP_SCALE: LaneSchedule.clipScale },
    grid: elementGrid(get(p, "n")),
  }),
];

const muonUpdatePlan: Plan = (p) => [
  pass({
    shader: "optim/muon_update",
    code: [elements, muonUpdate],
    buffers: ["u", "hyper", "schedule", "param"],
    words: [get(p, "n"), float(get(p, "scale")), float(get(p, "decayScale"))],
    constants: { MUON_LR: LaneHyper.muonLr, WEIGHT_DECAY: LaneHyper.weightDecay, FACTOR: LaneSchedule.factor },
    grid: elementGrid(get(p, "n")),
  }),
];

const emaPlan: Plan = (p) => [
  pass({
    shader: "optim/ema",
    code: [elements, ema],
    buffers: ["param", "state", "hyper", "average"],
    words: [get(p, "n")],
    constants: { EMA_DECAY: LaneHyper.emaDecay },
    grid: elementGrid(get(p, "n")),
  }),
];

export const optimPlans: Readonly<Record<string, Plan>> = {
  schedule: schedulePlan,
  adamw: adamwPlan,
  muon_momentum: muonMomentumPlan,
  muon_update: muonUpdatePlan,
  ema: emaPlan,
};
