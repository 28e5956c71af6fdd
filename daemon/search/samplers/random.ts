import { Purpose, randomWords } from "../../engine/random/philox.ts";
import { gridSampler, gridSize, maxGridSize } from "./grid.ts";
import type { Sampler } from "./sampler.ts";
import { fullDomain, type Point, type PointValue, type Space, valueAt } from "./space.ts";

/**
 * Independent draws. Value of dimension d in suggestion i: Philox(seed, Purpose.sampler) at index i and site
 * fnv1a(path of d). So it depends neither on other suggestions nor on the other dimensions: a key added to the
 * space leaves the values of the old ones as they were.
 *
 * A space of choices and whole numbers only is finite; there, drawing would repeat configurations, and a repeated
 * configuration gives the same curve again. It is drawn without repetition: all of it, in mixed order.
 */
export function randomSampler(space: Space, seed: number): Sampler {
  const full = space.map(({ path, domain }) => ({ path, domain: fullDomain(domain) }));
  if ((gridSize(full) ?? Number.POSITIVE_INFINITY) <= maxGridSize) return gridSampler(full, seed);
  return {
    size: null,
    suggest(index: number): Point {
      const point: Record<string, PointValue> = {};
      for (const { path, domain } of space) point[path] = valueAt(domain, uniform53(seed, index, fnv1a(path)));
      return point;
    },
  };
}

/** Uniform in [0, 1) with 53 bits. */
function uniform53(seed: number, index: number, site: number): number {
  const [high, low] = randomWords(seed, Purpose.sampler, 0, index, site);
  return ((high >>> 5) * 2 ** 26 + (low >>> 6)) * 2 ** -53;
}

/** FNV-1a, 32 bits, over UTF-16 code units. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
