// Turns dq and dk back in place: each thread owns whole pairs (i, i + rotary/2); n = pairs of q and k together.
struct Call {
  cos: vec2<u32>, sin: vec2<u32>, dq: vec2<u32>, dk: vec2<u32>,
  q_pairs: u32, k_pairs: u32,
}
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> cosines: array<f32>;
@group(0) @binding(2) var<storage, read> sines: array<f32>;
@group(0) @binding(3) var<storage, read_write> dq: array<f32>;
@group(0) @binding(4) var<storage, read_write> dk: array<f32>;

// Divisors are constants: devices divide integers slowly.
override TIME: u32;
override HEADS: u32;
override KV_HEADS: u32;
override HEAD_DIM: u32;
override ROTARY: u32;
override PAIRS: u32 = ROTARY / 2u;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let first = linear_group(group, groups) * CHUNK + local;
  for (var n = first; n < min(first + CHUNK, call.q_pairs + call.k_pairs); n += THREADS) {
    let is_q = n < call.q_pairs;
    let pair = select(n - call.q_pairs, n, is_q);
    let i = pair % PAIRS;
    let row = pair / PAIRS;
    let t = select(row / KV_HEADS, row / HEADS, is_q) % TIME;
    let co = cosines[lane_base(call.cos, group) + t * PAIRS + i];
    let si = sines[lane_base(call.sin, group) + t * PAIRS + i];
    if (is_q) {
      let at = lane_base(call.dq, group) + row * HEAD_DIM + i;
      let a = dq[at];
      let b = dq[at + PAIRS];
      dq[at] = a * co + b * si;
      dq[at + PAIRS] = b * co - a * si;
    } else {
      let at = lane_base(call.dk, group) + row * HEAD_DIM + i;
      let a = dk[at];
      let b = dk[at + PAIRS];
      dk[at] = a * co + b * si;
      dk[at + PAIRS] = b * co - a * si;
    }
  }
}
