// Nesterov momentum on the clipped gradient: m = mu*m + g; u = g + mu*m.
struct Call { grad: vec2<u32>, hyper: vec2<u32>, schedule: vec2<u32>, m: vec2<u32>, u: vec2<u32>, n: u32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> grad: array<f32>;
@group(0) @binding(2) var<storage, read> hyper: array<f32>;
@group(0) @binding(3) var<storage, read> schedule: array<f32>;
@group(0) @binding(4) var<storage, read_write> m: array<f32>;
@group(0) @binding(5) var<storage, read_write> u: array<f32>;

override MUON_MOMENTUM: u32;
override CLIP_SCALE: u32;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let mu = hyper[lane_base(call.hyper, group) + MUON_MOMENTUM];
  let clip = schedule[lane_base(call.schedule, group) + CLIP_SCALE];
  let gs = lane_base(call.grad, group);
  let ms = lane_base(call.m, group);
  let us = lane_base(call.u, group);
  let first = linear_group(group, groups) * CHUNK + local;
  for (var i = first; i < min(first + CHUNK, call.n); i += THREADS) {
    let g = grad[gs + i] * clip;
    let m1 = mu * m[ms + i] + g;
    m[ms + i] = m1;
    u[us + i] = g + mu * m1;
  }
}
