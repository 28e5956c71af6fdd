/**
 * The three small buffers that make a lane a trial of its own: state (u32), hyper-parameters (f32, written by
 * the host when a trial enters the lane) and schedule (f32, recomputed on the device at every step).
 * Checkpoints hold state and schedule; hyper-parameters come from the trial's configuration.
 */
export const LaneState = { step: 0, seed: 1, length: 4 } as const;

export const LaneHyper = {
  /** Peak AdamW learning rate. */
  lr: 0,
  /** Peak Muon learning rate. */
  muonLr: 1,
  weightDecay: 2,
  beta1: 3,
  beta2: 4,
  eps: 5,
  /** Steps of linear warm-up. */
  warmupSteps: 6,
  /** Schedule length in steps. */
  totalSteps: 7,
  /** Final learning rate as a fraction of the peak. */
  minLrFraction: 8,
  /** WSD: the share of totalSteps that decays. */
  decayFraction: 9,
  /** Global gradient-norm limit; 0 = no clipping. */
  clipNorm: 10,
  muonMomentum: 11,
  emaDecay: 12,
  length: 16,
} as const;

export const LaneSchedule = {
  /** Multiplier on the peak learning rates, 0..1. */
  factor: 0,
  /** beta1^t and beta2^t as running products, t = completed steps + 1. */
  beta1Power: 1,
  beta2Power: 2,
  /** Multiplier on the gradients, from the global norm. */
  clipScale: 3,
  gradNorm: 4,
  length: 8,
} as const;

export const ScheduleKind = { flat: 0, cosine: 1, wsd: 2 } as const;
