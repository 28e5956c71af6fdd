// sums[cursor] = NLL of the batch in nats, counts[cursor] = number of scored targets. One workgroup per lane.
struct Call {
  nll: vec2<u32>, targets: vec2<u32>, cursor: vec2<u32>, sums: vec2<u32>, counts: vec2<u32>, rows: u32, batches: u32,
}
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> nll: array<f32>;
@group(0) @binding(2) var<storage, read> targets: array<u32>;
@group(0) @binding(3) var<storage, read> cursor: array<u32>;
@group(0) @binding(4) var<storage, read_write> sums: array<f32>;
@group(0) @binding(5) var<storage, read_write> counts: array<f32>;

const UNSCORED = 0xffffffffu;

@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let ns = lane_base(call.nll, group);
  let ts = lane_base(call.targets, group);
  var sum = 0.0;
  var count = 0.0;
  for (var r = local; r < call.rows; r += GROUP) {
    if (targets[ts + r] != UNSCORED) {
      sum += nll[ns + r];
      count += 1.0;
    }
  }
  let total = group_sum(sum, local);
  let scored = group_sum(count, local);
  let batch = cursor[lane_base(call.cursor, group)];
  if (local == 0u && batch < call.batches) {
    sums[lane_base(call.sums, group) + batch] = total;
    counts[lane_base(call.counts, group) + batch] = scored;
  }
}
