// y[c] (+)= sum over the rows of x[r, c]. One thread owns one column and adds in row order.
struct Call { x: vec2<u32>, y: vec2<u32>, rows: u32, width: u32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

override ACCUMULATE: bool = false;

@compute @workgroup_size(COLUMNS)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let c = linear_group(group, groups) * COLUMNS + local;
  if (c >= call.width) {
    return;
  }
  let xs = lane_base(call.x, group) + c;
  let ys = lane_base(call.y, group) + c;
  var sum = 0.0;
  if (ACCUMULATE) {
    sum = y[ys];
  }
  for (var r = 0u; r < call.rows; r++) {
    sum += x[xs + r * call.width];
  }
  y[ys] = sum;
}
