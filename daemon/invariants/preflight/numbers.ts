/**
 * Numbers that an entry states in `numeric_anchor` and `bands`; they take the place of the built-in ones. Files name
 * them freely (`lr: [a, b]`, `lr_min`, `band.lower`), so a key counts when all its words are expected ones.
 */
import type { AssertionEntry } from "../model.ts";

export type Band = readonly [low: number, high: number];
type Numbers = AssertionEntry["numbers"];

const lowWords = ["min", "minimum", "low", "lower", "from"];
const highWords = ["max", "maximum", "high", "upper", "to"];
const fillWords = [
  "band",
  "bands",
  "range",
  "interval",
  "bound",
  "bounds",
  "safe",
  "allowed",
  "valid",
  "certified",
  "limit",
  "value",
  "default",
];

function wordsOf(key: string): string[] {
  return key
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
}

/** The band that the entry states about what `names` calls it, each side on its own; `standard` for the rest. */
export function readBand(numbers: Numbers, names: readonly string[], standard: Band): Band {
  let [low, high] = standard;
  const known = new Set([...names, ...fillWords, ...lowWords, ...highWords]);
  for (const [key, value] of Object.entries(numbers)) {
    const words = wordsOf(key);
    if (!words.every((word) => known.has(word))) continue;
    const isLow = words.some((word) => lowWords.includes(word));
    const isHigh = words.some((word) => highWords.includes(word));
    if (typeof value !== "number") {
      const [first, second, ...more] = value;
      if (first === undefined || second === undefined || more.length > 0) continue;
      [low, high] = [first, second];
    } else if (isLow && !isHigh) low = value;
    else if (isHigh && !isLow) high = value;
  }
  return [low, high];
}

/**
 * A number whose key has one of `telling` among its words and otherwise only words of `others`, or that say "at least".
 */
export function readNumber(
  numbers: Numbers,
  telling: readonly string[],
  others: readonly string[],
  standard: number,
): number {
  return matching(numbers, telling, others).findLast((value) => typeof value === "number") ?? standard;
}

/** A list whose key has one of `telling` among its words and otherwise only words of `others`; null: none is stated. */
export function readList(
  numbers: Numbers,
  telling: readonly string[],
  others: readonly string[],
): readonly number[] | null {
  return matching(numbers, telling, others).findLast((value) => typeof value !== "number") ?? null;
}

function matching(numbers: Numbers, telling: readonly string[], others: readonly string[]) {
  const known = new Set([...telling, ...others, ...fillWords, ...lowWords]);
  return Object.entries(numbers).flatMap(([key, value]) => {
    const words = wordsOf(key);
    const fits = words.some((word) => telling.includes(word)) && words.every((word) => known.has(word));
    return fits ? [value] : [];
  });
}
