/**
 * Causal attention, backward. An item is one (batch, key head): the query heads that share it are added in
 * order. Queries go in blocks of 64; probabilities are recomputed from the stored log-sum-exp, transposed
 * ([key][query of the block]) as in the forward pass.
 */
import { at, buf, int } from "./args";
import { emitTile, gather, isWhole, rotate, scatter, up8 } from "./attention-rows";
import { micro, packCols4, packCols8, packQuad, packRows4, packRows8 } from "./gemm";
import { exp4 } from "./math";
import { fma, splat, sum4, zero4 } from "./simd";

const BLOCK: i32 = 64;
/** Bytes of one row of P^T and dS^T. */
const LDS: usize = 256;

export function attention_backward(args: usize, lane: i32, item: i32, scratch: usize, serial: i32): void {
  const time = int(args, 1);
  const heads = int(args, 2);
  const kvHeads = int(args, 3);
  const dim = int(args, 4);
  const rotary = int(args, 5);
  const cos = buf(args, 3, lane);
  const sin = buf(args, 4, lane);
  const batch = item / kvHeads;
  const kvHead = item % kvHeads;
  const time8 = up8(time);
  const dim8 = up8(dim);
  const area = time8 * dim8;
  const ld = (<usize>dim8) << 2;
  const dk = scratch;
  const dv = at(dk, area);
  const rows = at(dv, area);
  const keys = at(rows, area);
  const keyCols = at(keys, area);
  const values = at(keyCols, area);
  const rest = at(values, area);

  memory.fill(dk, 0, (<usize>area) << 3);
  const kvAt = (batch * time * kvHeads + kvHead) * dim;
  gather(at(buf(args, 1, lane), kvAt), kvHeads * dim, time, dim, rows);
  rotate(rows, time, dim8, rotary, cos, sin, 1);
  packRows4(rows, ld, time8, dim8, keys);
  packCols4(rows, ld, dim8, time8, keyCols);
  const v = at(buf(args, 2, lane), kvAt);
  if (isWhole(time, dim)) {
    packRows4(v, <usize>(kvHeads * dim) << 2, time, dim, values);
  } else {
    gather(v, kvHeads * dim, time, dim, rows);
    packRows4(rows, ld, time8, dim8, values);
  }
  for (let head = 0; head < heads; head++) {
    if ((head * kvHeads) / heads === kvHead) queryHead(args, lane, batch, head, scratch, rest);
  }
  rotate(dk, time, dim8, rotary, cos, sin, -1);
  scatter(dk, time, dim, at(buf(args, 10, lane), kvAt), kvHeads * dim);
  scatter(dv, time, dim, at(buf(args, 11, lane), kvAt), kvHeads * dim);
}

/** One query head: its dq, delta and dgain, and its share of dk (rotated coordinates) and dv. */
function queryHead(args: usize, lane: i32, batch: i32, head: i32, scratch: usize, rest: usize): void {
  const time = int(args, 1);
  const heads = int(args, 2);
  const dim = int(args, 4);
  const rotary = int(args, 5);
  const dim8 = up8(dim);
  const cos = buf(args, 3, lane);
  const sin = buf(args, 4, lane);
  const time8 = up8(time);
  const area = time8 * dim8;
  const inv: f32 = 1 / sqrt<f32>(<f32>dim);
  const scale = load<f32>(at(buf(args, 5, lane), head)) * inv;
  const index = (batch * heads + head) * time;
  const q = rest;
  const dout = at(q, BLOCK * dim8);
  const panelA = at(dout, BLOCK * dim8);
  const panelB = at(panelA, BLOCK * dim8);
  const tile = at(panelB, BLOCK * dim8);
  const flat = at(tile, 8 * dim8);
  const stats = at(flat, 8 * dim8);
  const probs = at(stats, 3 * BLOCK);
  const dscores = at(probs, time8 * BLOCK);
  const packed = at(dscores, time8 * BLOCK);
  let dgain: f32 = 0;
  for (let first = 0; first < time; first += BLOCK) {
    const count = min(BLOCK, time - first);
    const qAt = ((batch * time + first) * heads + head) * dim;
    const angles = first * (rotary >> 1);
    gather(at(buf(args, 0, lane), qAt), heads * dim, count, dim, q);
    rotate(q, count, dim8, rotary, at(cos, angles), at(sin, angles), 1);
    gather(at(buf(args, 8, lane), qAt), heads * dim, count, dim, dout);
    rowStats(args, lane, index + first, qAt, count, stats);
    dgain += scores(scratch, area, dim8, q, dout, panelA, first, count, scale, stats, probs, dscores);
    // dq^T = scale * K^T dS^T, eight queries at a time; `stats` holds the scale in its last row.
    const keyCols = at(scratch, 4 * area);
    for (let i = 0; i < count; i += 8) {
      for (let c = 0; c < dim8; c += 4) {
        micro(first + i + 8, at(keyCols, c * time8), at(dscores, i), LDS, at(tile, c * 8), 32, 0);
      }
      setScale(stats, scale);
      const target = at(buf(args, 9, lane), qAt + i * heads * dim);
      const rows = min(8, count - i);
      emitTile(tile, dim, rows, at(stats, 2 * BLOCK), flat, flat, dim8);
      rotate(flat, rows, dim8, rotary, at(cos, angles + i * (rotary >> 1)), at(sin, angles + i * (rotary >> 1)), -1);
      scatter(flat, rows, dim, target, heads * dim);
    }
    scaleBy(q, up8(count) * dim8, scale);
    keySide(dscores, q, first, count, dim8, panelB, packed, scratch);
    keySide(probs, dout, first, count, dim8, panelB, packed, at(scratch, area));
  }
  store<f32>(at(buf(args, 13, lane), batch * heads + head), dgain * inv);
}

