/** Schedules and optimisers. An item is a chunk of elements. Every per-trial number comes from the lane buffers. */
import { at, buf, flt, int } from "./args";
import { cosPi } from "./math";
import { fma, load4, splat, store4 } from "./simd";

/** Byte offsets in the lane buffers; the same order as LaneHyper and LaneSchedule. */
const LR: usize = 0;
const MUON_LR: usize = 4;
const WEIGHT_DECAY: usize = 8;
const BETA1: usize = 12;
const BETA2: usize = 16;
const EPS: usize = 20;
const WARMUP_STEPS: usize = 24;
const TOTAL_STEPS: usize = 28;
const MIN_LR_FRACTION: usize = 32;
const DECAY_FRACTION: usize = 36;
const MUON_MOMENTUM: usize = 44;
const EMA_DECAY: usize = 48;
const FACTOR: usize = 0;
const BETA1_POWER: usize = 4;
const BETA2_POWER: usize = 8;
const CLIP_SCALE: usize = 12;
const COSINE: i32 = 1;
const WSD: i32 = 2;

export function schedule(args: usize, lane: i32, item: i32, scratch: usize, serial: i32): void {
  const kind = int(args, 0);
  const step = load<u32>(buf(args, 0, lane));
  const hyper = buf(args, 1, lane);
  const out = buf(args, 2, lane);
  const now = <f64>step;
  const warmup = <f64>load<f32>(hyper, WARMUP_STEPS);
  const total = <f64>load<f32>(hyper, TOTAL_STEPS);
  const low = <f64>load<f32>(hyper, MIN_LR_FRACTION);
  let factor: f64 = 1;
  if (now < warmup) {
    factor = (now + 1) / warmup;
  } else if (kind === COSINE) {
    const progress = min<f64>(1, (now - warmup) / max<f64>(1, total - warmup));
    factor = low + (1 - low) * 0.5 * (1 + cosPi(progress));
  } else if (kind === WSD) {
    const decaySteps = max<f64>(1, total * <f64>load<f32>(hyper, DECAY_FRACTION));
    factor = low + (1 - low) * min<f64>(1, max<f64>(0, (total - now) / decaySteps));
  }
  store<f32>(out, <f32>factor, FACTOR);
  store<f32>(out, (step === 0 ? 1 : load<f32>(out, BETA1_POWER)) * load<f32>(hyper, BETA1), BETA1_POWER);
  store<f32>(out, (step === 0 ? 1 : load<f32>(out, BETA2_POWER)) * load<f32>(hyper, BETA2), BETA2_POWER);
}

export function adamw(args: usize, lane: i32, item: i32, scratch: usize, serial: i32): void {
  const chunk = int(args, 3);
  const first = item * chunk;
  const count = min(chunk, int(args, 0) - first);
  const grad = at(buf(args, 0, lane), first);
  const hyper = buf(args, 1, lane);
  const state = buf(args, 2, lane);
  const param = at(buf(args, 3, lane), first);
  const m = at(buf(args, 4, lane), first);
  const v = at(buf(args, 5, lane), first);
  const beta1 = load<f32>(hyper, BETA1);
  const beta2 = load<f32>(hyper, BETA2);
  const lr = load<f32>(hyper, LR) * load<f32>(state, FACTOR) * flt(args, 1);
  // The change is summed apart from p: 1 - lr*decay would round the decay away when lr is small.
  const decay = splat(-lr * load<f32>(hyper, WEIGHT_DECAY) * flt(args, 2));
  const rate = splat(-lr / (1 - load<f32>(state, BETA1_POWER)));
  const fix2 = splat(1 / (1 - load<f32>(state, BETA2_POWER)));
  const eps = splat(load<f32>(hyper, EPS));
  const clip = splat(load<f32>(state, CLIP_SCALE));
  const b1 = splat(beta1);
  const b2 = splat(beta2);
  const c1 = splat(1 - beta1);
  const c2 = splat(1 - beta2);
  for (let i = 0; i < count; i += 4) {
    const left = count - i;
    const g = f32x4.mul(load4(at(grad, i), left), clip);
    const mean = fma(b1, load4(at(m, i), left), f32x4.mul(c1, g));
    const square = fma(b2, load4(at(v, i), left), f32x4.mul(c2, f32x4.mul(g, g)));
    store4(at(m, i), mean, left);
    store4(at(v, i), square, left);
    const step = f32x4.div(f32x4.mul(rate, mean), f32x4.add(f32x4.sqrt(f32x4.mul(square, fix2)), eps));
    const p = load4(at(param, i), left);
    store4(at(param, i), f32x4.add(p, fma(decay, p, step)), left);
  }
}

export function muon_momentum(args: usize, lane: i32, item: i32, scratch: usize, serial: i32): void {
  const chunk = int(args, 1);
  const first = item * chunk;
  const count = min(chunk, int(args, 0) - first);
  const grad = at(buf(args, 0, lane), first);
  const mu = splat(load<f32>(buf(args, 1, lane), MUON_MOMENTUM));
  const clip = splat(load<f32>(buf(args, 2, lane), CLIP_SCALE));
  const m = at(buf(args, 3, lane), first);
  const u = at(buf(args, 4, lane), first);
  for (let i = 0; i < count; i += 4) {
    const left = count - i;
    const g = f32x4.mul(load4(at(grad, i), left), clip);
    const momentum = fma(mu, load4(at(m, i), left), g);
    store4(at(m, i), momentum, left);
    store4(at(u, i), fma(mu, momentum, g), left);
  }
}

export function muon_update(args: usize, lane: i32, item: i32, scratch: usize, serial: i32): void {
  const chunk = int(args, 3);
  const first = item * chunk;
  const count = min(chunk, int(args, 0) - first);
  const u = at(buf(args, 0, lane), first);
  const hyper = buf(args, 1, lane);
  const lr = load<f32>(hyper, MUON_LR) * load<f32>(buf(args, 2, lane), FACTOR);
  const param = at(buf(args, 3, lane), first);
  const decay = splat(-lr * load<f32>(hyper, WEIGHT_DECAY) * flt(args, 2));
  const rate = splat(-lr * flt(args, 1));
  for (let i = 0; i < count; i += 4) {
    const left = count - i;
    const p = load4(at(param, i), left);
    store4(at(param, i), f32x4.add(p, fma(rate, load4(at(u, i), left), f32x4.mul(decay, p))), left);
  }
}

export function ema(args: usize, lane: i32, item: i32, scratch: usize, serial: i32): void {
  const chunk = int(args, 1);
  const first = item * chunk;
  const count = min(chunk, int(args, 0) - first);
  const param = at(buf(args, 0, lane), first);
  const step = <f64>load<u32>(buf(args, 1, lane));
  const limit = <f64>load<f32>(buf(args, 2, lane), EMA_DECAY);
  const average = at(buf(args, 3, lane), first);
  const decay = min<f64>(limit, (1 + step) / (10 + step));
  const keep = splat(<f32>decay);
  const take = splat(<f32>(1 - decay));
  for (let i = 0; i < count; i += 4) {
    const left = count - i;
    store4(at(average, i), fma(take, load4(at(param, i), left), f32x4.mul(keep, load4(at(average, i), left))), left);
  }
}
