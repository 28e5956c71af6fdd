// Turns dq and dk back in place: each thread owns whole pairs (i, i + rotary/2); n = pairs of q and k together.
struct Call {
  cos: vec2<u32>, sin: vec2<u32>, dq: vec2<u32>, dk: vec2<u32>,
  q_pairs: u32, k_pairs: u32, time: u32, heads: u32, kv_heads: u32, head_dim: u32, rotary: u32,
}
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> cosines: array<f32>;
@group(0) @binding(2) var<storage, read> sines: array<f32>;
@group(0) @binding(3) var<storage, read_write> dq: array<f32>;
@group(0) @binding(4) var<storage, read_write> dk: array<f32>;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let pairs = call.rotary / 2u;
  let first = linear_group(group, groups) * CHUNK + local;
  for (var n = first; n < min(first + CHUNK, call.q_pairs + call.k_pairs); n += THREADS) {
    let is_q = n < call.q_pairs;
    let pair = select(n - call.q_pairs, n, is_q);
    let i = pair % pairs;
    let row = pair / pairs;
    let t = (row / select(call.kv_heads, call.heads, is_q)) % call.time;
    let co = cosines[lane_base(call.cos, group) + t * pairs + i];
    let si = sines[lane_base(call.sin, group) + t * pairs + i];
    if (is_q) {
      let at = lane_base(call.dq, group) + row * call.head_dim + i;
      let a = dq[at];
      let b = dq[at + pairs];
      dq[at] = a * co + b * si;
      dq[at + pairs] = b * co - a * si;
    } else {
      let at = lane_base(call.dk, group) + row * call.head_dim + i;
      let a = dk[at];
      let b = dk[at + pairs];
      dk[at] = a * co + b * si;
      dk[at + pairs] = b * co - a * si;
    }
  }
}
