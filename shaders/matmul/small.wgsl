// C (+)= op(A) op(B), one thread per element: for shapes that do not fill a register tile.
struct Call { a: vec2<u32>, b: vec2<u32>, c: vec2<u32>, m: u32, n: u32, k: u32, accumulate: u32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> c: array<f32>;

// 0 NN, 1 NT, 2 TN
override VARIANT: u32 = 0u;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let at = linear_group(group, groups) * THREADS + local;
  if (at >= call.m * call.n) {
    return;
  }
  let i = at / call.n;
  let j = at % call.n;
  let a_step = select(1u, call.m, VARIANT == 2u);
  let b_step = select(call.n, 1u, VARIANT == 1u);
  var a_at = lane_base(call.a, group) + i * select(call.k, 1u, VARIANT == 2u);
  var b_at = lane_base(call.b, group) + j * select(1u, call.k, VARIANT == 1u);
  var sum = 0.0;
  for (var l = 0u; l < call.k; l++) {
    sum = fma(a[a_at], b[b_at], sum);
    a_at += a_step;
    b_at += b_step;
  }
  let c_at = lane_base(call.c, group) + at;
  if (call.accumulate != 0u) {
    sum += c[c_at];
  }
  c[c_at] = sum;
}
