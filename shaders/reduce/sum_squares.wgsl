// partial[i] = sum of x^2 over chunk i of 1024 elements. A workgroup of GROUP threads takes ROWS chunks in turn.
struct Call { x: vec2<u32>, sums: vec2<u32>, n: u32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> sums: array<f32>;

override ROWS: u32 = 1u;
override SQUARES_CHUNK: u32 = 1024u;

@compute @workgroup_size(GROUP)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let xs = lane_base(call.x, group);
  let chunks = (call.n + SQUARES_CHUNK - 1u) / SQUARES_CHUNK;
  let first = linear_group(group, groups) * ROWS;
  for (var chunk = first; chunk < min(first + ROWS, chunks); chunk++) {
    let start = chunk * SQUARES_CHUNK;
    var squares = 0.0;
    for (var i = start + local; i < min(start + SQUARES_CHUNK, call.n); i += GROUP) {
      squares = fma(x[xs + i], x[xs + i], squares);
    }
    let total = group_sum(squares, local);
    if (local == 0u) {
      sums[lane_base(call.sums, group) + chunk] = total;
    }
  }
}
