/** Philox4x32-10 against the published test vectors (Random123, kat_vectors). */
import { describe, expect, it } from "vitest";
import { mulHi, philox4x32, type U32x4 } from "../../../daemon/engine/random/philox.ts";

const vectors: [U32x4, [number, number], U32x4][] = [
  [
    [0, 0, 0, 0],
    [0, 0],
    [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  ],
  [
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    [0xffffffff, 0xffffffff],
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  ],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
];

describe("philox4x32", () => {
  it.each(vectors)("counter %j, key %j", (counter, [key0, key1], expected) => {
    expect(philox4x32(counter, key0, key1)).toEqual(expected);
  });

  it("multiplies exactly", () => {
    for (const [a, b] of [
      [0xffffffff, 0xffffffff],
      [0xd2511f53, 0x80000001],
      [65536, 65536],
      [3, 5],
    ] as const) {
      expect(mulHi(a, b)).toBe(Number((BigInt(a) * BigInt(b)) >> 32n));
    }
  });
});
