// dk in rotated coordinates, and dv. A thread owns one key and adds over the query heads that share its key head
// and over the queries i >= j, in that order; a workgroup owns GROUP neighbouring keys of one (b, key head).
struct Call {
  rotated: vec2<u32>, v: vec2<u32>, gain: vec2<u32>, lse: vec2<u32>, dout: vec2<u32>, delta: vec2<u32>,
  dk: vec2<u32>, dv: vec2<u32>,
  q_n: u32, time: u32, heads: u32, kv_heads: u32, blocks: u32, count: u32, inv_sqrt_dim: f32,
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
override GROUP: u32 = 8u;

@compute @workgroup_size(GROUP)
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
  for (var c = 0u; c < HEAD_DIM; c++) {
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
    for (var i = block * GROUP; i < call.time; i++) {
      let row_at = ((b * call.time + i) * call.heads + h) * HEAD_DIM;
      let qi = base + row_at;
      let di = lane_base(call.dout, group) + row_at;
      var raw = 0.0;
      var dprob = 0.0;
      for (var c = 0u; c < HEAD_DIM; c++) {
        raw = fma(k[c], rotated[qi + c], raw);
        dprob = fma(value[c], dout[di + c], dprob);
      }
      let prob = select(0.0, exp_f32(scale * raw - lse[lse_at + i]), j <= i);
      let dlogit = prob * (dprob - delta[delta_at + i]) * scale;
      for (var c = 0u; c < HEAD_DIM; c++) {
        dv_acc[c] = fma(prob, dout[di + c], dv_acc[c]);
        dk_acc[c] = fma(dlogit, rotated[qi + c], dk_acc[c]);
      }
    }
  }
  if (j < call.time) {
    let dks = lane_base(call.dk, group) + key_at;
    let dvs = lane_base(call.dv, group) + key_at;
    for (var c = 0u; c < HEAD_DIM; c++) {
      dk[dks + c] = dk_acc[c];
      dv[dvs + c] = dv_acc[c];
    }
  }
}
