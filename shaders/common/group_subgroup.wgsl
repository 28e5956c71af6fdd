// Sums and maxima over a workgroup that is exactly one subgroup: no barrier. Used where the device has one fixed
// subgroup size; group_workgroup.wgsl has the same functions for every other device.
enable subgroups;

override GROUP: u32 = 8u;

fn group_sum(x: f32, local: u32) -> f32 {
  return subgroupAdd(x);
}

fn group_max(x: f32, local: u32) -> f32 {
  return subgroupMax(x);
}
