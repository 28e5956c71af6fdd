/**
 * The register-tile microkernel and the packing around it (Goto & van de Geijn 2008).
 *
 * Packed A: panels of 4 rows, [panel][k][4]. Packed B: panels of 8 columns, [panel][k][8]. A packed operand
 * comes either from rows that are contiguous along k (`packRows*`: transposes 4x4 blocks) or from a matrix
 * that is contiguous across k (`packCols*`: plain copies). Panels at an edge are filled with copies of the last
 * row or with zeros; what they produce is thrown away by the caller. k-contiguous, so no power-of-two strides.
 */
import { fma, load4, zero4 } from "./simd";

export const MR: i32 = 4;
export const NR: i32 = 8;

/** C[4][8] (+)= A[k][4]^T B[k][8]. ldb, ldc in bytes; `add` keeps what C holds. */
export function micro(k: i32, a: usize, b: usize, ldb: usize, c: usize, ldc: usize, add: i32): void {
  let c00 = zero4();
  let c01 = zero4();
  let c10 = zero4();
  let c11 = zero4();
  let c20 = zero4();
  let c21 = zero4();
  let c30 = zero4();
  let c31 = zero4();
  const pairsEnd = a + (<usize>(k & ~1) << 4);
  while (a < pairsEnd) {
    let b0 = v128.load(b);
    let b1 = v128.load(b, 16);
    b += ldb;
    let x = v128.load_splat<f32>(a);
    c00 = fma(x, b0, c00);
    c01 = fma(x, b1, c01);
    x = v128.load_splat<f32>(a, 4);
    c10 = fma(x, b0, c10);
    c11 = fma(x, b1, c11);
    x = v128.load_splat<f32>(a, 8);
    c20 = fma(x, b0, c20);
    c21 = fma(x, b1, c21);
    x = v128.load_splat<f32>(a, 12);
    c30 = fma(x, b0, c30);
    c31 = fma(x, b1, c31);
    b0 = v128.load(b);
    b1 = v128.load(b, 16);
    b += ldb;
    x = v128.load_splat<f32>(a, 16);
    c00 = fma(x, b0, c00);
    c01 = fma(x, b1, c01);
    x = v128.load_splat<f32>(a, 20);
    c10 = fma(x, b0, c10);
    c11 = fma(x, b1, c11);
    x = v128.load_splat<f32>(a, 24);
    c20 = fma(x, b0, c20);
    c21 = fma(x, b1, c21);
    x = v128.load_splat<f32>(a, 28);
    c30 = fma(x, b0, c30);
    c31 = fma(x, b1, c31);
    a += 32;
  }
  if (k & 1) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let x = v128.load_splat<f32>(a);
    c00 = fma(x, b0, c00);
    c01 = fma(x, b1, c01);
    x = v128.load_splat<f32>(a, 4);
    c10 = fma(x, b0, c10);
    c11 = fma(x, b1, c11);
    x = v128.load_splat<f32>(a, 8);
    c20 = fma(x, b0, c20);
    c21 = fma(x, b1, c21);
    x = v128.load_splat<f32>(a, 12);
    c30 = fma(x, b0, c30);
    c31 = fma(x, b1, c31);
  }
  if (add) {
    put(c, f32x4.add(v128.load(c), c00), f32x4.add(v128.load(c, 16), c01));
    c += ldc;
    put(c, f32x4.add(v128.load(c), c10), f32x4.add(v128.load(c, 16), c11));
    c += ldc;
    put(c, f32x4.add(v128.load(c), c20), f32x4.add(v128.load(c, 16), c21));
    c += ldc;
    put(c, f32x4.add(v128.load(c), c30), f32x4.add(v128.load(c, 16), c31));
  } else {
    put(c, c00, c01);
    put(c + ldc, c10, c11);
    put(c + 2 * ldc, c20, c21);
    put(c + 3 * ldc, c30, c31);
  }
}

@inline
function put(c: usize, left: v128, right: v128): void {
  v128.store(c, left);
  v128.store(c, right, 16);
}

/** Transposes the 4x4 block at (r0..r3) into four vectors `step` bytes apart. */
@inline
export function transpose4(x0: v128, x1: v128, x2: v128, x3: v128, dst: usize, step: usize): void {
  const a = i32x4.shuffle(x0, x1, 0, 4, 1, 5);
  const b = i32x4.shuffle(x2, x3, 0, 4, 1, 5);
  const c = i32x4.shuffle(x0, x1, 2, 6, 3, 7);
  const d = i32x4.shuffle(x2, x3, 2, 6, 3, 7);
  v128.store(dst, i32x4.shuffle(a, b, 0, 1, 4, 5));
  v128.store(dst + step, i32x4.shuffle(a, b, 2, 3, 6, 7));
  v128.store(dst + 2 * step, i32x4.shuffle(c, d, 0, 1, 4, 5));
  v128.store(dst + 3 * step, i32x4.shuffle(c, d, 2, 3, 6, 7));
}

