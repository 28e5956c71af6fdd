// schedule.gradNorm = sqrt(sum partial); schedule.clipScale = min(1, clipNorm/gradNorm), 1 when clipNorm is 0.
// One workgroup per lane. Places: LaneHyper and LaneSchedule in daemon/engine/kernels/lane.ts.
struct Call { sums: vec2<u32>, hyper: vec2<u32>, schedule: vec2<u32>, chunks: u32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> sums: array<f32>;
@group(0) @binding(2) var<storage, read> hyper: array<f32>;
@group(0) @binding(3) var<storage, read_write> schedule: array<f32>;

override CLIP_NORM: u32;
override CLIP_SCALE: u32;
override GRAD_NORM: u32;

@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let at = lane_base(call.sums, group);
  var sum = 0.0;
  for (var i = local; i < call.chunks; i += GROUP) {
    sum += sums[at + i];
  }
  let norm = sqrt(group_sum(sum, local));
  if (local == 0u) {
    let limit = hyper[lane_base(call.hyper, group) + CLIP_NORM];
    let s = lane_base(call.schedule, group);
    schedule[s + GRAD_NORM] = norm;
    var scale = 1.0;
    if (limit > 0.0 && norm > limit) {
      scale = limit / norm;
    }
    schedule[s + CLIP_SCALE] = scale;
  }
}
