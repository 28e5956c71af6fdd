/** Blocks of C that one worker computes at a time. */
import type { CallPlan, PlanContext } from "./bindings.ts";

/** Slice of K that is packed at once; the same as KC in wasm/matmul.ts. */
const KC = 512;
/** Packed B should stay in the second-level cache: 256 KiB. */
const PACKED_B_FLOATS = 65536;
/** Below this an item is not worth halving: about 10 us. */
const SMALL_ITEM_FLOP = 500_000;
const ITEMS_PER_THREAD = 3;
const HEADER_BYTES = 192;

const roundUp = (n: number, step: number): number => Math.ceil(n / step) * step;

/**
 * Wide blocks pack A less often, tall ones B; halve the larger side until the threads have enough pieces.
 * mc is a multiple of 4, nc of 8.
 */
export function planMatmul(m: number, n: number, k: number, { threads, lanes }: PlanContext): CallPlan {
  const depth = Math.min(k, KC);
  let mc = Math.min(roundUp(m, 4), 64);
  let nc = Math.min(roundUp(n, 8), Math.max(64, Math.floor(PACKED_B_FLOATS / depth / 8) * 8));
  const items = () => Math.ceil(m / mc) * Math.ceil(n / nc);
  while (items() * lanes < ITEMS_PER_THREAD * threads && 2 * mc * nc * k > SMALL_ITEM_FLOP && (mc > 16 || nc > 16)) {
    if (nc > mc) nc = roundUp(nc / 2, 8);
    else mc = roundUp(mc / 2, 4);
  }
  return { items: items(), extra: [mc, nc], scratchBytes: HEADER_BYTES + 4 * depth * (mc + nc) };
}