/** Four rows (the last valid one repeated) of k floats to dst[k][step/4], columns 0..3. */
export function packQuad(src: usize, ld: usize, rows: i32, k: i32, dst: usize, step: usize): void {
  let r0 = src;
  let r1 = rows > 1 ? src + ld : src;
  let r2 = rows > 2 ? r1 + ld : r1;
  let r3 = rows > 3 ? r2 + ld : r2;
  let left = k;
  for (; left >= 4; left -= 4) {
    transpose4(v128.load(r0), v128.load(r1), v128.load(r2), v128.load(r3), dst, step);
    r0 += 16;
    r1 += 16;
    r2 += 16;
    r3 += 16;
    dst += 4 * step;
  }
  for (; left > 0; left--) {
    store<f32>(dst, load<f32>(r0));
    store<f32>(dst, load<f32>(r1), 4);
    store<f32>(dst, load<f32>(r2), 8);
    store<f32>(dst, load<f32>(r3), 12);
    r0 += 4;
    r1 += 4;
    r2 += 4;
    r3 += 4;
    dst += step;
  }
}

/** Packed A from `rows` rows contiguous along k. */
export function packRows4(src: usize, ld: usize, rows: i32, k: i32, dst: usize): void {
  for (let i = 0; i < rows; i += 4) {
    packQuad(src + <usize>i * ld, ld, rows - i, k, dst, 16);
    dst += <usize>k << 4;
  }
}

/** Packed B from `cols` rows contiguous along k (B transposed). */
export function packRows8(src: usize, ld: usize, cols: i32, k: i32, dst: usize): void {
  for (let j = 0; j < cols; j += 8) {
    const quad = src + <usize>j * ld;
    packQuad(quad, ld, cols - j, k, dst, 32);
    // Columns past the edge repeat the first ones: finite whenever the data are.
    const second = cols - j > 4;
    packQuad(second ? quad + 4 * ld : quad, ld, second ? cols - j - 4 : cols - j, k, dst + 16, 32);
    dst += <usize>k << 5;
  }
}

/**
 * Packed A from k rows of `rows` contiguous floats (A transposed). Sixteen at a time: a cache line of a row is
 * read once, although rows a power of two apart compete for the same few sets of the cache.
 */
export function packCols4(src: usize, ld: usize, rows: i32, k: i32, dst: usize): void {
  const panel = <usize>k << 4;
  let i = 0;
  for (; i + 16 <= rows; i += 16) {
    let p = src + (<usize>i << 2);
    const end = dst + panel;
    for (; dst < end; dst += 16) {
      const second = dst + panel;
      v128.store(dst, v128.load(p));
      v128.store(second, v128.load(p, 16));
      v128.store(second + panel, v128.load(p, 32));
      v128.store(second + 2 * panel, v128.load(p, 48));
      p += ld;
    }
    dst += 3 * panel;
  }
  for (; i < rows; i += 4) {
    const left = rows - i;
    let p = src + (<usize>i << 2);
    const end = dst + panel;
    for (; dst < end; dst += 16) {
      v128.store(dst, load4(p, left));
      p += ld;
    }
  }
}

/** Packed B from k rows of `cols` contiguous floats, sixteen at a time. */
export function packCols8(src: usize, ld: usize, cols: i32, k: i32, dst: usize): void {
  const panel = <usize>k << 5;
  let j = 0;
  for (; j + 16 <= cols; j += 16) {
    let p = src + (<usize>j << 2);
    const end = dst + panel;
    for (; dst < end; dst += 32) {
      const second = dst + panel;
      v128.store(dst, v128.load(p));
      v128.store(dst, v128.load(p, 16), 16);
      v128.store(second, v128.load(p, 32));
      v128.store(second, v128.load(p, 48), 16);
      p += ld;
    }
    dst += panel;
  }
  for (; j < cols; j += 8) {
    const left = cols - j;
    let p = src + (<usize>j << 2);
    const end = dst + panel;
    for (; dst < end; dst += 32) {
      v128.store(dst, load4(p, left));
      v128.store(dst, left > 4 ? load4(p + 16, left - 4) : zero4(), 16);
      p += ld;
    }
  }
}
