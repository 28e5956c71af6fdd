/**
 * What a trial's specification means, read by hand from the definitions: no lever's code runs here. A lever's
 * settings must be written out in the specification; its defaults are the product's business.
 */
import type { TrialSpec } from "../../daemon/protocol/trial.ts";

export type Activation = "relu" | "relu2" | "leaky-relu2" | "gelu" | "swiglu";

export interface Settings {
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly context: number;
  readonly hidden: number;
  readonly activation: Activation;
  readonly normGain: boolean;
  /** Rotated dimensions r of a head and the base of their frequencies. */
  readonly rotary: number;
  readonly ropeBase: number;
  readonly qkNorm: boolean;
  readonly qkGain: number | null;
  readonly tiedHead: boolean;
  readonly softcap: number | null;
  readonly dropout: number;
  readonly batch: number;
  readonly seed: number;
  readonly muon: { readonly lr: number; readonly momentum: number } | null;
  readonly adam: Pick<TrialSpec["optimizer"], "lr" | "weight_decay" | "beta1" | "beta2" | "eps">;
  readonly clipNorm: number;
  readonly emaDecay: number | null;
  readonly schedule: {
    readonly kind: "cosine" | "wsd" | "flat";
    readonly warmup: number;
    readonly steps: number;
    readonly minFraction: number;
    readonly decayFraction: number;
  };
}

export function readSettings(spec: TrialSpec): Settings {
  const { model, optimizer, levers, seed } = spec;
  const lever = (id: string, key: string): number | null => (levers[id] ? Number(levers[id][key]) : null);
  const headDim = model.width / model.heads;
  const rotatedShare = lever("partial-rope", "fraction");
  return {
    ...{ layers: model.layers, width: model.width, heads: model.heads, context: model.context, headDim, seed },
    kvHeads: model.kv_heads ?? model.heads,
    activation: activationOf(spec),
    hidden: Math.round(Math.round(model.width * model.mlp_mult) * (lever("swiglu", "hidden_fraction") ?? 1)),
    normGain: model.norm_gain,
    rotary: rotatedShare === null ? headDim : Math.max(2, 2 * Math.floor((headDim * rotatedShare) / 2)),
    ropeBase: model.rope_base,
    qkNorm: levers["qk-norm"] !== undefined,
    qkGain: lever("qk-gain", "init"),
    tiedHead: levers["tied-head"] !== undefined,
    softcap: lever("softcap", "cap"),
    dropout: lever("dropout", "rate") ?? 0,
    batch: optimizer.batch,
    muon: muonOf(spec),
    adam: optimizer,
    clipNorm: optimizer.clip_norm,
    emaDecay: lever("ema", "decay"),
    schedule: scheduleOf(spec),
  };
}

function activationOf({ levers }: TrialSpec): Activation {
  const all = ["relu2", "leaky-relu2", "gelu", "swiglu"] as const;
  return all.find((id) => levers[id]) ?? "relu";
}

function muonOf({ levers, optimizer }: TrialSpec): Settings["muon"] {
  if (levers.muon) return { lr: Number(levers.muon.lr), momentum: Number(levers.muon.momentum) };
  return optimizer.name === "muon" ? { lr: optimizer.muon_lr, momentum: optimizer.muon_momentum } : null;
}

function scheduleOf({ levers, schedule }: TrialSpec): Settings["schedule"] {
  const { warmup, steps, min_lr_fraction: minFraction } = schedule;
  const shape = levers.wsd
    ? ({ kind: "wsd", decayFraction: Number(levers.wsd.decay_fraction) } as const)
    : { kind: schedule.kind, decayFraction: schedule.decay_fraction };
  return { warmup, steps, minFraction, ...shape };
}
