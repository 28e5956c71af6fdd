/**
 * Leak gate (spec section 2): how much of validation and test also stands in train. Exact: a rolling hash finds
 * candidates, a comparison of the bytes decides.
 */
import { DataError } from "./error.ts";
import type { Range, Splits } from "./splits.ts";

/** Length of the passages that decide, and of the shorter ones shown for information. */
const DECIDING_BYTES = 64;
const INFORMING_BYTES = 13;
/** More than this share of repeated 64-byte passages refuses the corpus. */
export const LEAK_LIMIT = 0.001;

/** Passages of an evaluation part that one pass over train looks for: bounds memory to 12 bytes * 2 * this. */
const PASSAGES_PER_PASS = 1 << 22;

export interface LeakReport {
  readonly part: "validation" | "test";
  /** Share of the part's 64-byte passages that occur in train, 0..1. Decides. */
  readonly rate64: number;
  /** The same for 13-byte passages; natural text repeats phrases, so this is information only. */
  readonly rate13: number;
  /** Offset in train at which the whole part stands, or null. Looked for only when the part is suspicious. */
  readonly copyAt: number | null;
  readonly refused: boolean;
}

/** Reports for the evaluation parts of `corpus`. Memory is bounded (about 100 MB) for any corpus size. */
export function measureLeaks(corpus: Uint8Array, splits: Splits): LeakReport[] {
  const train = slice(corpus, splits.train);
  const parts = [{ part: "validation" as const, range: splits.validation }];
  const test = splits.test === null ? [] : [{ part: "test" as const, range: splits.test }];
  return [...parts, ...test].map(({ part, range }) => measurePart(part, slice(corpus, range), train));
}

/** @throws {DataError} `data.leak` naming every part that is refused */
export function assertNoLeak(corpusName: string, reports: readonly LeakReport[]): void {
  const refused = reports.filter((report) => report.refused);
  if (refused.length === 0) return;
  const findings = refused.map(({ part, rate64, copyAt }) =>
    copyAt === null
      ? `${(rate64 * 100).toFixed(2)} % of the ${DECIDING_BYTES}-byte passages of ${part} also occur in train`
      : `${part} is a copy of the train bytes from ${copyAt} on`,
  );
  throw new DataError("data.leak", {
    place: corpusName,
    message: `Evaluation data leak into training data: ${findings.join("; ")} (limit ${LEAK_LIMIT * 100} %).`,
    wayOut:
      "Remove repeated passages from the corpus, or use another one: a score on text seen in training means nothing.",
  });
}

function slice(corpus: Uint8Array, range: Range): Uint8Array {
  return corpus.subarray(range.start, range.end);
}

function measurePart(part: LeakReport["part"], text: Uint8Array, train: Uint8Array): LeakReport {
  const rate64 = repeatedShare(text, train, DECIDING_BYTES);
  const rate13 = repeatedShare(text, train, INFORMING_BYTES);
  // A part too short for one deciding passage can still be a copy.
  const suspicious = rate64 > LEAK_LIMIT || (text.length < DECIDING_BYTES && text.length >= INFORMING_BYTES);
  const at = suspicious ? Buffer.from(train.buffer, train.byteOffset, train.length).indexOf(text) : -1;
  const copyAt = at === -1 ? null : at;
  return { part, rate64, rate13, copyAt, refused: rate64 > LEAK_LIMIT || copyAt !== null };
}

/** Share of the `length`-byte passages of `text` (one per position) that occur anywhere in `train`, 0..1. */
export function repeatedShare(
  text: Uint8Array,
  train: Uint8Array,
  length: number,
  passagesPerPass = PASSAGES_PER_PASS,
): number {
  const passages = text.length - length + 1;
  if (passages <= 0 || train.length < length) return 0;
  let repeated = 0;
  for (let first = 0; first < passages; first += passagesPerPass) {
    const count = Math.min(passagesPerPass, passages - first);
    repeated += new PassageTable(text.subarray(first, first + count + length - 1), length).countIn(train);
  }
  return repeated / passages;
}

