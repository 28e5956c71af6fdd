import { randomFillSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assertNoLeak, LEAK_LIMIT, measureLeaks, repeatedShare } from "../../daemon/data/leak-gate.ts";
import { splitRanges } from "../../daemon/data/splits.ts";
import { needsTinyShakespeare, tinyShakespeare, tinyShakespeareFolder } from "./data-fixtures.ts";

/** The definition, word by word. */
function plainShare(text: Uint8Array, train: Uint8Array, length: number): number {
  const haystack = Buffer.from(train);
  let hits = 0;
  const passages = text.length - length + 1;
  for (let i = 0; i < passages; i++) if (haystack.includes(Buffer.from(text.subarray(i, i + length)))) hits++;
  return passages <= 0 ? 0 : hits / passages;
}

function noise(bytes: number): Buffer {
  return randomFillSync(Buffer.alloc(bytes));
}

describe("leak gate", () => {
  it("agrees with the definition, also when a pass holds only a few passages", () => {
    // Two letters and short passages make repetition, hash chains and pass borders frequent.
    const letters = fc.array(fc.integer({ min: 97, max: 98 }), { maxLength: 120 }).map((list) => Uint8Array.from(list));
    fc.assert(
      fc.property(
        letters,
        letters,
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 50 }),
        (text, train, k, perPass) => {
          const expected = train.length < k ? 0 : plainShare(text, train, k);
          expect(repeatedShare(text, train, k, perPass)).toBe(expected);
        },
      ),
      { numRuns: 500 },
    );
  });

  it.skipIf(tinyShakespeareFolder === null)(`passes TinyShakespeare ${needsTinyShakespeare}`, () => {
    const corpus = tinyShakespeare();
    const reports = measureLeaks(corpus, splitRanges("three-way", corpus.length));
    expect(reports.map(({ part, rate64, refused }) => ({ part, rate64, refused }))).toEqual([
      { part: "validation", rate64: 0, refused: false },
      { part: "test", rate64: 0, refused: false },
    ]);
    expect(reports[0]?.rate13).toBeGreaterThan(0.01);
    expect(() => assertNoLeak("tinyshakespeare", reports)).not.toThrow();
  });

  it("refuses just above the limit and passes just below it", () => {
    const corpus = noise(100_000);
    const { validation } = splitRanges("three-way", corpus.length);
    const passages = validation.end - validation.start - 63;
    const allowed = Math.floor(LEAK_LIMIT * passages);
    for (const [repeats, refused] of [
      [allowed, false],
      [allowed + 1, true],
    ] as const) {
      const planted = Buffer.from(corpus);
      planted.copy(planted, validation.start + 100, 500, 500 + 63 + repeats);
      const [report] = measureLeaks(planted, splitRanges("three-way", planted.length));
      expect(report?.rate64).toBe(repeats / passages);
      expect(report?.refused).toBe(refused);
    }
  });

  it("has its limit at 0.1 %: 0.2 % is refused, 0.05 % passes", () => {
    const corpus = noise(1_000_000);
    const { validation } = splitRanges("three-way", corpus.length);
    for (const [share, isRefused] of [
      [0.002, true],
      [0.0011, true],
      [0.0009, false],
      [0.0005, false],
    ] as const) {
      const planted = Buffer.from(corpus);
      const repeats = Math.round(share * (validation.end - validation.start - 63));
      planted.copy(planted, validation.start + 100, 500, 500 + 63 + repeats);
      const reports = measureLeaks(planted, splitRanges("three-way", planted.length));
      expect(reports[0]?.rate64).toBeCloseTo(share, 4);
      const verdict = () => assertNoLeak("planted", reports);
      if (isRefused) expect(verdict).toThrow(expect.objectContaining({ code: "data.leak" }));
      else expect(verdict).not.toThrow();
    }
  });

  it("says that validation is a copy of a part of train, and where", () => {
    const corpus = noise(20_000);
    const splits = splitRanges("three-way", corpus.length);
    corpus.copy(corpus, splits.validation.start, 0, splits.validation.end - splits.validation.start);
    const reports = measureLeaks(corpus, splits);
    expect(reports[0]).toMatchObject({ rate64: 1, copyAt: 0, refused: true });
    expect(() => assertNoLeak("copy", reports)).toThrow(
      expect.objectContaining({ code: "data.leak", message: expect.stringContaining("validation is a copy") }),
    );
  });

  it("finds a copy that is shorter than one deciding passage", () => {
    const corpus = noise(400);
    const splits = splitRanges("three-way", corpus.length);
    corpus.copy(corpus, splits.validation.start, 33, 33 + 20);
    expect(measureLeaks(corpus, splits)[0]).toMatchObject({ rate64: 0, copyAt: 33, refused: true });
  });

  it("stays fast and exact on a text of one letter", () => {
    const corpus = Buffer.alloc(300_000, 0x61);
    expect(measureLeaks(corpus, splitRanges("nanogpt", corpus.length))[0]).toMatchObject({ rate64: 1, refused: true });
  });
});
