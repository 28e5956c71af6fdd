// Learning-rate factor of the step about to be applied, and the running powers of the betas. One thread per lane.
// KIND: 0 flat, 1 cosine, 2 warm-up-stable-decay. Places: daemon/engine/kernels/lane.ts.
struct Call { state: vec2<u32>, hyper: vec2<u32>, schedule: vec2<u32> }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> state: array<u32>;
@group(0) @binding(2) var<storage, read> hyper: array<f32>;
@group(0) @binding(3) var<storage, read_write> schedule: array<f32>;

override KIND: u32 = 0u;
override BETA1: u32;
override BETA2: u32;
override WARMUP: u32;
override TOTAL: u32;
override MIN_FRACTION: u32;
override DECAY_FRACTION: u32;
override FACTOR: u32;
override BETA1_POWER: u32;
override BETA2_POWER: u32;

@compute @workgroup_size(1)
fn main(@builtin(workgroup_id) group: vec3<u32>) {
  let h = lane_base(call.hyper, group);
  let s = lane_base(call.schedule, group);
  let count = state[lane_base(call.state, group)];
  let step_index = f32(count);
  let warmup = hyper[h + WARMUP];
  let total = hyper[h + TOTAL];
  let low = hyper[h + MIN_FRACTION];
  var factor = 1.0;
  if (step_index < warmup) {
    factor = (step_index + 1.0) / warmup;
  } else if (KIND == 1u) {
    let progress = min(1.0, (step_index - warmup) / max(1.0, total - warmup));
    // cos(pi p) = sin(pi (1/2 - p))
    factor = low + (1.0 - low) * 0.5 * (1.0 + sin_half_f32(3.14159265 * (0.5 - progress)));
  } else if (KIND == 2u) {
    let decay_steps = max(1.0, total * hyper[h + DECAY_FRACTION]);
    factor = low + (1.0 - low) * min(1.0, max(0.0, (total - step_index) / decay_steps));
  }
  var power1 = 1.0;
  var power2 = 1.0;
  if (count > 0u) {
    power1 = schedule[s + BETA1_POWER];
    power2 = schedule[s + BETA2_POWER];
  }
  schedule[s + FACTOR] = factor;
  schedule[s + BETA1_POWER] = power1 * hyper[h + BETA1];
  schedule[s + BETA2_POWER] = power2 * hyper[h + BETA2];
}
