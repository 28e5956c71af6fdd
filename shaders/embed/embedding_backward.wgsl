// dtable[v, :] (+)= sum over the rows with token v, in row order. A workgroup owns table row v and reads all
// tokens; thread t owns columns t, t + COLUMNS, ... and adds in memory, so that the order is fixed without atomics.
struct Call { tokens: vec2<u32>, dx: vec2<u32>, dtable: vec2<u32>, rows: u32, vocab: u32, width: u32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> tokens: array<u32>;
@group(0) @binding(2) var<storage, read> dx: array<f32>;
@group(0) @binding(3) var<storage, read_write> dtable: array<f32>;

override ACCUMULATE: bool = false;
override COLUMNS: u32 = 32u;

@compute @workgroup_size(COLUMNS)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let v = linear_group(group, groups);
  if (v >= call.vocab) {
    return;
  }
  let ids = lane_base(call.tokens, group);
  let ds = lane_base(call.dx, group);
  let row = lane_base(call.dtable, group) + v * call.width;
  if (!ACCUMULATE) {
    for (var c = local; c < call.width; c += COLUMNS) {
      dtable[row + c] = 0.0;
    }
  }
  for (var r = 0u; r < call.rows; r++) {
    if (tokens[ids + r] == v) {
      for (var c = local; c < call.width; c += COLUMNS) {
        dtable[row + c] += dx[ds + r * call.width + c];
      }
    }
  }
}
