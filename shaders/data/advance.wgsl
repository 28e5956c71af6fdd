// counter[0] += 1.
struct Call { counter: vec2<u32> }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read_write> counter: array<u32>;

@compute @workgroup_size(1)
fn main(@builtin(workgroup_id) group: vec3<u32>) {
  counter[lane_base(call.counter, group)] += 1u;
}
