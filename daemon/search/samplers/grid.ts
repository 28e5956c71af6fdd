import { Purpose, randomWords } from "../../engine/random/philox.ts";
import type { Sampler } from "./sampler.ts";
import { gridPoints, gridValue, type Point, type PointValue, type Space } from "./space.ts";

/** Largest grid that can be enumerated: an index is one 32-bit counter word. */
export const maxGridSize = 2 ** 32;

/** Number of points of the cartesian product; null when some dimension has no finite grid. */
export function gridSize(space: Space): number | null {
  let size = 1;
  for (const { domain } of space) {
    const points = gridPoints(domain);
    if (points === null) return null;
    size *= points;
  }
  return size;
}

/**
 * The cartesian product, each point once, in an order mixed by the race seed, so that a race that stops early has
 * seen all of the space thinly instead of one corner of it. Suggestion i is product element pi(i), where pi is a
 * keyed permutation (four-round Feistel network on Philox words, cycle-walked into the grid's size); the element's
 * digits are read with the space's last dimension varying fastest.
 */
export function gridSampler(space: Space, seed: number): Sampler {
  const size = gridSize(space);
  if (size === null || size > maxGridSize) throw new RangeError("this space has no grid");
  return {
    size,
    suggest(index: number): Point | null {
      if (index >= size) return null;
      const point: Record<string, PointValue> = {};
      let rest = permute(index, size, seed);
      for (let d = space.length - 1; d >= 0; d--) {
        const dimension = space[d];
        if (dimension === undefined) continue;
        const points = gridPoints(dimension.domain) ?? 1;
        point[dimension.path] = gridValue(dimension.domain, rest % points);
        rest = Math.floor(rest / points);
      }
      return point;
    },
  };
}

/** A permutation of 0..size-1. The network permutes the next power of four; walking its cycle stays inside `size`. */
function permute(index: number, size: number, seed: number): number {
  let halfBits = 1;
  while (4 ** halfBits < size) halfBits++;
  const half = 2 ** halfBits;
  let value = index;
  do {
    let left = Math.floor(value / half);
    let right = value % half;
    for (let round = 0; round < 4; round++) {
      const mixed = (left ^ randomWords(seed, Purpose.sampler, 1, right, round)[0]) >>> 0;
      left = right;
      right = mixed % half;
    }
    value = left * half + right;
  } while (value >= size);
  return value;
}