/** Bits of the filter in front of the table: 8 MB stay in the processor's cache, the table does not. */
const FILTER_BITS = 26;

/** Odd multiplier of the rolling polynomial hash modulo 2^32. */
const BASE = 0x01000193;

/** Open-addressing table of the distinct passages of a text and how often each occurs there. */
class PassageTable {
  readonly #text: Uint8Array;
  readonly #length: number;
  readonly #mask: number;
  /** Position + 1 of a passage's first occurrence; 0 = free. */
  readonly #first: Uint32Array;
  readonly #hash: Uint32Array;
  /** Occurrences not yet found in train. */
  readonly #open: Uint32Array;
  /** One bit per hash prefix: clear means that no passage has it. */
  readonly #filter = new Uint32Array(2 ** (FILTER_BITS - 5));

  constructor(text: Uint8Array, length: number) {
    this.#text = text;
    this.#length = length;
    const slots = 2 ** Math.ceil(Math.log2(2 * (text.length - length + 1)));
    this.#mask = slots - 1;
    this.#first = new Uint32Array(slots);
    this.#hash = new Uint32Array(slots);
    this.#open = new Uint32Array(slots);
    rollHash(text, length, (hash, at) => this.#add(hash, at));
  }

  #add(hash: number, at: number): void {
    let slot = hash & this.#mask;
    for (; this.#first[slot] !== 0; slot = (slot + 1) & this.#mask) {
      if (this.#hash[slot] === hash && this.#equals(slot, this.#text, at)) break;
    }
    if (this.#first[slot] === 0) {
      this.#first[slot] = at + 1;
      this.#hash[slot] = hash;
      const bit = hash >>> (32 - FILTER_BITS);
      this.#filter[bit >>> 5] = (this.#filter[bit >>> 5] as number) | (1 << (bit & 31));
    }
    this.#open[slot] = (this.#open[slot] as number) + 1;
  }

  /** Occurrences in the text of passages that `train` holds. Empties the table's counts. */
  countIn(train: Uint8Array): number {
    let found = 0;
    rollHash(train, this.#length, (hash, at) => {
      const bit = hash >>> (32 - FILTER_BITS);
      if (((this.#filter[bit >>> 5] as number) & (1 << (bit & 31))) === 0) return;
      for (let slot = hash & this.#mask; this.#first[slot] !== 0; slot = (slot + 1) & this.#mask) {
        if (this.#hash[slot] !== hash || this.#open[slot] === 0 || !this.#equals(slot, train, at)) continue;
        found += this.#open[slot] as number;
        this.#open[slot] = 0;
        return;
      }
    });
    return found;
  }

  #equals(slot: number, other: Uint8Array, at: number): boolean {
    const start = (this.#first[slot] as number) - 1;
    for (let i = 0; i < this.#length; i++) if (this.#text[start + i] !== other[at + i]) return false;
    return true;
  }
}

/** Calls `visit` with a well-mixed 32-bit hash of every `length`-byte passage, in order. */
function rollHash(bytes: Uint8Array, length: number, visit: (hash: number, at: number) => void): void {
  let leaving = 1;
  for (let i = 1; i < length; i++) leaving = Math.imul(leaving, BASE);
  let rolling = 0;
  for (let i = 0; i < bytes.length; i++) {
    if (i >= length) rolling = (rolling - Math.imul((bytes[i - length] as number) + 1, leaving)) | 0;
    rolling = (Math.imul(rolling, BASE) + (bytes[i] as number) + 1) | 0;
    if (i >= length - 1) visit(mix(rolling), i - length + 1);
  }
}

/** MurmurHash3's finaliser: the polynomial's low bits alone spread badly. */
function mix(value: number): number {
  let h = value ^ (value >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
