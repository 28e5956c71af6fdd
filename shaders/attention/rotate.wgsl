// Rotated copies of q and k, one behind the other: rotated = [q' (q_n elements), k' (k_n elements)].
struct Call {
  q: vec2<u32>, k: vec2<u32>, cos: vec2<u32>, sin: vec2<u32>, rotated: vec2<u32>,
  q_n: u32, k_n: u32,
}
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> q: array<f32>;
@group(0) @binding(2) var<storage, read> k: array<f32>;
@group(0) @binding(3) var<storage, read> cosines: array<f32>;
@group(0) @binding(4) var<storage, read> sines: array<f32>;
@group(0) @binding(5) var<storage, read_write> rotated: array<f32>;

// Divisors are constants: devices divide integers slowly.
override TIME: u32;
override HEADS: u32;
override KV_HEADS: u32;
override HEAD_DIM: u32;
override ROTARY: u32;

// Value of dimension c, given the value x there and `other` half a rotation away.
fn turn(x: f32, other: f32, c: u32, t: u32, group: vec3<u32>) -> f32 {
  let pairs = ROTARY / 2u;
  let i = t * pairs + select(c, c - pairs, c >= pairs);
  let co = cosines[lane_base(call.cos, group) + i];
  let si = sines[lane_base(call.sin, group) + i];
  return select(x * co - other * si, other * si + x * co, c >= pairs);
}

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let qs = lane_base(call.q, group);
  let ks = lane_base(call.k, group);
  let rs = lane_base(call.rotated, group);
  let pairs = ROTARY / 2u;
  let first = linear_group(group, groups) * CHUNK + local;
  for (var i = first; i < min(first + CHUNK, call.q_n + call.k_n); i += THREADS) {
    let is_q = i < call.q_n;
    let at = select(i - call.q_n, i, is_q);
    let c = at % HEAD_DIM;
    let t = select(at / (HEAD_DIM * KV_HEADS), at / (HEAD_DIM * HEADS), is_q) % TIME;
    let mate = select(select(at + pairs, at - pairs, c >= pairs), at, c >= ROTARY);
    var x = 0.0;
    var other = 0.0;
    if (is_q) {
      x = q[qs + at];
      other = q[qs + mate];
    } else {
      x = k[ks + at];
      other = k[ks + mate];
    }
    if (c < ROTARY) {
      x = turn(x, other, c, t, group);
    }
    rotated[rs + i] = x;
  }
}
