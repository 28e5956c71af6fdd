/** RMSNorm and the row-chunk partials of gain gradients. */
import { at, buf, flt, int } from "./args";
import { fma, load4, splat, store4, sum4, zero4 } from "./simd";

/** Rows of one partial; the same as PARTIAL_ROWS of the definition. */
const PARTIAL_ROWS: i32 = 32;

/** Four chains, because one would wait for the latency of each addition. */
function sumSquares(x: usize, width: i32): f32 {
  let s0 = zero4();
  let s1 = zero4();
  let s2 = zero4();
  let s3 = zero4();
  let c = 0;
  for (; c + 16 <= width; c += 16) {
    const p = at(x, c);
    const a = v128.load(p);
    const b = v128.load(p, 16);
    const d = v128.load(p, 32);
    const e = v128.load(p, 48);
    s0 = fma(a, a, s0);
    s1 = fma(b, b, s1);
    s2 = fma(d, d, s2);
    s3 = fma(e, e, s3);
  }
  for (; c < width; c += 4) {
    const v = load4(at(x, c), width - c);
    s0 = fma(v, v, s0);
  }
  return sum4(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
}

/** Sum of g*d*x over a row, in two chains. */
function dot3(g: usize, d: usize, x: usize, width: i32): f32 {
  let even = zero4();
  let odd = zero4();
  let c = 0;
  for (; c + 8 <= width; c += 8) {
    const p = at(g, c);
    const q = at(d, c);
    const r = at(x, c);
    even = fma(f32x4.mul(v128.load(p), v128.load(q)), v128.load(r), even);
    odd = fma(f32x4.mul(v128.load(p, 16), v128.load(q, 16)), v128.load(r, 16), odd);
  }
  for (; c < width; c += 4) {
    const left = width - c;
    even = fma(f32x4.mul(load4(at(g, c), left), load4(at(d, c), left)), load4(at(x, c), left), even);
  }
  return sum4(f32x4.add(even, odd));
}

export function rmsnorm(args: usize, lane: i32, item: i32, scratch: usize, serial: i32): void {
  const width = int(args, 1);
  const eps = flt(args, 2);
  const chunk = int(args, 3);
  const first = item * chunk;
  const rows = min(chunk, int(args, 0) - first);
  let x = at(buf(args, 0, lane), first * width);
  const gain = buf(args, 1, lane);
  let y = at(buf(args, 2, lane), first * width);
  const rstd = at(buf(args, 3, lane), first);
  for (let r = 0; r < rows; r++) {
    const scale: f32 = 1 / sqrt<f32>(sumSquares(x, width) / <f32>width + eps);
    store<f32>(at(rstd, r), scale);
    const s = splat(scale);
    for (let c = 0; c < width; c += 4) {
      const left = width - c;
      store4(at(y, c), f32x4.mul(load4(at(gain, c), left), f32x4.mul(load4(at(x, c), left), s)), left);
    }
    x = at(x, width);
    y = at(y, width);
  }
}

export function rmsnorm_backward(args: usize, lane: i32, item: i32, scratch: usize, serial: i32): void {
  const width = int(args, 1);
  const accumulate = int(args, 2);
  const chunk = int(args, 3);
  const first = item * chunk;
  const rows = min(chunk, int(args, 0) - first);
  let x = at(buf(args, 0, lane), first * width);
  const gain = buf(args, 1, lane);
  const rstd = at(buf(args, 2, lane), first);
  let dy = at(buf(args, 3, lane), first * width);
  let dx = at(buf(args, 4, lane), first * width);
  for (let r = 0; r < rows; r++) {
    const scale = load<f32>(at(rstd, r));
    const back = splat((dot3(gain, dy, x, width) / <f32>width) * scale * scale);
    const s = splat(scale);
    for (let c = 0; c < width; c += 4) {
      const left = width - c;
      const g = f32x4.mul(load4(at(gain, c), left), load4(at(dy, c), left));
      const d = f32x4.sub(g, f32x4.mul(load4(at(x, c), left), back));
      const old = accumulate ? load4(at(dx, c), left) : zero4();
      store4(at(dx, c), fma(s, d, old), left);
    }
    x = at(x, width);
    dy = at(dy, width);
    dx = at(dx, width);
  }
}

/** An item is one partial. */
export function rmsnorm_gain_backward(args: usize, lane: i32, item: i32, scratch: usize, serial: i32): void {
  const width = int(args, 1);
  const first = item * PARTIAL_ROWS;
  const rows = min(PARTIAL_ROWS, int(args, 0) - first);
  const x = at(buf(args, 0, lane), first * width);
  const rstd = at(buf(args, 1, lane), first);
  const dy = at(buf(args, 2, lane), first * width);
  const partial = at(buf(args, 3, lane), item * width);
  let c = 0;
  for (; c + 16 <= width; c += 16) {
    let s0 = zero4();
    let s1 = zero4();
    let s2 = zero4();
    let s3 = zero4();
    for (let r = 0; r < rows; r++) {
      const p = at(dy, r * width + c);
      const q = at(x, r * width + c);
      const scale = v128.load_splat<f32>(at(rstd, r));
      s0 = fma(f32x4.mul(v128.load(p), v128.load(q)), scale, s0);
      s1 = fma(f32x4.mul(v128.load(p, 16), v128.load(q, 16)), scale, s1);
      s2 = fma(f32x4.mul(v128.load(p, 32), v128.load(q, 32)), scale, s2);
      s3 = fma(f32x4.mul(v128.load(p, 48), v128.load(q, 48)), scale, s3);
    }
    const out = at(partial, c);
    v128.store(out, s0);
    v128.store(out, s1, 16);
    v128.store(out, s2, 32);
    v128.store(out, s3, 48);
  }
  for (; c < width; c += 4) {
    const left = width - c;
    let sum = zero4();
    for (let r = 0; r < rows; r++) {
      const i = r * width + c;
      const product = f32x4.mul(load4(at(dy, i), left), load4(at(x, i), left));
      sum = fma(product, v128.load_splat<f32>(at(rstd, r)), sum);
    }
    store4(at(partial, c), sum, left);
  }
}

/** An item is one partial. */
export function broadcast_mul_gain(args: usize, lane: i32, item: i32, scratch: usize, serial: i32): void {
  const width = int(args, 1);
  const first = item * PARTIAL_ROWS;
  const rows = min(PARTIAL_ROWS, int(args, 0) - first);
  const x = at(buf(args, 0, lane), first * width);
  const dy = at(buf(args, 1, lane), first * width);
  const partial = at(buf(args, 2, lane), item * width);
  for (let c = 0; c < width; c += 4) {
    const left = width - c;
    let sum = zero4();
    for (let r = 0; r < rows; r++) {
      const i = r * width + c;
      sum = fma(load4(at(dy, i), left), load4(at(x, i), left), sum);
    }
    store4(at(partial, c), sum, left);
  }
}
