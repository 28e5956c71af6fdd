// dx (+)= f'(x) dy, f chosen by KIND.
struct Call { x: vec2<u32>, dy: vec2<u32>, dx: vec2<u32>, n: u32, c: f32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;

override ACCUMULATE: bool = false;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let xs = lane_base(call.x, group);
  let dys = lane_base(call.dy, group);
  let dxs = lane_base(call.dx, group);
  let first = linear_group(group, groups) * CHUNK + local;
  for (var i = first; i < min(first + CHUNK, call.n); i += THREADS) {
    var d = unary_slope(x[xs + i], call.c) * dy[dys + i];
    if (ACCUMULATE) {
      d += dx[dxs + i];
    }
    dx[dxs + i] = d;
  }
}
