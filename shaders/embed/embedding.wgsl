// x[r, :] = table[token_r, :], the zero vector for an id >= vocab; n = rows*width.
struct Call { tokens: vec2<u32>, table: vec2<u32>, x: vec2<u32>, n: u32, vocab: u32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> tokens: array<u32>;
@group(0) @binding(2) var<storage, read> table: array<f32>;
@group(0) @binding(3) var<storage, read_write> x: array<f32>;

// Divisors are constants: devices divide integers slowly.
override WIDTH: u32;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let ids = lane_base(call.tokens, group);
  let ts = lane_base(call.table, group);
  let xs = lane_base(call.x, group);
  let first = linear_group(group, groups) * CHUNK + local;
  for (var i = first; i < min(first + CHUNK, call.n); i += THREADS) {
    let r = i / WIDTH;
    let id = tokens[ids + r];
    var v = 0.0;
    if (id < call.vocab) {
      v = table[ts + id * WIDTH + (i - r * WIDTH)];
    }
    x[xs + i] = v;
  }
}
