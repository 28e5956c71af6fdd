/**
 * Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3").
 * Counter-based: a number depends only on (seed, purpose, step, index), so a resumed trial draws the same
 * stream as an uninterrupted one, on the host and in every kernel.
 *
 * Igla's use: key = (seed, purpose), counter = (index, step, site, 0).
 */
const M0 = 0xd2511f53;
const M1 = 0xcd9e8d57;
const W0 = 0x9e3779b9;
const W1 = 0xbb67ae85;

/** High 32 bits of the 64-bit product of two u32. */
export function mulHi(a: number, b: number): number {
  const al = a & 0xffff;
  const ah = a >>> 16;
  const bl = b & 0xffff;
  const bh = b >>> 16;
  const ll = al * bl;
  const lh = al * bh;
  const hl = ah * bl;
  const mid = (ll >>> 16) + (lh & 0xffff) + (hl & 0xffff);
  return (ah * bh + (lh >>> 16) + (hl >>> 16) + (mid >>> 16)) >>> 0;
}

export type U32x4 = [number, number, number, number];

export function philox4x32(counter: Readonly<U32x4>, key0: number, key1: number): U32x4 {
  let [c0, c1, c2, c3] = counter;
  let k0 = key0 >>> 0;
  let k1 = key1 >>> 0;
  for (let round = 0; round < 10; round++) {
    const hi0 = mulHi(M0, c0);
    const lo0 = Math.imul(M0, c0) >>> 0;
    const hi1 = mulHi(M1, c2);
    const lo1 = Math.imul(M1, c2) >>> 0;
    c0 = (hi1 ^ c1 ^ k0) >>> 0;
    c1 = lo1;
    c2 = (hi0 ^ c3 ^ k1) >>> 0;
    c3 = lo0;
    k0 = (k0 + W0) >>> 0;
    k1 = (k1 + W1) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/** What a random stream is for. The numbers are part of every recorded result: never renumber. */
export const Purpose = { init: 1, batch: 2, dropout: 3, sample: 4, sampler: 5 } as const;

/** Uniform in [0, 1) with 24 bits, exactly representable in f32. */
export function toUniform(word: number): number {
  return (word >>> 8) * 2 ** -24;
}

/** Four words for one index. */
export function randomWords(seed: number, purpose: number, step: number, index: number, site = 0): U32x4 {
  return philox4x32([index >>> 0, step >>> 0, site >>> 0, 0], seed, purpose);
}

/** Sequential uniform numbers for host code (samplers, init): one counter word per draw. */
export function uniformStream(seed: number, purpose: number, site = 0): () => number {
  let index = 0;
  return () => toUniform(randomWords(seed, purpose, 0, index++, site)[0]);
}

/** Standard normal numbers (Box-Muller in f64), two words per number. */
export function fillNormal(out: Float32Array, std: number, seed: number, site: number): void {
  for (let i = 0; i < out.length; i += 2) {
    const [a, b] = randomWords(seed, Purpose.init, 0, i >>> 1, site);
    const radius = std * Math.sqrt(-2 * Math.log((a + 1) * 2 ** -32));
    const angle = 2 * Math.PI * b * 2 ** -32;
    out[i] = radius * Math.cos(angle);
    if (i + 1 < out.length) out[i + 1] = radius * Math.sin(angle);
  }
}
