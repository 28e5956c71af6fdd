// dk in rotated coordinates, and dv. A thread owns one key and adds over the query heads that share its key head
// and over the queries i >= j, in that order; a workgroup owns GROUP neighbouring keys of one (b, key head) and goes
// through the queries in tiles of TILE rows.
struct Call {
  rotated: vec2<u32>, v: vec2<u32>, gain: vec2<u32>, lse: vec2<u32>, dout: vec2<u32>, delta: vec2<u32>,
  dk: vec2<u32>, dv: vec2<u32>,
  q_n: u32, time: u32, heads: u32, kv_heads: u32, blocks: u32, count: u32, inv_sqrt_dim: f32, head_dim: u32,
}
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> rotated: array<f32>;
@group(0) @binding(2) var<storage, read> v: array<f32>;
@group(0) @binding(3) var<storage, read> gain: array<f32>;
@group(0) @binding(4) var<storage, read> lse: array<f32>;
@group(0) @binding(5) var<storage, read> dout: array<f32>;
@group(0) @binding(6) var<storage, read> delta: array<f32>;
@group(0) @binding(7) var<storage, read_write> dk: array<f32>;
@group(0) @binding(8) var<storage, read_write> dv: array<f32>;

override HEAD_DIM: u32;
override TILE: u32 = 16u;
// GPU compilers keep private arrays in registers when the loops over them have constant bounds; a rasteriser's
// compiler takes many seconds for the same.
override UNROLL: bool = true;

var<workgroup> query_tile: array<f32, TILE * HEAD_DIM>;
var<workgroup> grad_tile: array<f32, TILE * HEAD_DIM>;

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
  let kv = (id / call.blocks) % call.kv_heads;
  let b = id / (call.blocks * call.kv_heads);
  let j = block * GROUP + local;
  let key_row = min(j, call.time - 1u);
  let base = lane_base(call.rotated, group);
  let key_at = ((b * call.time + key_row) * call.kv_heads + kv) * HEAD_DIM;

  var k: array<f32, HEAD_DIM>;
  var value: array<f32, HEAD_DIM>;
  var dk_acc: array<f32, HEAD_DIM>;
  var dv_acc: array<f32, HEAD_DIM>;
  for (var c = 0u; c < dim; c++) {
    k[c] = rotated[base + call.q_n + key_at + c];
    value[c] = v[lane_base(call.v, group) + key_at + c];
    dk_acc[c] = 0.0;
    dv_acc[c] = 0.0;
  }
  for (var h = 0u; h < call.heads; h++) {
    if (h * call.kv_heads / call.heads != kv) {
      continue;
    }
    let scale = gain[lane_base(call.gain, group) + h] * call.inv_sqrt_dim;
    let stats = (b * call.heads + h) * call.time;
    let lse_at = lane_base(call.lse, group) + stats;
    let delta_at = lane_base(call.delta, group) + stats;
    let step = call.heads * HEAD_DIM;
    let q_at = base + (b * call.time * call.heads + h) * HEAD_DIM;
    let d_at = lane_base(call.dout, group) + (b * call.time * call.heads + h) * HEAD_DIM;
    for (var i0 = block * GROUP; i0 < call.time; i0 += TILE) {
      for (var e = local; e < TILE * HEAD_DIM; e += GROUP) {
        let src = min(i0 + e / HEAD_DIM, call.time - 1u) * step + e % HEAD_DIM;
        query_tile[e] = rotated[q_at + src];
        grad_tile[e] = dout[d_at + src];
      }
      workgroupBarrier();
      for (var i = i0; i < min(i0 + TILE, call.time); i++) {
        let at = (i - i0) * HEAD_DIM;
        var raw = 0.0;
        var dprob = 0.0;
        for (var c = 0u; c < dim; c++) {
          raw = fma(k[c], query_tile[at + c], raw);
          dprob = fma(value[c], grad_tile[at + c], dprob);
        }
        let prob = select(0.0, exp_f32(scale * raw - lse[lse_at + i]), j <= i);
        let dlogit = prob * (dprob - delta[delta_at + i]) * scale;
        for (var c = 0u; c < dim; c++) {
          dv_acc[c] = fma(prob, grad_tile[at + c], dv_acc[c]);
          dk_acc[c] = fma(dlogit, query_tile[at + c], dk_acc[c]);
        }
      }
      workgroupBarrier();
    }
  }
  if (j < call.time) {
    let dks = lane_base(call.dk, group) + key_at;
    let dvs = lane_base(call.dv, group) + key_at;
    for (var c = 0u; c < dim; c++) {
      dk[dks + c] = dk_acc[c];
      dv[dvs + c] = dv_acc[c];
    }
  }
}
