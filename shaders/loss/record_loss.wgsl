// ring[2*(step % slots)] (+)= weight * mean(nll), the next element = gradient norm. One workgroup per lane.
struct Call {
  nll: vec2<u32>, state: vec2<u32>, schedule: vec2<u32>, ring: vec2<u32>, rows: u32, slots: u32, weight: f32,
}
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> nll: array<f32>;
@group(0) @binding(2) var<storage, read> state: array<u32>;
@group(0) @binding(3) var<storage, read> schedule: array<f32>;
@group(0) @binding(4) var<storage, read_write> ring: array<f32>;

override ACCUMULATE: bool = false;
override GRAD_NORM: u32;

@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let at = lane_base(call.nll, group);
  var sum = 0.0;
  for (var r = local; r < call.rows; r += GROUP) {
    sum += nll[at + r];
  }
  var mean = group_sum(sum, local) / f32(call.rows) * call.weight;
  if (local == 0u) {
    let slot = lane_base(call.ring, group) + 2u * (state[lane_base(call.state, group)] % call.slots);
    if (ACCUMULATE) {
      mean += ring[slot];
    }
    ring[slot] = mean;
    ring[slot + 1u] = schedule[lane_base(call.schedule, group) + GRAD_NORM];
  }
}
