/** Schedules and optimisers. Every per-trial number comes from the lane buffers, never from a parameter. */
import { defineKernel } from "../kernel.ts";
import { LaneHyper, LaneSchedule, LaneState, ScheduleKind } from "./lane.ts";

const hyperFill = (i: number, uniform: () => number): number => {
  const typical: Record<number, number> = {
    [LaneHyper.lr]: 0.01,
    [LaneHyper.muonLr]: 0.02,
    [LaneHyper.weightDecay]: 0.1,
    [LaneHyper.beta1]: 0.9,
    [LaneHyper.beta2]: 0.95,
    [LaneHyper.eps]: 1e-8,
    [LaneHyper.warmupSteps]: 10,
    [LaneHyper.totalSteps]: 100,
    [LaneHyper.minLrFraction]: 0.1,
    [LaneHyper.decayFraction]: 0.3,
    [LaneHyper.muonMomentum]: 0.95,
    [LaneHyper.emaDecay]: 0.99,
  };
  return (typical[i] ?? 1) * (0.5 + 0.5 * uniform());
};
const scheduleFill = (_: number, u: () => number): number => 0.3 + 0.5 * u();
const stateFill = (i: number, u: () => number): number => (i === LaneState.step ? Math.floor(u() * 120) : 5);

/**
 * Learning-rate factor of the step about to be applied (step = completed steps) and the running beta powers.
 * Warm-up: (step+1)/warmup. flat: 1. cosine: from 1 to minLr over [warmup, total]. wsd: 1, then linear to
 * minLr over the last decayFraction of total (Hu et al. 2024). After total: minLr.
 */
export const schedule = defineKernel({
  name: "schedule",
  family: "optim",
  buffers: {
    state: { access: "read", dtype: "u32" },
    hyper: { access: "read", dtype: "f32" },
    schedule: { access: "readwrite", dtype: "f32" },
  },
  params: ["kind"],
  size: () => ({ state: LaneState.length, hyper: LaneHyper.length, schedule: LaneSchedule.length }),
  fill: { state: stateFill, hyper: hyperFill, schedule: scheduleFill },
  samples: [{ kind: ScheduleKind.flat }, { kind: ScheduleKind.cosine }, { kind: ScheduleKind.wsd }],
  reference(b, { kind }) {
    const h = b.hyper;
    const step = b.state[LaneState.step] as number;
    const warmup = h[LaneHyper.warmupSteps] as number;
    const total = h[LaneHyper.totalSteps] as number;
    const min = h[LaneHyper.minLrFraction] as number;
    let factor = 1;
    if (step < warmup) factor = (step + 1) / warmup;
    else if (kind === ScheduleKind.cosine) {
      const progress = Math.min(1, (step - warmup) / Math.max(1, total - warmup));
      factor = min + (1 - min) * 0.5 * (1 + Math.cos(Math.PI * progress));
    } else if (kind === ScheduleKind.wsd) {
      const decaySteps = Math.max(1, total * (h[LaneHyper.decayFraction] as number));
      const left = Math.min(1, Math.max(0, (total - step) / decaySteps));
      factor = min + (1 - min) * left;
    }
    const first = step === 0;
    const s = b.schedule;
    s[LaneSchedule.factor] = factor;
    s[LaneSchedule.beta1Power] = (first ? 1 : (s[LaneSchedule.beta1Power] as number)) * (h[LaneHyper.beta1] as number);
    s[LaneSchedule.beta2Power] = (first ? 1 : (s[LaneSchedule.beta2Power] as number)) * (h[LaneHyper.beta2] as number);
  },
});

/**
 * AdamW (Loshchilov & Hutter 2019) over n contiguous elements:
 * p -= lr*factor*lrScale * (mhat / (sqrt(vhat) + eps) + decayScale*weightDecay*p), on clipped gradients.
 */
