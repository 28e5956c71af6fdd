// delta[b, h, t] = dout . out over the head's dimensions. One thread per (b, h, t).
struct Call {
  out: vec2<u32>, dout: vec2<u32>, delta: vec2<u32>, n: u32,
}
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> out: array<f32>;
@group(0) @binding(2) var<storage, read> dout: array<f32>;
@group(0) @binding(3) var<storage, read_write> delta: array<f32>;

// Divisors are constants: devices divide integers slowly.
override TIME: u32;
override HEADS: u32;
override HEAD_DIM: u32;

@compute @workgroup_size(COLUMNS)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let i = linear_group(group, groups) * COLUMNS + local;
  if (i >= call.n) {
    return;
  }
  let t = i % TIME;
  let h = (i / TIME) % HEADS;
  let b = i / (TIME * HEADS);
  let at = ((b * TIME + t) * HEADS + h) * HEAD_DIM;
  let os = lane_base(call.out, group) + at;
  let ds = lane_base(call.dout, group) + at;
  var sum = 0.0;
  for (var c = 0u; c < HEAD_DIM; c++) {
    sum = fma(dout[ds + c], out[os + c], sum);
  }
  delta[lane_base(call.delta, group) + i] = sum;
}
