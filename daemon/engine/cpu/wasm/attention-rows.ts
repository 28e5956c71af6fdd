/**
 * Rows of one head as a dense matrix in scratch: [time8][dim8] with zeros in the padding (time8, dim8: rounded
 * up to 8), so that no product of the attention kernels has an edge. Rotary positions are applied on the way.
 */
import { at } from "./args";
import { transpose4 } from "./gemm";
import { fma, load4, store4, zero4 } from "./simd";

@inline
export function up8(n: i32): i32 {
  return (n + 7) & ~7;
}

/** True when rows need no padding: then packing may read them where they are. */
@inline
export function isWhole(time: i32, dim: i32): bool {
  return ((time | dim) & 7) === 0;
}

/** Copies rows of `dim` floats, `stride` floats apart, to the dense matrix. */
export function gather(src: usize, stride: i32, time: i32, dim: i32, dst: usize): void {
  if (isWhole(time, dim)) {
    gatherWhole(src, stride, time, dim, dst);
    return;
  }
  const dim8 = up8(dim);
  for (let t = 0; t < time; t++) {
    for (let c = 0; c < dim8; c += 4) {
      const left = dim - c;
      v128.store(at(dst, c), left > 0 ? load4(at(src, c), left) : zero4());
    }
    src = at(src, stride);
    dst = at(dst, dim8);
  }
  memory.fill(dst, 0, <usize>((up8(time) - time) * dim8) << 2);
}

function gatherWhole(src: usize, stride: i32, time: i32, dim: i32, dst: usize): void {
  for (let t = 0; t < time; t++) {
    const end = at(dst, dim);
    let p = src;
    for (; dst < end; dst += 32) {
      v128.store(dst, v128.load(p));
      v128.store(dst, v128.load(p, 16), 16);
      p += 32;
    }
    src = at(src, stride);
  }
}

/** Copies the dense matrix back. */
export function scatter(src: usize, time: i32, dim: i32, dst: usize, stride: i32): void {
  const dim8 = up8(dim);
  for (let t = 0; t < time; t++) {
    for (let c = 0; c < dim; c += 4) store4(at(dst, c), v128.load(at(src, c)), dim - c);
    src = at(src, dim8);
    dst = at(dst, stride);
  }
}

/** Rotates dimension i with i + rotary/2 by the angle of the row; `sign` -1 rotates back. */
export function rotate(x: usize, time: i32, dim8: i32, rotary: i32, cos: usize, sin: usize, sign: f32): void {
  const half = rotary >> 1;
  const s4 = f32x4.splat(sign);
  for (let t = 0; t < time; t++) {
    let i = 0;
    for (; i + 4 <= half; i += 4) {
      const c = v128.load(at(cos, i));
      const s = f32x4.mul(s4, v128.load(at(sin, i)));
      const a = v128.load(at(x, i));
      const b = v128.load(at(x, i + half));
      v128.store(at(x, i), f32x4.sub(f32x4.mul(a, c), f32x4.mul(b, s)));
      v128.store(at(x, i + half), fma(a, s, f32x4.mul(b, c)));
    }
    for (; i < half; i++) {
      const c = load<f32>(at(cos, i));
      const s = sign * load<f32>(at(sin, i));
      const a = load<f32>(at(x, i));
      const b = load<f32>(at(x, i + half));
      store<f32>(at(x, i), a * c - b * s);
      store<f32>(at(x, i + half), a * s + b * c);
    }
    x = at(x, dim8);
    cos = at(cos, half);
    sin = at(sin, half);
  }
}

/** Eight columns [dim8][8] of a transposed tile to eight rows of the output, scaled per column by `by`[8]. */
export function emitTile(tile: usize, dim: i32, rows: i32, by: usize, flat: usize, dst: usize, stride: i32): void {
  const left = v128.load(by);
  const right = v128.load(by, 16);
  const dim8 = up8(dim);
  for (let c = 0; c < dim8; c += 4) {
    const p = at(tile, c * 8);
    const q = at(flat, c);
    const step = <usize>dim8 << 2;
    transpose4(
      f32x4.mul(v128.load(p), left),
      f32x4.mul(v128.load(p, 32), left),
      f32x4.mul(v128.load(p, 64), left),
      f32x4.mul(v128.load(p, 96), left),
      q,
      step,
    );
    transpose4(
      f32x4.mul(v128.load(p, 16), right),
      f32x4.mul(v128.load(p, 48), right),
      f32x4.mul(v128.load(p, 80), right),
      f32x4.mul(v128.load(p, 112), right),
      q + 4 * step,
      step,
    );
  }
  scatter(flat, rows, dim, dst, stride);
}
