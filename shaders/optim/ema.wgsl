// average = d*average + (1-d)*weight with d = min(emaDecay, (1+step)/(10+step)).
struct Call { weight: vec2<u32>, state: vec2<u32>, hyper: vec2<u32>, average: vec2<u32>, n: u32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> weight: array<f32>;
@group(0) @binding(2) var<storage, read> state: array<u32>;
@group(0) @binding(3) var<storage, read> hyper: array<f32>;
@group(0) @binding(4) var<storage, read_write> average: array<f32>;

override EMA_DECAY: u32;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let done = f32(state[lane_base(call.state, group)]);
  let decay = min(hyper[lane_base(call.hyper, group) + EMA_DECAY], (1.0 + done) / (10.0 + done));
  let ws = lane_base(call.weight, group);
  let avg = lane_base(call.average, group);
  let first = linear_group(group, groups) * CHUNK + local;
  for (var i = first; i < min(first + CHUNK, call.n); i += THREADS) {
    average[avg + i] = decay * average[avg + i] + (1.0 - decay) * weight[ws + i];
  }
}
