/**
 * Causal attention, forward. An item is one (batch, head). Scores are computed transposed, eight queries wide:
 * S^T[j][8] is then already the packed operand of O^T = V^T P^T, and softmax runs down the columns without
 * horizontal sums.
 */
import { at, buf, int } from "./args";
import { emitTile, gather, isWhole, rotate, up8 } from "./attention-rows";
import { micro, packCols4, packRows4, packRows8 } from "./gemm";
import { exp4, log } from "./math";
import { max4, splat, zero4 } from "./simd";

export function attention(args: usize, lane: i32, item: i32, scratch: usize, serial: i32): void {
  const time = int(args, 1);
  const heads = int(args, 2);
  const kvHeads = int(args, 3);
  const dim = int(args, 4);
  const rotary = int(args, 5);
  const cos = buf(args, 3, lane);
  const sin = buf(args, 4, lane);
  const batch = item / heads;
  const head = item % heads;
  const kvHead = (head * kvHeads) / heads;
  const time8 = up8(time);
  const dim8 = up8(dim);
  const area = time8 * dim8;
  const rows = scratch;
  const keys = at(rows, area);
  const queries = at(keys, area);
  const values = at(queries, area);
  const scores = at(values, area);
  const tile = at(scores, time8 * 8);
  const sums = at(tile, dim8 * 8);

  const kvAt = (batch * time * kvHeads + kvHead) * dim;
  gather(at(buf(args, 1, lane), kvAt), kvHeads * dim, time, dim, rows);
  rotate(rows, time, dim8, rotary, cos, sin, 1);
  packRows4(rows, (<usize>dim8) << 2, time8, dim8, keys);
  gather(at(buf(args, 2, lane), kvAt), kvHeads * dim, time, dim, rows);
  packCols4(rows, (<usize>dim8) << 2, dim8, time8, values);
  const qAt = (batch * time * heads + head) * dim;
  gather(at(buf(args, 0, lane), qAt), heads * dim, time, dim, rows);
  rotate(rows, time, dim8, rotary, cos, sin, 1);
  packRows8(rows, (<usize>dim8) << 2, time8, dim8, queries);

  const scale = splat(load<f32>(at(buf(args, 5, lane), head)) / sqrt<f32>(<f32>dim));
  const out = at(buf(args, 6, lane), qAt);
  const lse = at(buf(args, 7, lane), (batch * heads + head) * time);
  for (let i = 0; i < time; i += 8) {
    const query = at(queries, i * dim8);
    const count = i + 8;
    for (let j = 0; j < count; j += 4) micro(dim8, at(keys, j * dim8), query, 32, at(scores, j * 8), 32, 0);
    const left = min(8, time - i);
    softmaxColumns(scores, i, scale, sums, at(lse, i), left);
    for (let c = 0; c < dim8; c += 4) micro(count, at(values, c * time8), scores, 32, at(tile, c * 8), 32, 0);
    // `rows` is free here: it takes the tile back in row order.
    emitTile(tile, dim, left, sums, rows, at(out, i * heads * dim), heads * dim);
  }
}

/** exp(scale*S - max) down eight columns, key j visible to query i when j <= i; reciprocals of the sums. */
function softmaxColumns(s: usize, first: i32, scale: v128, sums: usize, lse: usize, queries: i32): void {
  const count = first + 8;
  let topLeft = f32x4.splat(-Infinity);
  let topRight = f32x4.splat(-Infinity);
  for (let j = 0; j < count; j++) {
    const p = at(s, j * 8);
    let x = f32x4.mul(v128.load(p), scale);
    let y = f32x4.mul(v128.load(p, 16), scale);
    if (j > first) {
      const key = i32x4.splat(j - first);
      x = v128.bitselect(f32x4.splat(-Infinity), x, i32x4.gt_s(key, i32x4(0, 1, 2, 3)));
      y = v128.bitselect(f32x4.splat(-Infinity), y, i32x4.gt_s(key, i32x4(4, 5, 6, 7)));
    }
    v128.store(p, x);
    v128.store(p, y, 16);
    topLeft = max4(x, topLeft);
    topRight = max4(y, topRight);
  }
  let sumLeft = zero4();
  let sumRight = zero4();
  for (let j = 0; j < count; j++) {
    const p = at(s, j * 8);
    let x = exp4(f32x4.sub(v128.load(p), topLeft));
    let y = exp4(f32x4.sub(v128.load(p, 16), topRight));
    if (j > first) {
      // exp4 never reaches zero: hidden keys are cleared by the mask.
      const key = i32x4.splat(j - first);
      x = v128.andnot(x, i32x4.gt_s(key, i32x4(0, 1, 2, 3)));
      y = v128.andnot(y, i32x4.gt_s(key, i32x4(4, 5, 6, 7)));
    }
    v128.store(p, x);
    v128.store(p, y, 16);
    sumLeft = f32x4.add(sumLeft, x);
    sumRight = f32x4.add(sumRight, y);
  }
  v128.store(sums, sumLeft);
  v128.store(sums, sumRight, 16);
  v128.store(sums, topLeft, 32);
  v128.store(sums, topRight, 48);
  for (let i = 0; i < queries; i++) {
    const total = load<f32>(at(sums, i));
    store<f32>(at(lse, i), <f32>(<f64>load<f32>(at(sums, i), 32) + log(<f64>total)));
  }
  v128.store(sums, f32x4.div(splat(1), sumLeft));
  v128.store(sums, f32x4.div(splat(1), sumRight), 16);
}
