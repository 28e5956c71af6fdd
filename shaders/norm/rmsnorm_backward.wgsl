// dx (+)= rstd * (gain*dy - x * rstd^2 * mean(gain*dy*x)). A workgroup of GROUP threads takes ROWS rows in turn.
struct Call {
  x: vec2<u32>, gain: vec2<u32>, rstd: vec2<u32>, dy: vec2<u32>, dx: vec2<u32>, rows: u32, width: u32,
}
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> gain: array<f32>;
@group(0) @binding(3) var<storage, read> rstd: array<f32>;
@group(0) @binding(4) var<storage, read> dy: array<f32>;
@group(0) @binding(5) var<storage, read_write> dx: array<f32>;

override ROWS: u32 = 1u;
override ACCUMULATE: bool = false;

@compute @workgroup_size(GROUP)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let gs = lane_base(call.gain, group);
  let first = linear_group(group, groups) * ROWS;
  for (var r = first; r < min(first + ROWS, call.rows); r++) {
    let xs = lane_base(call.x, group) + r * call.width;
    let dys = lane_base(call.dy, group) + r * call.width;
    let dxs = lane_base(call.dx, group) + r * call.width;
    var partial_dot = 0.0;
    for (var c = local; c < call.width; c += GROUP) {
      partial_dot = fma(gain[gs + c] * dy[dys + c], x[xs + c], partial_dot);
    }
    let row_rstd = rstd[lane_base(call.rstd, group) + r];
    let scale = group_sum(partial_dot, local) / f32(call.width) * row_rstd * row_rstd;
    for (var c = local; c < call.width; c += GROUP) {
      var d = row_rstd * (gain[gs + c] * dy[dys + c] - x[xs + c] * scale);
      if (ACCUMULATE) {
        d += dx[dxs + c];
      }
      dx[dxs + c] = d;
    }
  }
}
