// Sums and maxima over a workgroup of GROUP (a power of two) threads, as a tree in workgroup memory.

override GROUP: u32 = 64u;
var<workgroup> group_scratch: array<f32, GROUP>;

fn group_sum(x: f32, local: u32) -> f32 {
  group_scratch[local] = x;
  for (var width = GROUP / 2u; width > 0u; width /= 2u) {
    workgroupBarrier();
    if (local < width) {
      group_scratch[local] += group_scratch[local + width];
    }
  }
  let total = workgroupUniformLoad(&group_scratch[0]);
  workgroupBarrier();
  return total;
}

fn group_max(x: f32, local: u32) -> f32 {
  group_scratch[local] = x;
  for (var width = GROUP / 2u; width > 0u; width /= 2u) {
    workgroupBarrier();
    if (local < width) {
      group_scratch[local] = max(group_scratch[local], group_scratch[local + width]);
    }
  }
  let total = workgroupUniformLoad(&group_scratch[0]);
  workgroupBarrier();
  return total;
}
