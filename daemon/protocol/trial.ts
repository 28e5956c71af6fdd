/**
 * A trial's complete description. (TrialSpec, code version) determines every number of its curve: resuming,
 * batching into lanes and replaying rely on it. Written by the config loader, read by everyone.
 */
import * as z from "zod";
import { keyDocs } from "./key-docs.ts";

const positive = z.number().positive();
const count = z.number().int().positive();
const fraction = z.number().min(0).max(1);

export const splitNames = ["three-way", "nanogpt"] as const;
export const evalProtocolPattern = /^(chunked|strided:[1-9]\d*)$/;

export const dataSchema = z.strictObject({
  corpus: z.string().min(1).default("tinyshakespeare").register(keyDocs, {
    text: "The text to learn: a name of the corpus catalogue, or a path relative to the race file.",
  }),
  split: z
    .enum(splitNames)
    .default("three-way")
    .register(keyDocs, {
      text: "How the text is divided, by position and never shuffled. The race ranks on the validation part.",
      values: {
        "three-way": "train 85 %, validation 5 %, test 10 %; the test part stays closed during the race",
        nanogpt: "train 90 %, validation 10 %, to compare with published figures",
      },
    }),
  protocol: z
    .string()
    .regex(evalProtocolPattern)
    .default("chunked")
    .register(keyDocs, {
      text: "How validation is scored; every byte exactly once. Results of different protocols are never compared.",
      values: {
        chunked: "windows of `model.context` bytes that do not overlap; fast",
        "strided:S": "sliding windows, the last S bytes of each are scored; slower, more context per byte",
      },
    }),
});

export const modelSchema = z.strictObject({
  family: z
    .enum(["attn"])
    .default("attn")
    .register(keyDocs, {
      text: "Model family.",
      values: { attn: "pre-norm transformer with rotary positions" },
    }),
  layers: count
    .max(64)
    .default(2)
    .register(keyDocs, { text: "Transformer blocks.", space: { int: [1, 4] } }),
  width: count
    .max(4096)
    .default(64)
    .register(keyDocs, {
      text: "Model width D. It must be a multiple of `heads`, and `width / heads` must be even (rotary pairs).",
      space: { choice: [32, 64, 128] },
    }),
  heads: count
    .default(2)
    .register(keyDocs, { text: "Attention heads H; they must divide `width`.", space: { choice: [1, 2, 4] } }),
  kv_heads: count.optional().register(keyDocs, {
    text: "Key/value heads (grouped-query attention); must divide `heads`.",
    absent: "as many as `heads`",
  }),
  context: count
    .max(4096)
    .default(64)
    .register(keyDocs, {
      text: "Context length T in bytes: how far back the model sees.",
      space: { choice: [32, 64, 128] },
    }),
  mlp_mult: positive
    .max(16)
    .default(4)
    .register(keyDocs, {
      text: "Hidden width of the MLP as a multiple of `width`.",
      space: { choice: [2, 4, 8] },
    }),
  rope_base: positive.default(10000).register(keyDocs, {
    text: "Base of the rotary frequencies; larger bases turn more slowly.",
    space: { log: [100, 100000] },
  }),
  norm_gain: z
    .boolean()
    .default(true)
    .register(keyDocs, {
      text: "Learned gain in RMSNorm.",
      values: { true: "one learned factor per dimension", false: "plain normalisation" },
    }),
});

export const optimizerSchema = z.strictObject({
  name: z
    .enum(["adamw", "muon"])
    .default("adamw")
    .register(keyDocs, {
      text: "Optimiser.",
      values: {
        adamw: "Adam with decoupled weight decay, for all parameters",
        muon: "orthogonalised momentum for the hidden matrices, AdamW for the rest",
      },
    }),
  lr: positive.default(0.003).register(keyDocs, {
    text: "Peak learning rate. With `muon` it holds for what Muon does not train.",
    space: { log: [0.002, 0.007] },
  }),
  muon_lr: positive.default(0.02).register(keyDocs, {
    text: "Peak learning rate of Muon's matrices; the other parameters use `lr`.",
    space: { log: [0.005, 0.08] },
  }),
  muon_momentum: fraction
    .default(0.95)
    .register(keyDocs, { text: "Momentum of Muon.", space: { uniform: [0.9, 0.98] } }),
  weight_decay: z
    .number()
    .min(0)
    .default(0.1)
    .register(keyDocs, { text: "Decoupled weight decay.", space: { uniform: [0, 0.3] } }),
  beta1: z
    .number()
    .min(0)
    .lt(1)
    .default(0.9)
    .register(keyDocs, { text: "AdamW's decay of the gradient's mean.", space: { uniform: [0.85, 0.95] } }),
  beta2: z
    .number()
    .min(0)
    .lt(1)
    .default(0.99)
    .register(keyDocs, { text: "AdamW's decay of the squared gradient's mean.", space: { uniform: [0.95, 0.999] } }),
  eps: positive
    .default(1e-8)
    .register(keyDocs, { text: "AdamW's term against division by zero.", space: { log: [1e-10, 1e-6] } }),
  clip_norm: z
    .number()
    .min(0)
    .default(1)
    .register(keyDocs, {
      text: "Limit on the global gradient norm; 0 switches clipping off.",
      space: { choice: [0, 0.5, 1, 2] },
    }),
  batch: count
    .max(4096)
    .default(16)
    .register(keyDocs, { text: "Sequences per step B.", space: { choice: [8, 16, 32] } }),
});

export const scheduleSchema = z.strictObject({
  kind: z
    .enum(["cosine", "wsd", "flat"])
    .default("cosine")
    .register(keyDocs, {
      text: "Shape of the learning rate after the warm-up.",
      values: {
        cosine: "falls along half a cosine to `min_lr_fraction` of the peak",
        wsd: "stays at the peak, then falls linearly over the last `decay_fraction` of the steps",
        flat: "stays at the peak",
      },
    }),
  steps: count.optional().register(keyDocs, {
    text: "Schedule length in steps.",
    absent: "the last rung of the ladder, or the number of steps of a single run",
  }),
  warmup: z
    .number()
    .int()
    .min(0)
    .default(50)
    .register(keyDocs, {
      text: "Steps of linear warm-up; fewer than the schedule is long.",
      space: { int: [20, 80] },
    }),
  min_lr_fraction: fraction.default(0.1).register(keyDocs, {
    text: "Learning rate at the schedule's end, as a share of the peak.",
    space: { uniform: [0, 0.2] },
  }),
  decay_fraction: fraction.default(0.3).register(keyDocs, {
    text: "`wsd` only: share of the schedule that decays.",
    space: { choice: [0.1, 0.2, 0.3, 0.5] },
  }),
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
