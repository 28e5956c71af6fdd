import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assertScoredOnce, batchCount, bitsPerByte, parseProtocol, windowCount } from "../../daemon/data/protocol.ts";
import { rangeBytes, splitCorpus, splitRanges } from "../../daemon/data/splits.ts";
import { evalWindows, UNSCORED } from "../../daemon/engine/kernels/data.ts";

describe("splits", () => {
  it("cuts TinyShakespeare where the specification says", () => {
    expect(splitRanges("three-way", 1_115_394)).toEqual({
      train: { start: 0, end: 948_084 },
      validation: { start: 948_084, end: 1_003_854 },
      test: { start: 1_003_854, end: 1_115_394 },
    });
    expect(splitRanges("nanogpt", 1_115_394)).toEqual({
      train: { start: 0, end: 1_003_854 },
      validation: { start: 1_003_854, end: 1_115_394 },
      test: null,
    });
  });

  it("covers every byte exactly once, for every size", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 33 }), fc.constantFrom("three-way", "nanogpt"), (total, split) => {
        const { train, validation, test } = splitRanges(split, total);
        expect(train.start).toBe(0);
        expect(validation.start).toBe(train.end);
        if (test !== null) expect(test.start).toBe(validation.end);
        expect((test ?? validation).end).toBe(total);
        expect([train, validation, test ?? validation].every((range) => rangeBytes(range) >= 0)).toBe(true);
      }),
    );
  });

  it("does not let rounding move a border: 20 bytes give 17, 1 and 2", () => {
    const { train, validation, test } = splitRanges("three-way", 20);
    expect([train, validation, test].map((range) => range && rangeBytes(range))).toEqual([17, 1, 2]);
  });

  it("refuses an empty corpus", () => {
    expect(() => splitCorpus({ name: "void", bytes: 0 }, "three-way", 8)).toThrow(
      expect.objectContaining({ code: "data.empty-corpus" }),
    );
  });

  it("refuses a context longer than a part, names part and bytes, and its way out is exact", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3000 }),
        fc.integer({ min: 1, max: 300 }),
        fc.constantFrom("three-way" as const, "nanogpt" as const),
        (bytes, context, split) => {
          const ranges = splitRanges(split, bytes);
          const shortest = Math.min(
            ...Object.values(ranges).map((range) => (range === null ? bytes : rangeBytes(range))),
          );
          const attempt = () => splitCorpus({ name: "c", bytes }, split, context);
          if (shortest >= context) return void expect(attempt()).toEqual(ranges);
          let failure: { code?: string; wayOut?: string } = {};
          try {
            attempt();
          } catch (error) {
            failure = error as typeof failure;
          }
          expect(failure.code).toBe("data.split-too-short");
          const enough = Number(/at least (\d+) bytes/.exec(failure.wayOut ?? "")?.[1]);
          expect(() => splitCorpus({ name: "c", bytes: enough }, split, context)).not.toThrow();
          expect(() => splitCorpus({ name: "c", bytes: enough - 1 }, split, context)).toThrow();
        },
      ),
    );
  });
});

describe("evaluation protocol", () => {
  it("reads chunked and strided", () => {
    expect(parseProtocol("chunked", 64)).toEqual({ id: "chunked", stride: 64 });
    expect(parseProtocol("strided:16", 64)).toEqual({ id: "strided:16", stride: 16 });
  });

  it.each(["strided:0", "strided:65", "strided:", "strided:1.5", "strided:-1", "stride:4", ""])(
    "refuses %j",
    (text) => {
      expect(() => parseProtocol(text, 64)).toThrow(expect.objectContaining({ code: "data.bad-protocol" }));
    },
  );

  it("its batches score every byte exactly once in the kernel that draws them", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 16 }).chain((time) => fc.tuple(fc.constant(time), fc.integer({ min: 1, max: time }))),
        (bytes, batch, [time, stride]) => {
          const corpus = new Uint32Array(Math.ceil(bytes / 4)).fill(0x61616161);
          const batches = batchCount(bytes, stride, batch);
          let scored = 0;
          for (let cursor = 0; cursor < batches; cursor++) {
            const targets = new Uint32Array(batch * time);
            const buffers = { corpus, cursor: new Uint32Array([cursor, 0, 0, 0]), tokens: targets.slice(), targets };
            evalWindows.reference(buffers, { batch, time, stride, start: 0, bytes });
            scored += targets.filter((target) => target !== UNSCORED).length;
          }
          expect(scored).toBe(bytes);
          expect(windowCount(bytes, stride)).toBeGreaterThan((batches - 1) * batch);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("a uniform model costs 8 bits per byte", () => {
    expect(bitsPerByte(1000 * Math.log(256), 1000)).toBeCloseTo(8, 12);
  });

  it("throws when a byte was scored twice or not at all", () => {
    const protocol = parseProtocol("chunked", 8);
    expect(() => assertScoredOnce(99, 100, protocol)).toThrow(expect.objectContaining({ code: "data.count-mismatch" }));
    expect(() => assertScoredOnce(100, 100, protocol)).not.toThrow();
  });
});
