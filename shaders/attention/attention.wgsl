// Causal attention on rotated q and k (rotate.wgsl), softmax in one pass (running maximum, as in Dao et al. 2022).
// A thread owns one query; a workgroup owns GROUP neighbouring queries of one (b, h) and goes through the keys in
// tiles of TILE rows in workgroup memory. HEAD_DIM is replaced by a constant before compilation: it sizes
// private arrays.
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
override TILE: u32 = 16u;
// GPU compilers keep private arrays in registers when the loops over them have constant bounds; a rasteriser's
// compiler takes many seconds for the same.
override UNROLL: bool = true;

var<workgroup> key_tile: array<f32, TILE * HEAD_DIM>;
var<workgroup> value_tile: array<f32, TILE * HEAD_DIM>;

@compute @workgroup_size(GROUP)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let dim = select(call.head_dim, HEAD_DIM, UNROLL);
  let id = linear_group(group, groups);
  if (id >= call.count) {
    return;
  }
  let block = id % call.blocks;
  let h = (id / call.blocks) % call.heads;
  let b = id / (call.blocks * call.heads);
  let kv = h * call.kv_heads / call.heads;
  let i = block * GROUP + local;
  let row = min(i, call.time - 1u);
  let base = lane_base(call.rotated, group);
  let q_at = base + ((b * call.time + row) * call.heads + h) * HEAD_DIM;
  let kv_step = call.kv_heads * HEAD_DIM;
  let kv_at = b * call.time * kv_step + kv * HEAD_DIM;
  let k_at = base + call.q_n + kv_at;
  let v_at = lane_base(call.v, group) + kv_at;
  let scale = gain[lane_base(call.gain, group) + h] * call.inv_sqrt_dim;

  var q: array<f32, HEAD_DIM>;
  var acc: array<f32, HEAD_DIM>;
  for (var c = 0u; c < dim; c++) {
    q[c] = rotated[q_at + c] * scale;
    acc[c] = 0.0;
  }
  var largest = -3.0e38;
  var sum = 0.0;
  let end = min(call.time, (block + 1u) * GROUP);
  for (var j0 = 0u; j0 < end; j0 += TILE) {
    for (var e = local; e < TILE * HEAD_DIM; e += GROUP) {
      let src = min(j0 + e / HEAD_DIM, call.time - 1u) * kv_step + e % HEAD_DIM;
      key_tile[e] = rotated[k_at + src];
      value_tile[e] = v[v_at + src];
    }
    workgroupBarrier();
    for (var j = j0; j < min(j0 + TILE, end); j++) {
      let at = (j - j0) * HEAD_DIM;
      var logit = 0.0;
      for (var c = 0u; c < dim; c++) {
        logit = fma(q[c], key_tile[at + c], logit);
      }
      let seen = j <= row;
      let next = select(largest, max(largest, logit), seen);
      let shrink = exp_f32(largest - next);
      let p = select(0.0, exp_f32(logit - next), seen);
      largest = next;
      sum = fma(sum, shrink, p);
      for (var c = 0u; c < dim; c++) {
        acc[c] = fma(p, value_tile[at + c], acc[c] * shrink);
      }
    }
    workgroupBarrier();
  }
  if (i < call.time) {
    let out_at = lane_base(call.out, group) + ((b * call.time + i) * call.heads + h) * HEAD_DIM;
    for (var c = 0u; c < dim; c++) {
      out[out_at + c] = acc[c] / sum;
    }
    lse[lane_base(call.lse, group) + (b * call.heads + h) * call.time + i] = largest + log_f32(sum);
  }
}
