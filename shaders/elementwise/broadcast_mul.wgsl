// y (+)= x * g, g repeated over the rows: x, y [rows, width], n = rows*width.
struct Call { x: vec2<u32>, g: vec2<u32>, y: vec2<u32>, n: u32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> g: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

// Divisors are constants: devices divide integers slowly.
override WIDTH: u32;
override ACCUMULATE: bool = false;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let xs = lane_base(call.x, group);
  let gs = lane_base(call.g, group);
  let ys = lane_base(call.y, group);
  let first = linear_group(group, groups) * CHUNK + local;
  for (var i = first; i < min(first + CHUNK, call.n); i += THREADS) {
    var v = x[xs + i] * g[gs + i % WIDTH];
    if (ACCUMULATE) {
      v += y[ys + i];
    }
    y[ys + i] = v;
  }
}
