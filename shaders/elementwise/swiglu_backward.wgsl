// da = silu'(a) b dy, db = silu(a) dy.
struct Call { a: vec2<u32>, b: vec2<u32>, dy: vec2<u32>, da: vec2<u32>, db: vec2<u32>, n: u32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read> dy: array<f32>;
@group(0) @binding(4) var<storage, read_write> da: array<f32>;
@group(0) @binding(5) var<storage, read_write> db: array<f32>;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let a_base = lane_base(call.a, group);
  let b_base = lane_base(call.b, group);
  let dys = lane_base(call.dy, group);
  let da_base = lane_base(call.da, group);
  let db_base = lane_base(call.db, group);
  let first = linear_group(group, groups) * CHUNK + local;
  for (var i = first; i < min(first + CHUNK, call.n); i += THREADS) {
    let x = a[a_base + i];
    let d = dy[dys + i];
    let s = sigmoid_f32(x);
    da[da_base + i] = s * (1.0 + x * (1.0 - s)) * b[b_base + i] * d;
    db[db_base + i] = x * s * d;
  }
}
