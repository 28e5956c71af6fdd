// backward_q.wgsl for subgroups of 8 and head dimensions that are multiples of 8 (see attention_sg8.wgsl).
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
  let h = id % call.heads;
  let b = id / call.heads;
  let kv = h * call.kv_heads / call.heads;
  let base = lane_base(call.rotated, group);
  let kv_step = call.kv_heads * HEAD_DIM;
  let kv_at = b * call.time * kv_step + kv * HEAD_DIM + local;
  let scale = gain[lane_base(call.gain, group) + h] * call.inv_sqrt_dim;

  var gain_sum = 0.0;
  for (var block = 0u; block < call.time; block += 8u) {
    let i = block + local;
    let row = min(i, call.time - 1u);
    let row_at = ((b * call.time + row) * call.heads + h) * HEAD_DIM;
    let stat = (b * call.heads + h) * call.time + row;
    let row_lse = lse[lane_base(call.lse, group) + stat];
    let row_delta = delta[lane_base(call.delta, group) + stat];
    var q: array<vec4<f32>, 2u * EIGHTHS>;
    var grad: array<vec4<f32>, 2u * EIGHTHS>;
    var acc: array<vec4<f32>, 2u * EIGHTHS>;
    var staged: array<vec4<f32>, 2u * EIGHTHS>;
    var staged_grad: array<vec4<f32>, 2u * EIGHTHS>;
    for (var g = 0u; g < call.head_dim / 4u; g++) {
      let qa = base + row_at + 4u * g;
      let da = lane_base(call.dout, group) + row_at + 4u * g;
      staged[g] = vec4<f32>(rotated[qa], rotated[qa + 1u], rotated[qa + 2u], rotated[qa + 3u]);
      staged_grad[g] = vec4<f32>(dout[da], dout[da + 1u], dout[da + 2u], dout[da + 3u]);
    }
    for (var g = 0u; g < 2u * EIGHTHS; g++) {
      q[g] = staged[g];
      grad[g] = staged_grad[g];
      acc[g] = vec4<f32>();
    }
    var k_at = base + call.q_n + kv_at;
    var v_at = lane_base(call.v, group) + kv_at;
    for (var j = 0u; j < min(call.time, block + 8u); j++) {
      var k: array<f32, EIGHTHS>;
      var raw4 = vec4<f32>();
      var dprob4 = vec4<f32>();
      for (var g = 0u; g < EIGHTHS; g++) {
        k[g] = rotated[k_at + 8u * g];
        raw4 = fma(q[2u * g], spread_low(k[g]), raw4);
        raw4 = fma(q[2u * g + 1u], spread_high(k[g]), raw4);
        let value = v[v_at + 8u * g];
        dprob4 = fma(grad[2u * g], spread_low(value), dprob4);
        dprob4 = fma(grad[2u * g + 1u], spread_high(value), dprob4);
      }
      let raw = sum4(raw4);
      let prob = select(0.0, exp_f32(scale * raw - row_lse), j <= i && i < call.time);
      let dlogit = prob * (sum4(dprob4) - row_delta);
      gain_sum = fma(dlogit * call.inv_sqrt_dim, raw, gain_sum);
      let weight = vec4<f32>(dlogit * scale);
      for (var g = 0u; g < EIGHTHS; g++) {
        acc[2u * g] = fma(weight, spread_low(k[g]), acc[2u * g]);
        acc[2u * g + 1u] = fma(weight, spread_high(k[g]), acc[2u * g + 1u]);
      }
      k_at += kv_step;
      v_at += kv_step;
    }
    for (var g = 0u; g < 2u * EIGHTHS; g++) {
      staged[g] = acc[g];
    }
    if (i < call.time) {
      for (var g = 0u; g < call.head_dim / 4u; g++) {
        let at = lane_base(call.dq, group) + row_at + 4u * g;
        dq[at] = staged[g].x;
        dq[at + 1u] = staged[g].y;
        dq[at + 2u] = staged[g].z;
        dq[at + 3u] = staged[g].w;
      }
    }
  }
  let total = subgroupAdd(gain_sum);
  if (local == 0u) {
    dgain[lane_base(call.dgain, group) + id] = total;
  }
}
