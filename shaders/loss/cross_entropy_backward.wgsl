// dlogits = scale * (softmax(logits) - onehot(target)), 0 on rows without a target; n = rows*vocab.
struct Call {
  logits: vec2<u32>, targets: vec2<u32>, lse: vec2<u32>, dlogits: vec2<u32>, n: u32, scale: f32,
}
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> logits: array<f32>;
@group(0) @binding(2) var<storage, read> targets: array<u32>;
@group(0) @binding(3) var<storage, read> lse: array<f32>;
@group(0) @binding(4) var<storage, read_write> dlogits: array<f32>;

// Divisors are constants: devices divide integers slowly.
override VOCAB: u32;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let xs = lane_base(call.logits, group);
  let ts = lane_base(call.targets, group);
  let ls = lane_base(call.lse, group);
  let ds = lane_base(call.dlogits, group);
  let first = linear_group(group, groups) * CHUNK + local;
  for (var i = first; i < min(first + CHUNK, call.n); i += THREADS) {
    let r = i / VOCAB;
    let target_id = targets[ts + r];
    let hit = select(0.0, 1.0, i - r * VOCAB == target_id);
    let d = call.scale * (exp_f32(logits[xs + i] - lse[ls + r]) - hit);
    dlogits[ds + i] = select(0.0, d, target_id < VOCAB);
  }
}
