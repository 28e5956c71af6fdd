// Windows [cursor*B, cursor*B + B) of an evaluation pass: window w scores targets [w*S, (w+1)*S) of the split.
struct Call {
  corpus: vec2<u32>, cursor: vec2<u32>, tokens: vec2<u32>, targets: vec2<u32>,
  batch: u32, stride: u32, start: u32, bytes: u32,
}
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> corpus: array<u32>;
@group(0) @binding(2) var<storage, read> cursor: array<u32>;
@group(0) @binding(3) var<storage, read_write> tokens: array<u32>;
@group(0) @binding(4) var<storage, read_write> targets: array<u32>;

// Divisors are constants: devices divide integers slowly.
override TIME: u32;

const BOS = 256u;
const UNSCORED = 0xffffffffu;

fn byte_at(base: u32, i: u32) -> u32 {
  return (corpus[base + i / 4u] >> ((i & 3u) * 8u)) & 255u;
}

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let base = lane_base(call.corpus, group);
  let batch_index = cursor[lane_base(call.cursor, group)];
  let n = call.batch * TIME;
  let start_index = linear_group(group, groups) * CHUNK + local;
  for (var i = start_index; i < min(start_index + CHUNK, n); i += THREADS) {
    let row = i / TIME;
    let first = (batch_index * call.batch + row) * call.stride;
    let end = min(first + call.stride, call.bytes);
    var origin = 0u;
    if (first + call.stride > TIME) {
      origin = first + call.stride - TIME;
    }
    let at = origin + i - row * TIME;
    var token = BOS;
    if (at > 0u && at <= call.bytes) {
      token = byte_at(base, call.start + at - 1u);
    }
    var target_id = UNSCORED;
    if (at >= first && at < end) {
      target_id = byte_at(base, call.start + at);
    }
    tokens[lane_base(call.tokens, group) + i] = token;
    targets[lane_base(call.targets, group) + i] = target_id;
  }
}
