// Eight consecutive values loaded by the eight threads of a subgroup, given to all of them. A CPU rasteriser pays
// for every load as for eight separate ones, wherever they point, and next to nothing for a broadcast.
// A shuffle from a constant lane is that broadcast without the range check that Dawn adds to subgroupBroadcast.
enable subgroups;

// The shaders that include this move rows between memory and private arrays through a second array in a loop of
// unknown length: an unrolled load or store costs a rasteriser's compiler as much as the whole inner loop.
fn spread_low(x: f32) -> vec4<f32> {
  return vec4<f32>(
    subgroupShuffle(x, 0u), subgroupShuffle(x, 1u), subgroupShuffle(x, 2u), subgroupShuffle(x, 3u),
  );
}

fn spread_high(x: f32) -> vec4<f32> {
  return vec4<f32>(
    subgroupShuffle(x, 4u), subgroupShuffle(x, 5u), subgroupShuffle(x, 6u), subgroupShuffle(x, 7u),
  );
}

fn sum4(x: vec4<f32>) -> f32 {
  return (x.x + x.y) + (x.z + x.w);
}
