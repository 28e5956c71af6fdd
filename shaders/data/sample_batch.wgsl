// B windows of T targets, uniform over bytes start .. start+bytes of the corpus (four bytes to a u32, little-endian).
struct Call {
  corpus: vec2<u32>, state: vec2<u32>, tokens: vec2<u32>, targets: vec2<u32>,
  batch: u32, start: u32, bytes: u32,
}
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> corpus: array<u32>;
@group(0) @binding(2) var<storage, read> state: array<u32>;
@group(0) @binding(3) var<storage, read_write> tokens: array<u32>;
@group(0) @binding(4) var<storage, read_write> targets: array<u32>;

// Divisors are constants: devices divide integers slowly.
override TIME: u32;

const BOS = 256u;

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
  let lane = lane_base(call.state, group);
  let n = call.batch * TIME;
  let first = linear_group(group, groups) * CHUNK + local;
  for (var i = first; i < min(first + CHUNK, n); i += THREADS) {
    let row = i / TIME;
    let word = random_words(state[lane + 1u], PURPOSE_BATCH, state[lane], row, 0u).x;
    let at = mul_hi(word, call.bytes - TIME + 1u) + i - row * TIME;
    var token = BOS;
    if (at > 0u) {
      token = byte_at(base, call.start + at - 1u);
    }
    tokens[lane_base(call.tokens, group) + i] = token;
    targets[lane_base(call.targets, group) + i] = byte_at(base, call.start + at);
  }
}
