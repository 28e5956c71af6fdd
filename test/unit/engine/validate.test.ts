/** What the check of a program refuses before any backend sees it. */
import { describe, expect, it } from "vitest";
import type { KernelCall, Program } from "../../../daemon/engine/program.ts";
import { validateProgram } from "../../../daemon/engine/validate.ts";

const buffers = ["a", "b", "y"].map((name) => ({ name, dtype: "f32" as const, length: 8, shared: false }));
const at = (buffer: number, offset = 0) => ({ buffer, offset });
const lincomb = (changes: Partial<KernelCall> = {}): KernelCall => ({
  kernel: "lincomb",
  buffers: { a: at(0), b: at(1), y: at(2) },
  params: { n: 8, alpha: 1, beta: 1 },
  ...changes,
});
const check =
  (call: KernelCall, specs: Program["buffers"] = buffers) =>
  () =>
    validateProgram({ buffers: specs, sections: { step: [call] } });

describe("validateProgram", () => {
  it("accepts a call that fits", () => expect(check(lincomb())).not.toThrow());

  const refused: [string, KernelCall, RegExp][] = [
    ["an unknown kernel", lincomb({ kernel: "lincom" }), /no kernel named "lincom"/],
    ["a missing buffer", lincomb({ buffers: { a: at(0), y: at(2) } }), /step\[0\] lincomb: buffer b is not bound/],
    ["a view past the end", lincomb({ buffers: { a: at(0), b: at(1, 1), y: at(2) } }), /8 elements, the call needs 9/],
    ["a missing parameter", lincomb({ params: { n: 8, alpha: 1 } }), /parameter beta is undefined/],
    ["a buffer read and written", lincomb({ buffers: { a: at(0), b: at(2), y: at(2) } }), /y is both read and written/],
    [
      "a buffer written twice",
      {
        kernel: "swiglu_backward",
        buffers: { a: at(0), b: at(0), dy: at(1), da: at(2), db: at(2, 4) },
        params: { n: 4 },
      },
      /y is written twice/,
    ],
  ];
  it.each(refused)("refuses %s", (_, call, message) => expect(check(call)).toThrow(message));

  it("refuses to write what all lanes share", () => {
    const shared = buffers.map((spec) => ({ ...spec, shared: true }));
    expect(check(lincomb(), shared)).toThrow(/shared and cannot be written/);
  });

  it("refuses another element type", () => {
    const tokens = buffers.map((spec) => ({ ...spec, dtype: "u32" as const }));
    expect(check(lincomb(), tokens)).toThrow(/holds u32, the kernel wants f32/);
  });
});
