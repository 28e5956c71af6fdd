/** Train, validation and test parts of a corpus: by position, never shuffled across a border (spec section 2). */
import type { DataSpec } from "../protocol/trial.ts";
import { DataError } from "./error.ts";

/** Bytes `start .. end` of the corpus, `end` excluded. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

export interface Splits {
  readonly train: Range;
  readonly validation: Range;
  /** `nanogpt` has no test part. */
  readonly test: Range | null;
}

/** floor(total * percent / 100) in integers: no float product decides where a border lies. */
function borderAt(total: number, percent: number): number {
  return Math.floor((total * percent) / 100);
}

export function rangeBytes(range: Range): number {
  return range.end - range.start;
}

/** Borders of a split for a corpus of `total` bytes. */
export function splitRanges(split: DataSpec["split"], total: number): Splits {
  if (split === "nanogpt") {
    const border = borderAt(total, 90);
    return { train: { start: 0, end: border }, validation: { start: border, end: total }, test: null };
  }
  const first = borderAt(total, 85);
  const second = borderAt(total, 90);
  return {
    train: { start: 0, end: first },
    validation: { start: first, end: second },
    test: { start: second, end: total },
  };
}

/**
 * Splits for training with a context of `context` bytes (T).
 * @throws {DataError} `data.empty-corpus`, `data.split-too-short`
 */
export function splitCorpus(
  corpus: { name: string; bytes: number },
  split: DataSpec["split"],
  context: number,
): Splits {
  if (corpus.bytes === 0) {
    throw new DataError("data.empty-corpus", {
      place: corpus.name,
      message: `The corpus "${corpus.name}" is empty.`,
      wayOut: "Name a file with text in [data] corpus.",
    });
  }
  const splits = splitRanges(split, corpus.bytes);
  for (const [part, range] of Object.entries(splits) as [keyof Splits, Range | null][]) {
    if (range === null || rangeBytes(range) >= context) continue;
    throw new DataError("data.split-too-short", {
      place: corpus.name,
      message:
        `The ${part} part of "${corpus.name}" (split "${split}") has ${rangeBytes(range)} bytes, ` +
        `fewer than the context length of ${context}.`,
      wayOut: `Set [model] context to at most ${rangeBytes(range)}, or use a corpus of at least ${shortestCorpus(split, context)} bytes.`,
    });
  }
  return splits;
}

/** Fewest corpus bytes for which every part holds `context` bytes. */
function shortestCorpus(split: DataSpec["split"], context: number): number {
  const smallestShare = split === "nanogpt" ? 10 : 5;
  let total = Math.max(1, Math.floor((context * 100) / smallestShare) - 100);
  const fits = () =>
    Object.values(splitRanges(split, total)).every((range) => range === null || rangeBytes(range) >= context);
  while (!fits()) total++;
  return total;
}
