/** The trials whose curves are compared: together they switch on every definition that training is made of. */
import type { TrialSpec } from "../../daemon/protocol/trial.ts";
import { tinySpec } from "../fixtures/specs.ts";

export const STEPS = 40;

/** Head dimension 8 and 12 positions: four rotary pairs with visibly different angles. */
const model = { layers: 2, width: 16, heads: 2, context: 12, mlp_mult: 3 };
const optimizer = { batch: 2, lr: 0.01, weight_decay: 0.5, clip_norm: 1 };
/** The schedule ends before the run, so that its last value counts too. */
const schedule = { steps: 36, warmup: 5 };

const trial = (changes: Parameters<typeof tinySpec>[0] = {}): TrialSpec =>
  tinySpec({
    ...changes,
    model: { ...model, ...changes.model },
    optimizer: { ...optimizer, ...changes.optimizer },
    schedule: { ...schedule, ...changes.schedule },
  });

export const cases = {
  "AdamW, cosine, clipping, decay": trial({ seed: 111 }),
  "Muon, QK-norm, ReLU²": trial({
    levers: { muon: { lr: 0.03, momentum: 0.9 }, "qk-norm": {}, relu2: {} },
    seed: 11,
  }),
  "EMA, WSD": trial({ levers: { ema: { decay: 0.9 }, wsd: { decay_fraction: 0.4 } }, seed: 12 }),
  "SwiGLU, tied head, softcap, partial RoPE, learned QK gain": trial({
    levers: {
      swiglu: { hidden_fraction: 0.75 },
      "tied-head": {},
      softcap: { cap: 5 },
      "partial-rope": { fraction: 0.6 },
      "qk-gain": { init: 1.5, learned: true },
    },
    seed: 13,
  }),
  "grouped queries, RoPE base 500, Muon by name": trial({
    model: { heads: 4, kv_heads: 2, rope_base: 500 },
    optimizer: { name: "muon", muon_lr: 0.02, muon_momentum: 0.8, clip_norm: 0 },
    seed: 14,
  }),
  "flat, no norm gain, GELU": trial({
    model: { norm_gain: false },
    optimizer: { beta1: 0.8, beta2: 0.95, eps: 1e-6 },
    schedule: { kind: "flat" },
    levers: { gelu: {} },
    seed: 15,
  }),
  "WSD by name, leaky ReLU², dropout": trial({
    schedule: { kind: "wsd", decay_fraction: 0.5, min_lr_fraction: 0.2 },
    levers: { "leaky-relu2": {}, dropout: { rate: 0.2 } },
    seed: 16,
  }),
} satisfies Record<string, TrialSpec>;
