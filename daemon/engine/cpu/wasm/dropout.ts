/** Inverted dropout; the keep decision compares 24-bit integers, so it is exact. */
import { at, buf, dbl, int } from "./args";
import { philoxWords } from "./philox";
import { load4, splat, store4 } from "./simd";

const DROPOUT: i32 = 3;

/** An item is a chunk of elements; chunks start at a multiple of 16 (four counters of four words). */
export function dropout(args: usize, lane: i32, item: i32, scratch: usize, serial: i32): void {
  const rate = dbl(args, 1);
  const site = int(args, 2);
  const chunk = int(args, 3);
  const first = item * chunk;
  const count = min(chunk, int(args, 0) - first);
  const x = at(buf(args, 0, lane), first);
  const y = at(buf(args, 2, lane), first);
  const state = buf(args, 1, lane);
  const step = load<i32>(state);
  const seed = load<i32>(state, 4);
  const threshold = i32x4.splat(<i32>ceil(rate * 16777216.0));
  const scale = splat(<f32>(1.0 / (1.0 - rate)));
  for (let i = 0; i < count; i += 4) {
    if ((i & 15) === 0) philoxWords((first + i) >>> 2, step, site, seed, DROPOUT, scratch);
    const left = count - i;
    const keep = i32x4.ge_s(i32x4.shr_u(v128.load(at(scratch, i & 15)), 8), threshold);
    store4(at(y, i), v128.and(f32x4.mul(load4(at(x, i), left), scale), keep), left);
  }
}
