// attention.wgsl for subgroups of 8 and head dimensions that are multiples of 8: keys and values are loaded eight
// elements at a time and broadcast (broadcast8.wgsl). A workgroup is one subgroup of eight neighbouring queries.
struct Call {
  rotated: vec2<u32>, v: vec2<u32>, gain: vec2<u32>, out: vec2<u32>, lse: vec2<u32>,
  q_n: u32, time: u32, heads: u32, kv_heads: u32, blocks: u32, count: u32, inv_sqrt_dim: f32, head_dim: u32,
}
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> rotated: array<f32>;
@group(0) @binding(2) var<storage, read> v: array<f32>;
@group(0) @binding(3) var<storage, read> gain: array<f32>;
@group(0) @binding(4) var<storage, read_write> out: array<f32>;
@group(0) @binding(5) var<storage, read_write> lse: array<f32>;

override HEAD_DIM: u32;
const EIGHTHS = HEAD_DIM / 8u;

@compute @workgroup_size(8)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let id = linear_group(group, groups);
  if (id >= call.count) {
    return;
  }
  let block = id % call.blocks;
  let h = (id / call.blocks) % call.heads;
  let b = id / (call.blocks * call.heads);
  let kv = h * call.kv_heads / call.heads;
  let i = block * 8u + local;
  let row = min(i, call.time - 1u);
  let base = lane_base(call.rotated, group);
  let q_at = base + ((b * call.time + row) * call.heads + h) * HEAD_DIM;
  let kv_step = call.kv_heads * HEAD_DIM;
  let kv_at = b * call.time * kv_step + kv * HEAD_DIM + local;
  let scale = gain[lane_base(call.gain, group) + h] * call.inv_sqrt_dim;

  var q: array<vec4<f32>, 2u * EIGHTHS>;
  var acc: array<vec4<f32>, 2u * EIGHTHS>;
  var staged: array<vec4<f32>, 2u * EIGHTHS>;
  for (var g = 0u; g < call.head_dim / 4u; g++) {
    let at = q_at + 4u * g;
    staged[g] = scale * vec4<f32>(rotated[at], rotated[at + 1u], rotated[at + 2u], rotated[at + 3u]);
  }
  for (var g = 0u; g < 2u * EIGHTHS; g++) {
    q[g] = staged[g];
    acc[g] = vec4<f32>();
  }
  var largest = -3.0e38;
  var sum = 0.0;
  var k_at = base + call.q_n + kv_at;
  var v_at = lane_base(call.v, group) + kv_at;
  for (var j = 0u; j < min(call.time, block * 8u + 8u); j++) {
    var products = vec4<f32>();
    for (var g = 0u; g < EIGHTHS; g++) {
      let k = rotated[k_at + 8u * g];
      products = fma(q[2u * g], spread_low(k), products);
      products = fma(q[2u * g + 1u], spread_high(k), products);
    }
    let logit = sum4(products);
    let seen = j <= row;
    let next = select(largest, max(largest, logit), seen);
    let shrink = exp_f32(largest - next);
    let p = select(0.0, exp_f32(logit - next), seen);
    largest = next;
    sum = fma(sum, shrink, p);
    for (var g = 0u; g < EIGHTHS; g++) {
      let value = v[v_at + 8u * g];
      acc[2u * g] = fma(vec4<f32>(p), spread_low(value), acc[2u * g] * shrink);
      acc[2u * g + 1u] = fma(vec4<f32>(p), spread_high(value), acc[2u * g + 1u] * shrink);
    }
    k_at += kv_step;
    v_at += kv_step;
  }
  for (var g = 0u; g < 2u * EIGHTHS; g++) {
    staged[g] = acc[g];
  }
  if (i < call.time) {
    let out_at = lane_base(call.out, group) + ((b * call.time + i) * call.heads + h) * HEAD_DIM;
    for (var g = 0u; g < call.head_dim / 4u; g++) {
      let value = staged[g] / sum;
      let at = out_at + 4u * g;
      out[at] = value.x;
      out[at + 1u] = value.y;
      out[at + 2u] = value.z;
      out[at + 3u] = value.w;
    }
    lse[lane_base(call.lse, group) + (b * call.heads + h) * call.time + i] = largest + log_f32(sum);
  }
}