export const adamw = defineKernel({
  name: "adamw",
  family: "optim",
  buffers: {
    grad: { access: "read", dtype: "f32" },
    hyper: { access: "read", dtype: "f32" },
    schedule: { access: "read", dtype: "f32" },
    param: { access: "readwrite", dtype: "f32" },
    m: { access: "readwrite", dtype: "f32" },
    v: { access: "readwrite", dtype: "f32" },
  },
  params: ["n", "lrScale", "decayScale"],
  size: ({ n }) => ({ grad: n, hyper: LaneHyper.length, schedule: LaneSchedule.length, param: n, m: n, v: n }),
  fill: { hyper: hyperFill, schedule: scheduleFill, v: (_, u) => u() },
  samples: [
    { n: 1, lrScale: 1, decayScale: 1 },
    { n: 1021, lrScale: 0.5, decayScale: 0 },
    { n: 4099, lrScale: 1, decayScale: 1 },
  ],
  reference(b, { n, lrScale, decayScale }) {
    const h = b.hyper;
    const s = b.schedule;
    const beta1 = h[LaneHyper.beta1] as number;
    const beta2 = h[LaneHyper.beta2] as number;
    const lr = (h[LaneHyper.lr] as number) * (s[LaneSchedule.factor] as number) * lrScale;
    const decay = (h[LaneHyper.weightDecay] as number) * decayScale;
    const fix1 = 1 / (1 - (s[LaneSchedule.beta1Power] as number));
    const fix2 = 1 / (1 - (s[LaneSchedule.beta2Power] as number));
    for (let i = 0; i < n; i++) {
      const g = (b.grad[i] as number) * (s[LaneSchedule.clipScale] as number);
      const m = beta1 * (b.m[i] as number) + (1 - beta1) * g;
      const v = beta2 * (b.v[i] as number) + (1 - beta2) * g * g;
      b.m[i] = m;
      b.v[i] = v;
      const p = b.param[i] as number;
      b.param[i] = p - lr * ((m * fix1) / (Math.sqrt(v * fix2) + (h[LaneHyper.eps] as number)) + decay * p);
    }
  },
});

/** Nesterov momentum of Muon on the clipped gradient: m = mu*m + g; u = g + mu*m. */
export const muonMomentum = defineKernel({
  name: "muon_momentum",
  family: "optim",
  buffers: {
    grad: { access: "read", dtype: "f32" },
    hyper: { access: "read", dtype: "f32" },
    schedule: { access: "read", dtype: "f32" },
    m: { access: "readwrite", dtype: "f32" },
    u: { access: "write", dtype: "f32" },
  },
  params: ["n"],
  size: ({ n }) => ({ grad: n, hyper: LaneHyper.length, schedule: LaneSchedule.length, m: n, u: n }),
  fill: { hyper: hyperFill, schedule: scheduleFill },
  samples: [{ n: 1 }, { n: 1021 }],
  reference(b, { n }) {
    const mu = b.hyper[LaneHyper.muonMomentum] as number;
    for (let i = 0; i < n; i++) {
      const g = (b.grad[i] as number) * (b.schedule[LaneSchedule.clipScale] as number);
      const m = mu * (b.m[i] as number) + g;
      b.m[i] = m;
      b.u[i] = g + mu * m;
    }
  },
});

/** p -= muonLr*factor * (scale*u + decayScale*weightDecay*p); u is orthogonalised, scale = sqrt(max(1, fanOut/fanIn)). */
export const muonUpdate = defineKernel({
  name: "muon_update",
  family: "optim",
  buffers: {
    u: { access: "read", dtype: "f32" },
    hyper: { access: "read", dtype: "f32" },
    schedule: { access: "read", dtype: "f32" },
    param: { access: "readwrite", dtype: "f32" },
  },
  params: ["n", "scale", "decayScale"],
  size: ({ n }) => ({ u: n, hyper: LaneHyper.length, schedule: LaneSchedule.length, param: n }),
  fill: { hyper: hyperFill, schedule: scheduleFill },
  samples: [
    { n: 1, scale: 1, decayScale: 1 },
    { n: 1021, scale: 1.5, decayScale: 0 },
  ],
  reference(b, { n, scale, decayScale }) {
    const lr = (b.hyper[LaneHyper.muonLr] as number) * (b.schedule[LaneSchedule.factor] as number);
    const decay = (b.hyper[LaneHyper.weightDecay] as number) * decayScale;
    for (let i = 0; i < n; i++) {
      const p = b.param[i] as number;
      b.param[i] = p - lr * (scale * (b.u[i] as number) + decay * p);
    }
  },
});

/** average = d*average + (1-d)*param with d = min(emaDecay, (1+step)/(10+step)): early weights are forgotten fast. */
export const ema = defineKernel({
  name: "ema",
  family: "optim",
  buffers: {
    param: { access: "read", dtype: "f32" },
    state: { access: "read", dtype: "u32" },
    hyper: { access: "read", dtype: "f32" },
    average: { access: "readwrite", dtype: "f32" },
  },
  params: ["n"],
  size: ({ n }) => ({ param: n, state: LaneState.length, hyper: LaneHyper.length, average: n }),
  fill: { hyper: hyperFill, state: stateFill },
  samples: [{ n: 1 }, { n: 1021 }],
  reference(b, { n }) {
    const step = b.state[LaneState.step] as number;
    const decay = Math.min(b.hyper[LaneHyper.emaDecay] as number, (1 + step) / (10 + step));
    for (let i = 0; i < n; i++) b.average[i] = decay * (b.average[i] as number) + (1 - decay) * (b.param[i] as number);
  },
});
