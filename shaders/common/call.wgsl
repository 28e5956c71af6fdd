// Addressing shared by all kernels. A view is (offset of lane 0, lane stride) in elements; the lane is the
// workgroup's z. Shared buffers have stride 0.

fn lane_base(view: vec2<u32>, group: vec3<u32>) -> u32 {
  return view.x + group.z * view.y;
}

// Workgroups of one lane in a row: x runs first, y carries what does not fit into 65535.
fn linear_group(group: vec3<u32>, groups: vec3<u32>) -> u32 {
  return group.y * groups.x + group.x;
}
