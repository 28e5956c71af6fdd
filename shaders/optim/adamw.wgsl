// p -= lr*factor*lrScale * (mhat / (sqrt(vhat) + eps) + decayScale*weightDecay*p), on clipped gradients.
struct Call {
  grad: vec2<u32>, hyper: vec2<u32>, schedule: vec2<u32>, weight: vec2<u32>, m: vec2<u32>, v: vec2<u32>,
  n: u32, lr_scale: f32, decay_scale: f32,
}
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> grad: array<f32>;
@group(0) @binding(2) var<storage, read> hyper: array<f32>;
@group(0) @binding(3) var<storage, read> schedule: array<f32>;
@group(0) @binding(4) var<storage, read_write> weight: array<f32>;
@group(0) @binding(5) var<storage, read_write> m: array<f32>;
@group(0) @binding(6) var<storage, read_write> v: array<f32>;

override LR: u32;
override WEIGHT_DECAY: u32;
override BETA1: u32;
override BETA2: u32;
override EPS: u32;
override FACTOR: u32;
override BETA1_POWER: u32;
override BETA2_POWER: u32;
override CLIP_SCALE: u32;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let h = lane_base(call.hyper, group);
  let s = lane_base(call.schedule, group);
  let beta1 = hyper[h + BETA1];
  let beta2 = hyper[h + BETA2];
  let eps = hyper[h + EPS];
  let lr = hyper[h + LR] * schedule[s + FACTOR] * call.lr_scale;
  let decay = hyper[h + WEIGHT_DECAY] * call.decay_scale;
  let fix1 = 1.0 / (1.0 - schedule[s + BETA1_POWER]);
  let fix2 = 1.0 / (1.0 - schedule[s + BETA2_POWER]);
  let clip = schedule[s + CLIP_SCALE];
  let gs = lane_base(call.grad, group);
  let ws = lane_base(call.weight, group);
  let ms = lane_base(call.m, group);
  let vs = lane_base(call.v, group);
  let first = linear_group(group, groups) * CHUNK + local;
  for (var i = first; i < min(first + CHUNK, call.n); i += THREADS) {
    let g = grad[gs + i] * clip;
    let m1 = beta1 * m[ms + i] + (1.0 - beta1) * g;
    let v1 = beta2 * v[vs + i] + (1.0 - beta2) * g * g;
    m[ms + i] = m1;
    v[vs + i] = v1;
    let p = weight[ws + i];
    weight[ws + i] = p - lr * ((m1 * fix1) / (sqrt(v1 * fix2) + eps) + decay * p);
  }
}
