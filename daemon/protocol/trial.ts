/**
 * A trial's complete description. (TrialSpec, code version) determines every number of its curve: resuming,
 * batching into lanes and replaying rely on it. Written by the config loader, read by everyone.
 */
import { z } from "zod";

const positive = z.number().positive();
const count = z.number().int().positive();
const fraction = z.number().min(0).max(1);

export const splitNames = ["three-way", "nanogpt"] as const;
/** `chunked`: non-overlapping windows of T. `strided:S`: sliding window, last S bytes scored. */
export const evalProtocolPattern = /^(chunked|strided:[1-9]\d*)$/;

export const dataSchema = z.strictObject({
  /** Name in the corpus catalogue, or a path relative to the race file. */
  corpus: z.string().min(1).default("tinyshakespeare"),
  split: z.enum(splitNames).default("three-way"),
  protocol: z.string().regex(evalProtocolPattern).default("chunked"),
});

export const modelSchema = z.strictObject({
  family: z.enum(["attn"]).default("attn"),
  layers: count.max(64).default(2),
  /** Model width D; must be a multiple of `heads`, and width/heads must be even (rotary pairs). */
  width: count.max(4096).default(64),
  heads: count.default(2),
  /** Key/value heads (grouped-query attention); must divide `heads`. Absent: as many as heads. */
  kv_heads: count.optional(),
  /** Context length T in bytes. */
  context: count.max(4096).default(64),
  /** MLP hidden width as a multiple of the model width. */
  mlp_mult: positive.max(16).default(4),
  rope_base: positive.default(10000),
  /** Learned gain in RMSNorm. */
  norm_gain: z.boolean().default(true),
});

export const optimizerSchema = z.strictObject({
  name: z.enum(["adamw", "muon"]).default("adamw"),
  lr: positive.default(0.003),
  /** Peak learning rate of Muon's matrices; the others use `lr`. */
  muon_lr: positive.default(0.02),
  muon_momentum: fraction.default(0.95),
  weight_decay: z.number().min(0).default(0.1),
  beta1: z.number().min(0).lt(1).default(0.9),
  beta2: z.number().min(0).lt(1).default(0.99),
  eps: positive.default(1e-8),
  /** Global gradient-norm limit; 0 switches clipping off. */
  clip_norm: z.number().min(0).default(1),
  /** Sequences per step B. */
  batch: count.max(4096).default(16),
});

export const scheduleSchema = z.strictObject({
  kind: z.enum(["cosine", "wsd", "flat"]).default("cosine"),
  /** Schedule length in steps; absent: the last rung of the ladder, or the number of steps of a single run. */
  steps: count.optional(),
  warmup: z.number().int().min(0).default(50),
  min_lr_fraction: fraction.default(0.1),
  /** wsd: share of the schedule that decays. */
  decay_fraction: fraction.default(0.3),
});

export const leverValueSchema = z.union([z.number(), z.string(), z.boolean()]);
/** Settings of the levers that are switched on; an absent lever is off. Validated by the lever's own schema. */
export const leversSchema = z.record(z.string(), z.record(z.string(), leverValueSchema));

export const trialSpecSchema = z.strictObject({
  data: dataSchema,
  model: modelSchema,
  optimizer: optimizerSchema,
  schedule: scheduleSchema.extend({ steps: count }),
  levers: leversSchema,
  /** Fixes init, data order and dropout. 32-bit unsigned. */
  seed: z.number().int().min(0).max(0xffffffff),
});

export type DataSpec = z.infer<typeof dataSchema>;
export type ModelSpec = z.infer<typeof modelSchema>;
export type OptimizerSpec = z.infer<typeof optimizerSchema>;
export type ScheduleSpec = z.infer<typeof scheduleSchema>;
export type LeverValue = z.infer<typeof leverValueSchema>;
export type LeverSettings = Readonly<Record<string, LeverValue>>;
export type TrialSpec = z.infer<typeof trialSpecSchema>;
