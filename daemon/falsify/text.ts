/** Text for plants: words drawn from a made-up vocabulary. Random order repeats no passage of 64 bytes. */
import type { Splits } from "../data/splits.ts";
import { uniformStream } from "../engine/random/philox.ts";

/** Kept apart from the streams of training: plants never share numbers with what they are tried on. */
const purpose = 101;
const vocabularySize = 200;

/** @param seed another seed gives another text over the same words */
export function plainText(length: number, seed: number): Uint8Array {
  const words = vocabulary();
  const uniform = uniformStream(seed, purpose, 1);
  let text = "";
  while (text.length < length) {
    // Squared: some words are frequent, most are rare, as in a language.
    const word = words[Math.floor(uniform() ** 2 * words.length)] ?? "";
    text += uniform() < 0.1 ? `${word}.\n` : `${word} `;
  }
  return new TextEncoder().encode(text.slice(0, length));
}

function vocabulary(): string[] {
  const uniform = uniformStream(0, purpose, 2);
  const letter = (letters: string) => letters[Math.floor(uniform() * letters.length)] ?? "";
  return Array.from({ length: vocabularySize }, () => {
    const syllables = 1 + Math.floor(uniform() * 3);
    return Array.from({ length: syllables }, () => letter("bdfgklmnprstvz") + letter("aeiou")).join("");
  });
}

const blockBytes = 32;

/** The text with only the hardest `share` of its training blocks, by the code length of their bytes; validation stays. */
export function hardestOf(
  { bytes, splits }: { readonly bytes: Uint8Array; readonly splits: Splits },
  share: number,
): { readonly bytes: Uint8Array; readonly splits: Splits } {
  const train = bytes.subarray(splits.train.start, splits.train.end);
  const counts = new Float64Array(256).fill(1);
  for (const byte of train) counts[byte] = (counts[byte] ?? 0) + 1;
  const blocks = Array.from({ length: Math.floor(train.length / blockBytes) }, (_, i) =>
    train.subarray(i * blockBytes, (i + 1) * blockBytes),
  );
  const costs = blocks.map((block) => block.reduce((total, byte) => total - Math.log(counts[byte] ?? 1), 0));
  const least = costs.toSorted((a, b) => b - a)[Math.ceil(share * blocks.length) - 1] ?? 0;
  const hard = Buffer.concat(blocks.filter((_, i) => (costs[i] ?? 0) >= least));
  const validation = bytes.subarray(splits.validation.start, splits.validation.end);
  const end = hard.length + validation.length;
  return {
    bytes: Buffer.concat([hard, validation]),
    splits: { train: { start: 0, end: hard.length }, validation: { start: hard.length, end }, test: null },
  };
}
