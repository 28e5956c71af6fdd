// p -= muonLr*factor * (scale*u + decayScale*weightDecay*p).
struct Call {
  u: vec2<u32>, hyper: vec2<u32>, schedule: vec2<u32>, weight: vec2<u32>, n: u32, scale: f32, decay_scale: f32,
}
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> u: array<f32>;
@group(0) @binding(2) var<storage, read> hyper: array<f32>;
@group(0) @binding(3) var<storage, read> schedule: array<f32>;
@group(0) @binding(4) var<storage, read_write> weight: array<f32>;

override MUON_LR: u32;
override WEIGHT_DECAY: u32;
override FACTOR: u32;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let h = lane_base(call.hyper, group);
  let lr = hyper[h + MUON_LR] * schedule[lane_base(call.schedule, group) + FACTOR];
  let decay = hyper[h + WEIGHT_DECAY] * call.decay_scale;
  let us = lane_base(call.u, group);
  let ws = lane_base(call.weight, group);
  let first = linear_group(group, groups) * CHUNK + local;
  for (var i = first; i < min(first + CHUNK, call.n); i += THREADS) {
    let p = weight[ws + i];
    weight[ws + i] = p - lr * (call.scale * u[us + i] + decay * p);
  }
}
