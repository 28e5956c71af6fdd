/**
 * C (+)= op(A) op(B). An item is one block of mc x nc elements of C over the whole of K, computed in slices
 * of KC: every element is the sum of its slices in order, whatever the block sizes, so the result depends
 * on the shape only.
 */
import { at, buf, int } from "./args";
import { MR, micro, NR, packCols4, packCols8, packRows4, packRows8 } from "./gemm";
import { load4, store4 } from "./simd";

const TN: i32 = 2;
const NT: i32 = 1;
const KC: i32 = 512;
/** Scratch: tag of the packed B (16 bytes), an edge tile (128 bytes at 64), then packed A, then packed B. */
const TILE: usize = 64;
const PACKED: usize = 192;

export function matmul(args: usize, lane: i32, item: i32, scratch: usize, serial: i32): void {
  const m = int(args, 0);
  const n = int(args, 1);
  const k = int(args, 2);
  const variant = int(args, 3);
  const accumulate = int(args, 4);
  const mc = int(args, 5);
  const nc = int(args, 6);
  const a = buf(args, 0, lane);
  const b = buf(args, 1, lane);
  const c = buf(args, 2, lane);
  const blocksDown = (m + mc - 1) / mc;
  const i0 = (item % blocksDown) * mc;
  const j0 = (item / blocksDown) * nc;
  const rows = min(mc, m - i0);
  const cols = min(nc, n - j0);
  const packedA = scratch + PACKED;
  const packedB = packedA + <usize>mc * <usize>min(k, KC) * 4;
  for (let k0 = 0; k0 < k; k0 += KC) {
    const depth = min(KC, k - k0);
    if (!holds(scratch, serial, lane, j0, k0)) {
      if (variant === NT) packRows8(at(b, j0 * k + k0), (<usize>k) << 2, cols, depth, packedB);
      else packCols8(at(b, k0 * n + j0), (<usize>n) << 2, cols, depth, packedB);
    }
    if (variant === TN) packCols4(at(a, k0 * m + i0), (<usize>m) << 2, rows, depth, packedA);
    else packRows4(at(a, i0 * k + k0), (<usize>k) << 2, rows, depth, packedA);
    block(rows, cols, depth, packedA, packedB, at(c, i0 * n + j0), (<usize>n) << 2, accumulate | k0, scratch + TILE);
  }
}

/** True when the scratch already holds this slice of B, left there by the previous item of the same call. */
function holds(scratch: usize, serial: i32, lane: i32, j0: i32, k0: i32): bool {
  const tag = i32x4(serial, lane, j0, k0);
  const same = i32x4.all_true(i32x4.eq(v128.load(scratch), tag));
  v128.store(scratch, tag);
  return same;
}

function block(rows: i32, cols: i32, k: i32, a: usize, b: usize, c: usize, ldc: usize, add: i32, tile: usize): void {
  for (let j = 0; j < cols; j += NR) {
    let panel = a;
    for (let i = 0; i < rows; i += MR) {
      const target = c + <usize>i * ldc + ((<usize>j) << 2);
      if (rows - i >= MR && cols - j >= NR) {
        micro(k, panel, b, 32, target, ldc, add);
      } else {
        micro(k, panel, b, 32, tile, 32, 0);
        spill(tile, target, ldc, min(MR, rows - i), min(NR, cols - j), add);
      }
      panel += (<usize>k) << 4;
    }
    b += (<usize>k) << 5;
  }
}

/** Copies the valid corner of an edge tile to C. */
function spill(tile: usize, c: usize, ldc: usize, rows: i32, cols: i32, add: i32): void {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j += 4) {
      const left = cols - j;
      let x = v128.load(at(tile, j));
      if (add) x = f32x4.add(load4(at(c, j), left), x);
      store4(at(c, j), x, left);
    }
    tile += 32;
    c += ldc;
  }
}
