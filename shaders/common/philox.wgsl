// Philox4x32-10 (Salmon et al. 2011), the same stream as daemon/engine/random/philox.ts.

fn mul_hi(a: u32, b: u32) -> u32 {
  let al = a & 0xffffu;
  let ah = a >> 16u;
  let bl = b & 0xffffu;
  let bh = b >> 16u;
  let ll = al * bl;
  let lh = al * bh;
  let hl = ah * bl;
  let mid = (ll >> 16u) + (lh & 0xffffu) + (hl & 0xffffu);
  return ah * bh + (lh >> 16u) + (hl >> 16u) + (mid >> 16u);
}

// Key (seed, purpose), counter (index, step, site, 0).
fn random_words(seed: u32, purpose: u32, step: u32, index: u32, site: u32) -> vec4<u32> {
  var c = vec4<u32>(index, step, site, 0u);
  var key = vec2<u32>(seed, purpose);
  for (var round = 0; round < 10; round++) {
    let hi0 = mul_hi(0xd2511f53u, c.x);
    let hi1 = mul_hi(0xcd9e8d57u, c.z);
    c = vec4<u32>(hi1 ^ c.y ^ key.x, 0xcd9e8d57u * c.z, hi0 ^ c.w ^ key.y, 0xd2511f53u * c.x);
    key += vec2<u32>(0x9e3779b9u, 0xbb67ae85u);
  }
  return c;
}

const PURPOSE_BATCH = 2u;
const PURPOSE_DROPOUT = 3u;
