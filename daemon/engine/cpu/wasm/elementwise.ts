/** Element-by-element kernels. An item is a chunk of elements, or of rows for the broadcast products. */
import { at, buf, flt, int } from "./args";
import { sigmoid4 } from "./math";
import { fma, load4, splat, store4, zero4 } from "./simd";

export function lincomb(args: usize, lane: i32, item: i32, scratch: usize, serial: i32): void {
  const chunk = int(args, 3);
  const first = item * chunk;
  const count = min(chunk, int(args, 0) - first);
  const alpha = splat(flt(args, 1));
  const beta = splat(flt(args, 2));
  const a = at(buf(args, 0, lane), first);
  const b = at(buf(args, 1, lane), first);
  const y = at(buf(args, 2, lane), first);
  for (let i = 0; i < count; i += 4) {
    const left = count - i;
    store4(at(y, i), fma(alpha, load4(at(a, i), left), f32x4.mul(beta, load4(at(b, i), left))), left);
  }
}

export function axpy(args: usize, lane: i32, item: i32, scratch: usize, serial: i32): void {
  const chunk = int(args, 2);
  const first = item * chunk;
  const count = min(chunk, int(args, 0) - first);
  const alpha = splat(flt(args, 1));
  const x = at(buf(args, 0, lane), first);
  const y = at(buf(args, 1, lane), first);
  for (let i = 0; i < count; i += 4) {
    const left = count - i;
    store4(at(y, i), fma(alpha, load4(at(x, i), left), load4(at(y, i), left)), left);
  }
}

export function swiglu(args: usize, lane: i32, item: i32, scratch: usize, serial: i32): void {
  const chunk = int(args, 1);
  const first = item * chunk;
  const count = min(chunk, int(args, 0) - first);
  const a = at(buf(args, 0, lane), first);
  const b = at(buf(args, 1, lane), first);
  const y = at(buf(args, 2, lane), first);
  for (let i = 0; i < count; i += 4) {
    const left = count - i;
    const x = load4(at(a, i), left);
    store4(at(y, i), f32x4.mul(f32x4.mul(x, sigmoid4(x)), load4(at(b, i), left)), left);
  }
}

export function swiglu_backward(args: usize, lane: i32, item: i32, scratch: usize, serial: i32): void {
  const chunk = int(args, 1);
  const first = item * chunk;
  const count = min(chunk, int(args, 0) - first);
  const a = at(buf(args, 0, lane), first);
  const b = at(buf(args, 1, lane), first);
  const dy = at(buf(args, 2, lane), first);
  const da = at(buf(args, 3, lane), first);
  const db = at(buf(args, 4, lane), first);
  for (let i = 0; i < count; i += 4) {
    const left = count - i;
    const x = load4(at(a, i), left);
    const d = load4(at(dy, i), left);
    const s = sigmoid4(x);
    const slope = f32x4.mul(s, fma(x, f32x4.sub(splat(1), s), splat(1)));
    store4(at(da, i), f32x4.mul(f32x4.mul(slope, load4(at(b, i), left)), d), left);
    store4(at(db, i), f32x4.mul(f32x4.mul(x, s), d), left);
  }
}

export function broadcast_mul(args: usize, lane: i32, item: i32, scratch: usize, serial: i32): void {
  const width = int(args, 1);
  const accumulate = int(args, 2);
  const chunk = int(args, 3);
  const first = item * chunk;
  const rows = min(chunk, int(args, 0) - first);
  const g = buf(args, 1, lane);
  let x = at(buf(args, 0, lane), first * width);
  let y = at(buf(args, 2, lane), first * width);
  if (width === 1) {
    scale(x, splat(load<f32>(g)), y, rows, accumulate);
    return;
  }
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < width; c += 4) {
      const left = width - c;
      const old = accumulate ? load4(at(y, c), left) : zero4();
      store4(at(y, c), fma(load4(at(x, c), left), load4(at(g, c), left), old), left);
    }
    x = at(x, width);
    y = at(y, width);
  }
}

function scale(x: usize, g: v128, y: usize, count: i32, accumulate: i32): void {
  for (let i = 0; i < count; i += 4) {
    const left = count - i;
    const old = accumulate ? load4(at(y, i), left) : zero4();
    store4(at(y, i), fma(load4(at(x, i), left), g, old), left);
  }
}
