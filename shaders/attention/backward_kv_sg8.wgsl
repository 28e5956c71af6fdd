// backward_kv.wgsl for subgroups of 8 and head dimensions that are multiples of 8 (see attention_sg8.wgsl).
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
  let kv = (id / call.blocks) % call.kv_heads;
  let b = id / (call.blocks * call.kv_heads);
  let j = block * 8u + local;
  let key_row = min(j, call.time - 1u);
  let base = lane_base(call.rotated, group);
  let key_at = ((b * call.time + key_row) * call.kv_heads + kv) * HEAD_DIM;

  var k: array<vec4<f32>, 2u * EIGHTHS>;
  var value: array<vec4<f32>, 2u * EIGHTHS>;
  var dk_acc: array<vec4<f32>, 2u * EIGHTHS>;
  var dv_acc: array<vec4<f32>, 2u * EIGHTHS>;
  var staged: array<vec4<f32>, 2u * EIGHTHS>;
  var staged_v: array<vec4<f32>, 2u * EIGHTHS>;
  for (var g = 0u; g < call.head_dim / 4u; g++) {
    let ka = base + call.q_n + key_at + 4u * g;
    let va = lane_base(call.v, group) + key_at + 4u * g;
    staged[g] = vec4<f32>(rotated[ka], rotated[ka + 1u], rotated[ka + 2u], rotated[ka + 3u]);
    staged_v[g] = vec4<f32>(v[va], v[va + 1u], v[va + 2u], v[va + 3u]);
  }
  for (var g = 0u; g < 2u * EIGHTHS; g++) {
    k[g] = staged[g];
    value[g] = staged_v[g];
    dk_acc[g] = vec4<f32>();
    dv_acc[g] = vec4<f32>();
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
    let first = ((b * call.time + block * 8u) * call.heads + h) * HEAD_DIM + local;
    var q_at = base + first;
    var d_at = lane_base(call.dout, group) + first;
    for (var i = block * 8u; i < call.time; i++) {
      var q: array<f32, EIGHTHS>;
      var grad: array<f32, EIGHTHS>;
      var raw4 = vec4<f32>();
      var dprob4 = vec4<f32>();
      for (var g = 0u; g < EIGHTHS; g++) {
        q[g] = rotated[q_at + 8u * g];
        grad[g] = dout[d_at + 8u * g];
        raw4 = fma(k[2u * g], spread_low(q[g]), raw4);
        raw4 = fma(k[2u * g + 1u], spread_high(q[g]), raw4);
        dprob4 = fma(value[2u * g], spread_low(grad[g]), dprob4);
        dprob4 = fma(value[2u * g + 1u], spread_high(grad[g]), dprob4);
      }
      let prob = select(0.0, exp_f32(scale * sum4(raw4) - lse[lse_at + i]), j <= i);
      let weight = vec4<f32>(prob * (sum4(dprob4) - delta[delta_at + i]) * scale);
      for (var g = 0u; g < EIGHTHS; g++) {
        dv_acc[2u * g] = fma(vec4<f32>(prob), spread_low(grad[g]), dv_acc[2u * g]);
        dv_acc[2u * g + 1u] = fma(vec4<f32>(prob), spread_high(grad[g]), dv_acc[2u * g + 1u]);
        dk_acc[2u * g] = fma(weight, spread_low(q[g]), dk_acc[2u * g]);
        dk_acc[2u * g + 1u] = fma(weight, spread_high(q[g]), dk_acc[2u * g + 1u]);
      }
      q_at += step;
      d_at += step;
    }
  }
  for (var g = 0u; g < 2u * EIGHTHS; g++) {
    staged[g] = dk_acc[g];
    staged_v[g] = dv_acc[g];
  }
  if (j < call.time) {
    for (var g = 0u; g < call.head_dim / 4u; g++) {
      let ka = lane_base(call.dk, group) + key_at + 4u * g;
      let va = lane_base(call.dv, group) + key_at + 4u * g;
      dk[ka] = staged[g].x;
      dk[ka + 1u] = staged[g].y;
      dk[ka + 2u] = staged[g].z;
      dk[ka + 3u] = staged[g].w;
      dv[va] = staged_v[g].x;
      dv[va + 1u] = staged_v[g].y;
      dv[va + 2u] = staged_v[g].z;
      dv[va + 3u] = staged_v[g].w;
    }
  }
}
