// y = gain * x * rstd, rstd = 1/sqrt(mean(x^2) + eps). A workgroup of GROUP threads takes ROWS rows in turn.
struct Call { x: vec2<u32>, gain: vec2<u32>, y: vec2<u32>, rstd: vec2<u32>, rows: u32, width: u32, eps: f32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> gain: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
@group(0) @binding(4) var<storage, read_write> rstd: array<f32>;

override ROWS: u32 = 1u;

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
    let ys = lane_base(call.y, group) + r * call.width;
    var squares = 0.0;
    for (var c = local; c < call.width; c += GROUP) {
      squares = fma(x[xs + c], x[xs + c], squares);
    }
    let scale = 1.0 / sqrt(group_sum(squares, local) / f32(call.width) + call.eps);
    for (var c = local; c < call.width; c += GROUP) {
      y[ys + c] = gain[gs + c] * x[xs + c] * scale;
    }
    if (local == 0u) {
      rstd[lane_base(call.rstd, group) + r] = scale;
    }
  }
}
