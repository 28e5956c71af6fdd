// y = x / (sqrt(sum partial) + 1e-7). Every workgroup adds the partials again: there are n/1024 of them.
struct Call { x: vec2<u32>, sums: vec2<u32>, y: vec2<u32>, n: u32, chunks: u32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> sums: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

override SPAN: u32 = 2048u;

@compute @workgroup_size(GROUP)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let at = lane_base(call.sums, group);
  var sum = 0.0;
  for (var i = local; i < call.chunks; i += GROUP) {
    sum += sums[at + i];
  }
  let scale = 1.0 / (sqrt(group_sum(sum, local)) + 1.0e-7);
  let xs = lane_base(call.x, group);
  let ys = lane_base(call.y, group);
  let start = linear_group(group, groups) * SPAN;
  for (var i = start + local; i < min(start + SPAN, call.n); i += GROUP) {
    y[ys + i] = x[xs + i] * scale;
  }
}
