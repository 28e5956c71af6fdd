// partial[i, c] = sum over the rows of chunk i of dy*x*rstd. One thread owns one (i, c) and adds in row order.
struct Call { x: vec2<u32>, rstd: vec2<u32>, dy: vec2<u32>, sums: vec2<u32>, rows: u32, width: u32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> rstd: array<f32>;
@group(0) @binding(3) var<storage, read> dy: array<f32>;
@group(0) @binding(4) var<storage, read_write> sums: array<f32>;

override CHUNK_ROWS: u32 = 32u;

@compute @workgroup_size(COLUMNS)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let id = linear_group(group, groups);
  let stripes = (call.width + COLUMNS - 1u) / COLUMNS;
  let chunk = id / stripes;
  let c = (id % stripes) * COLUMNS + local;
  let first = chunk * CHUNK_ROWS;
  if (first >= call.rows || c >= call.width) {
    return;
  }
  let xs = lane_base(call.x, group);
  let rs = lane_base(call.rstd, group);
  let dys = lane_base(call.dy, group);
  var sum = 0.0;
  for (var r = first; r < min(first + CHUNK_ROWS, call.rows); r++) {
    let at = r * call.width + c;
    sum = fma(dy[dys + at] * x[xs + at], rstd[rs + r], sum);
  }
  sums[lane_base(call.sums, group) + chunk * call.width + c] = sum;
}