/** Queries enter dk with the logit scale, which differs from head to head. */
function scaleBy(x: usize, n: i32, scale: f32): void {
  const factor = splat(scale);
  for (let i = 0; i < n; i += 4) v128.store(at(x, i), f32x4.mul(v128.load(at(x, i)), factor));
}

function setScale(stats: usize, scale: f32): void {
  v128.store(at(stats, 2 * BLOCK), splat(scale));
  v128.store(at(stats, 2 * BLOCK + 4), splat(scale));
}

/** stats[0..64) = lse, stats[64..128) = delta = dout . out, zeros in the padding; delta is an output too. */
function rowStats(args: usize, lane: i32, index: i32, qAt: i32, count: i32, stats: usize): void {
  const dim = int(args, 4);
  const stride = int(args, 2) * dim;
  const lse = at(buf(args, 7, lane), index);
  const delta = at(buf(args, 12, lane), index);
  let out = at(buf(args, 6, lane), qAt);
  let dout = at(buf(args, 8, lane), qAt);
  memory.fill(stats, 0, (<usize>(2 * BLOCK)) << 2);
  for (let i = 0; i < count; i++) {
    let sum: f32 = 0;
    let four = zero4();
    let c = 0;
    for (; c + 4 <= dim; c += 4) four = fma(v128.load(at(out, c)), v128.load(at(dout, c)), four);
    for (; c < dim; c++) sum += load<f32>(at(out, c)) * load<f32>(at(dout, c));
    sum += sum4(four);
    store<f32>(at(delta, i), sum);
    store<f32>(at(stats, BLOCK + i), sum);
    store<f32>(at(stats, i), load<f32>(at(lse, i)));
    out = at(out, stride);
    dout = at(dout, stride);
  }
}

/** P^T and dS^T of a block of queries; returns the sum of dS * raw scores. */
function scores(
  scratch: usize,
  area: i32,
  dim8: i32,
  q: usize,
  dout: usize,
  panel: usize,
  first: i32,
  count: i32,
  scale: f32,
  stats: usize,
  probs: usize,
  dscores: usize,
): f32 {
  const keys = at(scratch, 3 * area);
  const values = at(scratch, 5 * area);
  const ld = (<usize>dim8) << 2;
  const count8 = up8(count);
  packRows8(q, ld, count8, dim8, panel);
  for (let i = 0; i < count8; i += 8) {
    for (let j = 0; j < first + i + 8; j += 4) {
      micro(dim8, at(keys, j * dim8), at(panel, i * dim8), 32, at(probs, j * BLOCK + i), LDS, 0);
    }
  }
  packRows8(dout, ld, count8, dim8, panel);
  let dgain = zero4();
  for (let i = 0; i < count8; i += 8) {
    for (let j = 0; j < first + i + 8; j += 4) {
      micro(dim8, at(values, j * dim8), at(panel, i * dim8), 32, at(dscores, j * BLOCK + i), LDS, 0);
    }
    dgain = f32x4.add(dgain, columns(first, i, scale, stats, probs, dscores));
    dgain = f32x4.add(dgain, columns(first, i + 4, scale, stats, probs, dscores));
  }
  return sum4(dgain);
}

/** Four columns of queries: raw scores to probabilities, dP to dS. */
function columns(first: i32, i: i32, scale: f32, stats: usize, probs: usize, dscores: usize): v128 {
  const lse = v128.load(at(stats, i));
  const delta = v128.load(at(stats, BLOCK + i));
  const factor = splat(scale);
  const end = first + (i & ~7) + 8;
  let dgain = zero4();
  for (let j = 0; j < end; j++) {
    const p = at(probs, j * BLOCK + i);
    const d = at(dscores, j * BLOCK + i);
    const raw = v128.load(p);
    const hidden = i32x4.gt_s(i32x4.splat(j - first - i), i32x4(0, 1, 2, 3));
    const prob = v128.andnot(exp4(f32x4.sub(f32x4.mul(raw, factor), lse)), hidden);
    const ds = v128.andnot(f32x4.mul(prob, f32x4.sub(v128.load(d), delta)), hidden);
    v128.store(p, prob);
    v128.store(d, ds);
    dgain = fma(ds, raw, dgain);
  }
  return dgain;
}

/** acc[j][c] += sum over the block's queries i >= j of x^T[j][i] y[i][c]. */
function keySide(x: usize, y: usize, first: i32, count: i32, dim8: i32, panel: usize, packed: usize, acc: usize): void {
  const count8 = up8(count);
  packCols8(y, (<usize>dim8) << 2, dim8, count8, panel);
  for (let j = 0; j < first + count8; j += 4) {
    // Queries before the key see nothing of it.
    const from = max(0, (j - first) & ~7);
    const depth = count8 - from;
    packQuad(at(x, j * BLOCK + from), LDS, 4, depth, packed, 16);
    for (let c = 0; c < dim8; c += 8) {
      micro(depth, packed, at(panel, c * count8 + from * 8), 32, at(acc, j * dim8 + c), (<usize>dim8) << 2, 1);
    }
  }
}
