// nll_r = lse_r - logits[r, target_r], 0 without a target. A workgroup of GROUP threads takes ROWS rows in turn.
struct Call { logits: vec2<u32>, targets: vec2<u32>, nll: vec2<u32>, lse: vec2<u32>, rows: u32, vocab: u32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> logits: array<f32>;
@group(0) @binding(2) var<storage, read> targets: array<u32>;
@group(0) @binding(3) var<storage, read_write> nll: array<f32>;
@group(0) @binding(4) var<storage, read_write> lse: array<f32>;

override ROWS: u32 = 1u;

@compute @workgroup_size(GROUP)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let first = linear_group(group, groups) * ROWS;
  for (var r = first; r < min(first + ROWS, call.rows); r++) {
    let at = lane_base(call.logits, group) + r * call.vocab;
    var largest = -3.0e38;
    for (var c = local; c < call.vocab; c += GROUP) {
      largest = max(largest, logits[at + c]);
    }
    let row_max = group_max(largest, local);
    var sum = 0.0;
    for (var c = local; c < call.vocab; c += GROUP) {
      sum += exp_f32(logits[at + c] - row_max);
    }
    let row_lse = row_max + log_f32(group_sum(sum, local));
    if (local == 0u) {
      let target_id = targets[lane_base(call.targets, group) + r];
      var loss = 0.0;
      if (target_id < call.vocab) {
        loss = row_lse - logits[at + target_id];
      }
      lse[lane_base(call.lse, group) + r] = row_lse;
      nll[lane_base(call.nll, group) + r] = loss;
    }
  }
}
