import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeSafetensors, encodeSafetensors, type Tensor } from "../../daemon/checkpoint/safetensors.ts";

const malformed = (reason: RegExp) =>
  expect.objectContaining({ code: "checkpoint.malformed", message: expect.stringMatching(reason) });

/** A file from a literal header and data, for what the writer never produces. */
function fileOf(header: unknown, dataBytes: number, claimed?: bigint): Buffer {
  const json = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(claimed ?? BigInt(json.length));
  return Buffer.concat([length, json, Buffer.alloc(dataBytes, 7)]);
}

const entry = (start: number, end: number, over: object = {}) => ({
  dtype: "F32",
  shape: [(end - start) / 4],
  data_offsets: [start, end],
  ...over,
});

const tensor: fc.Arbitrary<Tensor> = fc
  .tuple(fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }), fc.boolean(), fc.noShrink(fc.nat()))
  .map(([shape, isFloat, seed]) => {
    const bits = Uint32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) =>
      Math.imul(seed + i + 1, 0x9e3779b1),
    );
    return { shape, data: isFloat ? new Float32Array(bits.buffer) : bits };
  });
const name = fc
  .oneof(fc.string({ unit: "binary" }), fc.constantFrom("0", "17", "__proto__", 'a"b', "param/wte"))
  .filter((text) => text !== "__metadata__");

const bytesOf = (array: Tensor["data"]) => Buffer.from(array.buffer, array.byteOffset, array.byteLength);

