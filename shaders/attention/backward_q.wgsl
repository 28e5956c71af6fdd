// dq in rotated coordinates, and dgain[b, h]. A workgroup owns one (b, h) and walks over its blocks of GROUP
// queries, a query to a thread, so that dgain needs one reduction and no second kernel. Tiles as in attention.wgsl.
struct Call {
  rotated: vec2<u32>, v: vec2<u32>, gain: vec2<u32>, lse: vec2<u32>, dout: vec2<u32>, delta: vec2<u32>,
  dq: vec2<u32>, dgain: vec2<u32>,
  q_n: u32, time: u32, heads: u32, kv_heads: u32, count: u32, inv_sqrt_dim: f32, head_dim: u32,
}
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> rotated: array<f32>;
@group(0) @binding(2) var<storage, read> v: array<f32>;
@group(0) @binding(3) var<storage, read> gain: array<f32>;
@group(0) @binding(4) var<storage, read> lse: array<f32>;
@group(0) @binding(5) var<storage, read> dout: array<f32>;
@group(0) @binding(6) var<storage, read> delta: array<f32>;
@group(0) @binding(7) var<storage, read_write> dq: array<f32>;
@group(0) @binding(8) var<storage, read_write> dgain: array<f32>;

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
  let h = id % call.heads;
  let b = id / call.heads;
  let kv = h * call.kv_heads / call.heads;
  let base = lane_base(call.rotated, group);
  let kv_step = call.kv_heads * HEAD_DIM;
  let kv_at = b * call.time * kv_step + kv * HEAD_DIM;
  let k_at = base + call.q_n + kv_at;
  let v_at = lane_base(call.v, group) + kv_at;
  let head_gain = gain[lane_base(call.gain, group) + h];
  let scale = head_gain * call.inv_sqrt_dim;

  var gain_sum = 0.0;
  for (var block = 0u; block < call.time; block += GROUP) {
    let i = block + local;
    let row = min(i, call.time - 1u);
    let row_at = ((b * call.time + row) * call.heads + h) * HEAD_DIM;
    let stat = (b * call.heads + h) * call.time + row;
    let row_lse = lse[lane_base(call.lse, group) + stat];
    let row_delta = delta[lane_base(call.delta, group) + stat];
    var q: array<f32, HEAD_DIM>;
    var grad: array<f32, HEAD_DIM>;
    var acc: array<f32, HEAD_DIM>;
    for (var c = 0u; c < dim; c++) {
      q[c] = rotated[base + row_at + c];
      grad[c] = dout[lane_base(call.dout, group) + row_at + c];
      acc[c] = 0.0;
    }
    let end = min(call.time, block + GROUP);
    for (var j0 = 0u; j0 < end; j0 += TILE) {
      for (var e = local; e < TILE * HEAD_DIM; e += GROUP) {
        let src = min(j0 + e / HEAD_DIM, call.time - 1u) * kv_step + e % HEAD_DIM;
        key_tile[e] = rotated[k_at + src];
        value_tile[e] = v[v_at + src];
      }
      workgroupBarrier();
      for (var j = j0; j < min(j0 + TILE, end); j++) {
        let at = (j - j0) * HEAD_DIM;
        var raw = 0.0;
        var dprob = 0.0;
        for (var c = 0u; c < dim; c++) {
          raw = fma(q[c], key_tile[at + c], raw);
          dprob = fma(grad[c], value_tile[at + c], dprob);
        }
        let prob = select(0.0, exp_f32(scale * raw - row_lse), j <= i && i < call.time);
        let dlogit = prob * (dprob - row_delta);
        gain_sum = fma(dlogit * call.inv_sqrt_dim, raw, gain_sum);
        for (var c = 0u; c < dim; c++) {
          acc[c] = fma(dlogit * scale, key_tile[at + c], acc[c]);
        }
      }
      workgroupBarrier();
    }
    if (i < call.time) {
      for (var c = 0u; c < dim; c++) {
        dq[lane_base(call.dq, group) + row_at + c] = acc[c];
      }
    }
  }
  let total = group_sum(gain_sum, local);
  if (local == 0u) {
    dgain[lane_base(call.dgain, group) + id] = total;
  }
}
