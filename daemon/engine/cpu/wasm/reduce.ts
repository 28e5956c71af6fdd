/** Reductions in a fixed order. Scalar totals are kept in f64: they are short, and nothing depends on speed. */
import { at, buf, flt, int } from "./args";
import { fma, load4, splat, store4, sum4, zero4 } from "./simd";

/** Elements of one partial of `sum_squares`; the same as SQUARES_CHUNK of the definition. */
const SQUARES_CHUNK: i32 = 1024;
const CLIP_NORM: usize = 10 * 4;
const SCHEDULE_CLIP: usize = 3 * 4;
const SCHEDULE_NORM: usize = 4 * 4;

/** An item is a block of columns. */
export function sum_rows(args: usize, lane: i32, item: i32, scratch: usize, serial: i32): void {
  const rows = int(args, 0);
  const width = int(args, 1);
  const accumulate = int(args, 2);
  const chunk = int(args, 3);
  const first = item * chunk;
  const end = min(width, first + chunk);
  const x = buf(args, 0, lane);
  const y = buf(args, 1, lane);
  for (let c = first; c < end; c += 4) {
    const left = end - c;
    let sum = accumulate ? load4(at(y, c), left) : zero4();
    for (let r = 0; r < rows; r++) sum = f32x4.add(sum, load4(at(x, r * width + c), left));
    store4(at(y, c), sum, left);
  }
}

/** An item is a group of partials. */
export function sum_squares(args: usize, lane: i32, item: i32, scratch: usize, serial: i32): void {
  const n = int(args, 0);
  const group = int(args, 1);
  const x = buf(args, 0, lane);
  const partial = buf(args, 1, lane);
  const end = min((item + 1) * group, (n + SQUARES_CHUNK - 1) / SQUARES_CHUNK);
  for (let chunk = item * group; chunk < end; chunk++) {
    const stop = min(n, (chunk + 1) * SQUARES_CHUNK);
    let even = zero4();
    let odd = zero4();
    let i = chunk * SQUARES_CHUNK;
    for (; i + 8 <= stop; i += 8) {
      const a = v128.load(at(x, i));
      const b = v128.load(at(x, i), 16);
      even = fma(a, a, even);
      odd = fma(b, b, odd);
    }
    for (; i < stop; i += 4) {
      const a = load4(at(x, i), stop - i);
      even = fma(a, a, even);
    }
    store<f32>(at(partial, chunk), sum4(f32x4.add(even, odd)));
  }
}

@inline
function total(x: usize, n: i32): f64 {
  let sum: f64 = 0;
  for (let i = 0; i < n; i++) sum += <f64>load<f32>(at(x, i));
  return sum;
}

export function clip_scale(args: usize, lane: i32, item: i32, scratch: usize, serial: i32): void {
  const norm = <f32>sqrt<f64>(total(buf(args, 0, lane), int(args, 0)));
  const limit = load<f32>(buf(args, 1, lane), CLIP_NORM);
  const schedule = buf(args, 2, lane);
  store<f32>(schedule, norm, SCHEDULE_NORM);
  store<f32>(schedule, limit > 0 && norm > limit ? limit / norm : 1, SCHEDULE_CLIP);
}

/** An item is a chunk of elements; each sums the (few) partials again. */
export function normalize(args: usize, lane: i32, item: i32, scratch: usize, serial: i32): void {
  const n = int(args, 0);
  const chunk = int(args, 1);
  const first = item * chunk;
  const count = min(chunk, n - first);
  const sum = total(buf(args, 1, lane), (n + SQUARES_CHUNK - 1) / SQUARES_CHUNK);
  const scale = splat(<f32>(1 / (sqrt<f64>(sum) + 1e-7)));
  const x = at(buf(args, 0, lane), first);
  const y = at(buf(args, 2, lane), first);
  for (let i = 0; i < count; i += 4) {
    const left = count - i;
    store4(at(y, i), f32x4.mul(load4(at(x, i), left), scale), left);
  }
}

export function record_loss(args: usize, lane: i32, item: i32, scratch: usize, serial: i32): void {
  const rows = int(args, 0);
  const length = <u32>int(args, 1);
  const mean = <f32>(total(buf(args, 0, lane), rows) / <f64>rows) * flt(args, 2);
  const slot = (load<u32>(buf(args, 1, lane)) % length) << 1;
  const ring = at(buf(args, 3, lane), slot);
  store<f32>(ring, int(args, 3) ? load<f32>(ring) + mean : mean);
  store<f32>(ring, load<f32>(buf(args, 2, lane), SCHEDULE_NORM), 4);
}

export function record_eval(args: usize, lane: i32, item: i32, scratch: usize, serial: i32): void {
  const rows = int(args, 0);
  const slot = load<u32>(buf(args, 2, lane));
  if (slot >= <u32>int(args, 1)) return;
  const nll = buf(args, 0, lane);
  const targets = buf(args, 1, lane);
  let sum: f64 = 0;
  let count = 0;
  for (let r = 0; r < rows; r++) {
    if (load<u32>(at(targets, r)) === 0xffffffff) continue;
    sum += <f64>load<f32>(at(nll, r));
    count++;
  }
  store<f32>(at(buf(args, 3, lane), slot), <f32>sum);
  store<f32>(at(buf(args, 4, lane), slot), <f32>count);
}

/** counter[0] += 1. */
export function advance(args: usize, lane: i32, item: i32, scratch: usize, serial: i32): void {
  const counter = buf(args, 0, lane);
  store<u32>(counter, load<u32>(counter) + 1);
}