describe("safetensors", () => {
  it("gives back every bit, name, shape and metadata, from any kind of buffer", () => {
    const text = fc.string({ unit: "binary" });
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(name, tensor), { selector: ([key]) => key }),
        fc.uniqueArray(fc.tuple(text, text), { selector: ([key]) => key }),
        (list, meta) => {
          const file = encodeSafetensors(new Map(list), Object.fromEntries(meta));
          // A Buffer at an odd offset: what a pooled read gives.
          const shifted = Buffer.concat([Buffer.alloc(1), file]).subarray(1);
          for (const bytes of [file, shifted]) {
            const read = decodeSafetensors(bytes, "memory");
            expect(read.tensors.size).toBe(list.length);
            expect(Object.entries(read.metadata).sort()).toEqual(Object.entries(Object.fromEntries(meta)).sort());
            for (const [key, written] of list) {
              const found = read.tensors.get(key);
              expect(found?.shape).toEqual(written.shape);
              expect(found?.data.constructor).toBe(written.data.constructor);
              expect(found && bytesOf(found.data).equals(bytesOf(written.data))).toBe(true);
            }
          }
        },
      ),
    );
  });

  it("owns what it returns: changing the file's bytes afterwards changes nothing", () => {
    const file = Buffer.from(encodeSafetensors(new Map([["a", { shape: [2], data: Float32Array.of(1, 2) }]]), {}));
    const { tensors } = decodeSafetensors(file, "memory");
    file.fill(0);
    expect([...(tensors.get("a")?.data ?? [])]).toEqual([1, 2]);
  });

  it("writes by the format's rules: aligned data, sorted names, the same bytes for the same content", () => {
    const a: Tensor = { shape: [1], data: Float32Array.of(1) };
    const b: Tensor = { shape: [2, 1], data: Uint32Array.of(2, 3) };
    const file = encodeSafetensors(
      new Map([
        ["b", b],
        ["a", a],
      ]),
      { z: "1", y: "2" },
    );
    expect(
      encodeSafetensors(
        new Map([
          ["a", a],
          ["b", b],
        ]),
        { y: "2", z: "1" },
      ),
    ).toEqual(file);
    const headerBytes = Number(new DataView(file.buffer).getBigUint64(0, true));
    expect(headerBytes % 8).toBe(0);
    expect(JSON.parse(Buffer.from(file.subarray(8, 8 + headerBytes)).toString())).toEqual({
      __metadata__: { y: "2", z: "1" },
      a: { dtype: "F32", shape: [1], data_offsets: [0, 4] },
      b: { dtype: "U32", shape: [2, 1], data_offsets: [4, 12] },
    });
    expect(file.length).toBe(8 + headerBytes + 12);
  });

  it("widens f16 and bf16 exactly", () => {
    const header = {
      half: { dtype: "F16", shape: [8], data_offsets: [0, 16] },
      brain: { dtype: "BF16", shape: [3], data_offsets: [16, 22] },
    };
    const file = fileOf(header, 22);
    const at = file.length - 22;
    [0x3c00, 0xc000, 0x0001, 0x03ff, 0x7bff, 0x7c00, 0xfc00, 0x8000].forEach(
      (bits, i) => void file.writeUInt16LE(bits, at + 2 * i),
    );
    [0x3f80, 0xc040, 0x0001].forEach((bits, i) => void file.writeUInt16LE(bits, at + 16 + 2 * i));
    const { tensors } = decodeSafetensors(file, "memory");
    expect([...(tensors.get("half")?.data ?? [])]).toEqual([
      1,
      -2,
      2 ** -24,
      1023 * 2 ** -24,
      65504,
      Infinity,
      -Infinity,
      -0,
    ]);
    expect([...(tensors.get("brain")?.data ?? [])]).toEqual([1, -3, 2 ** -133]);
    expect(Number.isNaN(decodeOneHalf(0x7e00))).toBe(true);
  });

  function decodeOneHalf(bits: number): number {
    const file = fileOf({ x: { dtype: "F16", shape: [1], data_offsets: [0, 2] } }, 2);
    file.writeUInt16LE(bits, file.length - 2);
    return decodeSafetensors(file, "memory").tensors.get("x")?.data[0] as number;
  }

  it("names the dtype that it cannot read", () => {
    const file = fileOf({ x: { dtype: "I64", shape: [1], data_offsets: [0, 8] } }, 8);
    expect(() => decodeSafetensors(file, "f")).toThrow(
      expect.objectContaining({ code: "checkpoint.unsupported-dtype" }),
    );
  });

  it.each([
    ["an empty file", Buffer.alloc(0), /fewer than the length field/],
    ["a header beyond the end", fileOf("{}", 0, 999n), /claims 999 bytes/],
    ["a header above the format's limit", fileOf("{}", 0, 2n ** 63n), /more than the format allows/],
    ["no JSON", fileOf("{nonsense", 0), /not JSON/],
    ["JSON that is no object", fileOf("[1]", 0), /does not start with/],
    ["a leading space", fileOf(" {}", 0), /does not start with/],
    ["no UTF-8", Buffer.concat([fileOf("{}", 0).subarray(0, 9), Buffer.from([0xff])]), /not UTF-8/],
    ["metadata that is no string", fileOf({ __metadata__: { step: 3 } }, 0), /metadata "step"/],
    ["an unknown dtype", fileOf({ x: entry(0, 4, { dtype: "F33" }) }, 4), /unknown dtype "F33"/],
    ["a dtype from the prototype", fileOf({ x: entry(0, 4, { dtype: "toString" }) }, 4), /unknown dtype/],
    ["a size that is not the shape's", fileOf({ x: entry(0, 4, { shape: [2] }) }, 4), /needs 8 bytes/],
    ["a negative shape", fileOf({ x: entry(0, 4, { shape: [-1] }) }, 4), /no valid shape/],
    ["a huge shape", fileOf({ x: entry(0, 4, { shape: [2 ** 40, 2 ** 40] }) }, 4), /needs .* bytes/],
    ["three offsets", fileOf({ x: entry(0, 4, { data_offsets: [0, 4, 8] }) }, 4), /no valid data_offsets/],
    ["offsets backwards", fileOf({ x: entry(0, 4, { data_offsets: [4, 0] }) }, 4), /span -4/],
    ["an overlap", fileOf({ x: entry(0, 8), y: entry(4, 12) }, 12), /overlaps/],
    ["a hole", fileOf({ x: entry(0, 4), y: entry(8, 12) }, 12), /belong to no tensor/],
    ["bytes behind the last tensor", fileOf({ x: entry(0, 4) }, 5), /1 bytes at its end/],
    ["a truncated data section", fileOf({ x: entry(0, 8) }, 7), /the file has 7/],
    [
      "a name used twice",
      fileOf(
        '{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"\\u0078":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
        4,
      ),
      /"x" twice/,
    ],
    ["an entry that is no object", fileOf({ x: 3 }, 0), /not an object/],
  ])("refuses %s", (_, file, reason) => {
    expect(() => decodeSafetensors(file, "f.safetensors")).toThrow(malformed(reason));
  });

  it("answers any damage with a coded error or with a file of the same size, never with another exception", () => {
    const good = encodeSafetensors(new Map([["w", { shape: [2, 3], data: new Float32Array(6) }]]), { step: "3" });
    const damage = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(damage, fc.nat(good.length), (changes, length) => {
        const bad = good.slice(0, length);
        for (const [at, value] of changes) if (at < length) bad[at] = value;
        try {
          decodeSafetensors(bad, "f");
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^checkpoint\./), place: "f" });
        }
      }),
      { numRuns: 2000 },
    );
  });
});
