/** Softmax cross-entropy. An item is a group of rows. */
import { at, buf, flt, int } from "./args";
import { exp4, log } from "./math";
import { keepFirst, load4, max4, splat, store4, sum4, zero4 } from "./simd";

function rowMax(x: usize, n: i32): f32 {
  let top = splat(load<f32>(x));
  let i = 0;
  for (; i + 4 <= n; i += 4) top = max4(v128.load(at(x, i)), top);
  let best = max(
    max(f32x4.extract_lane(top, 0), f32x4.extract_lane(top, 1)),
    max(f32x4.extract_lane(top, 2), f32x4.extract_lane(top, 3)),
  );
  for (; i < n; i++) best = max(best, load<f32>(at(x, i)));
  return best;
}

export function cross_entropy(args: usize, lane: i32, item: i32, scratch: usize, serial: i32): void {
  const vocab = int(args, 1);
  const chunk = int(args, 2);
  const first = item * chunk;
  const end = min(int(args, 0), first + chunk);
  const logits = buf(args, 0, lane);
  const targets = buf(args, 1, lane);
  const nll = buf(args, 2, lane);
  const lse = buf(args, 3, lane);
  for (let r = first; r < end; r++) {
    const x = at(logits, r * vocab);
    const top = rowMax(x, vocab);
    const shift = splat(top);
    let sum = zero4();
    let c = 0;
    for (; c + 4 <= vocab; c += 4) sum = f32x4.add(sum, exp4(f32x4.sub(v128.load(at(x, c)), shift)));
    if (c < vocab) {
      const left = vocab - c;
      sum = f32x4.add(sum, keepFirst(exp4(f32x4.sub(load4(at(x, c), left), shift)), left));
    }
    const value = <f32>(<f64>top + log(<f64>sum4(sum)));
    const target = load<u32>(at(targets, r));
    store<f32>(at(lse, r), value);
    store<f32>(at(nll, r), target < <u32>vocab ? value - load<f32>(at(x, target)) : 0);
  }
}

export function cross_entropy_backward(args: usize, lane: i32, item: i32, scratch: usize, serial: i32): void {
  const vocab = int(args, 1);
  const scale = flt(args, 2);
  const chunk = int(args, 3);
  const first = item * chunk;
  const end = min(int(args, 0), first + chunk);
  const logits = buf(args, 0, lane);
  const targets = buf(args, 1, lane);
  const lse = buf(args, 2, lane);
  const dlogits = buf(args, 3, lane);
  for (let r = first; r < end; r++) {
    const x = at(logits, r * vocab);
    const y = at(dlogits, r * vocab);
    const target = load<u32>(at(targets, r));
    if (target >= <u32>vocab) {
      memory.fill(y, 0, (<usize>vocab) << 2);
      continue;
    }
    const shift = splat(load<f32>(at(lse, r)));
    const factor = splat(scale);
    for (let c = 0; c < vocab; c += 4) {
      const left = vocab - c;
      store4(at(y, c), f32x4.mul(exp4(f32x4.sub(load4(at(x, c), left), shift)), factor), left);
    }
    const hit = at(y, target);
    const prob = exp4(f32x4.sub(v128.load_splat<f32>(at(x, target)), shift));
    store<f32>(hit, scale * (f32x4.extract_lane(prob, 0) - 1));
  }
}
