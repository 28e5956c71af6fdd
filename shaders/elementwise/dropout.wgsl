// y = x/(1-rate) where kept, else 0. A thread draws the four words of one counter and owns four elements.
struct Call { x: vec2<u32>, state: vec2<u32>, y: vec2<u32>, n: u32, threshold: u32, keep_scale: f32, site: u32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> state: array<u32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let xs = lane_base(call.x, group);
  let ys = lane_base(call.y, group);
  let lane = lane_base(call.state, group);
  let quads = (call.n + 3u) / 4u;
  let first = linear_group(group, groups) * (CHUNK / 4u) + local;
  for (var quad = first; quad < min(first + CHUNK / 4u, quads); quad += THREADS) {
    let words = random_words(state[lane + 1u], PURPOSE_DROPOUT, state[lane], quad, call.site);
    for (var j = 0u; j < 4u; j++) {
      let i = quad * 4u + j;
      if (i < call.n) {
        // uniform >= rate on 24-bit integers: threshold = ceil(rate * 2^24).
        let kept = (words[j] >> 8u) >= call.threshold;
        y[ys + i] = select(0.0, x[xs + i] * call.keep_scale, kept);
      }
    }
  }
}
