/** Philox4x32-10 (Salmon et al. 2011) for four consecutive counters at once. */

const M0: i32 = <i32>0xd2511f53;
const M1: i32 = <i32>0xcd9e8d57;
const W0: i32 = <i32>0x9e3779b9;
const W1: i32 = <i32>0xbb67ae85;

/** High halves of the four 64-bit products of unsigned integers. */
@inline
function mulHi(a: v128, b: v128): v128 {
  return i32x4.shuffle(i64x2.extmul_low_i32x4_u(a, b), i64x2.extmul_high_i32x4_u(a, b), 1, 3, 5, 7);
}

/** Sixteen words of counters (index..index+3, step, site, 0), in order, to `dst`. */
export function philoxWords(index: i32, step: i32, site: i32, seed: i32, purpose: i32, dst: usize): void {
  const m0 = i32x4.splat(M0);
  const m1 = i32x4.splat(M1);
  let c0 = i32x4.add(i32x4.splat(index), i32x4(0, 1, 2, 3));
  let c1 = i32x4.splat(step);
  let c2 = i32x4.splat(site);
  let c3 = i32x4.splat(0);
  for (let round = 0; round < 10; round++) {
    const hi0 = mulHi(m0, c0);
    const lo0 = i32x4.mul(m0, c0);
    const hi1 = mulHi(m1, c2);
    const lo1 = i32x4.mul(m1, c2);
    c0 = v128.xor(v128.xor(hi1, c1), i32x4.splat(seed));
    c1 = lo1;
    c2 = v128.xor(v128.xor(hi0, c3), i32x4.splat(purpose));
    c3 = lo0;
    seed += W0;
    purpose += W1;
  }
  // Words of one counter lie together: transpose.
  const a = i32x4.shuffle(c0, c1, 0, 4, 1, 5);
  const b = i32x4.shuffle(c2, c3, 0, 4, 1, 5);
  const c = i32x4.shuffle(c0, c1, 2, 6, 3, 7);
  const d = i32x4.shuffle(c2, c3, 2, 6, 3, 7);
  v128.store(dst, i32x4.shuffle(a, b, 0, 1, 4, 5));
  v128.store(dst, i32x4.shuffle(a, b, 2, 3, 6, 7), 16);
  v128.store(dst, i32x4.shuffle(c, d, 0, 1, 4, 5), 32);
  v128.store(dst, i32x4.shuffle(c, d, 2, 3, 6, 7), 48);
}
