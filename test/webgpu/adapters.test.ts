/** Adapter choice on made-up adapters: pure rules, no device needed. */
import { describe, expect, test } from "vitest";
import type { AdapterSummary, AdapterType } from "../../daemon/engine/webgpu/adapters.ts";
import { chooseAdapter, findAdapters, isSoftware } from "../../daemon/engine/webgpu/adapters.ts";

const summary = (name: string, type: AdapterType): AdapterSummary => ({
  name,
  vendor: "maker",
  driver: `${name}: driver 1.0`,
  type,
  limits: {} as AdapterSummary["limits"],
  features: [],
});
const discrete = summary("Big GPU", "discrete");
const integrated = summary("Small GPU", "integrated");
const software = summary("llvmpipe", "software");
const all = [discrete, integrated, software];

describe("chooseAdapter", () => {
  test("takes the best hardware adapter", () => {
    expect(chooseAdapter(all, {})).toBe(0);
    expect(chooseAdapter([software, integrated], {})).toBe(1);
  });

  test("leaves software alone unless it is named or allowed", () => {
    expect(() => chooseAdapter([software], {})).toThrow(
      expect.objectContaining({ code: "engine.no-adapter", message: expect.stringContaining("llvmpipe (software)") }),
    );
    expect(chooseAdapter([software], { allowSoftware: true })).toBe(0);
    expect(chooseAdapter(all, { adapter: "LLVM" })).toBe(2);
  });

  test("prefers hardware where software is only allowed", () => {
    expect(chooseAdapter(all, { allowSoftware: true })).toBe(0);
  });

  test("finds a named adapter by part of its name, vendor or driver", () => {
    expect(chooseAdapter(all, { adapter: "small" })).toBe(1);
    expect(chooseAdapter(all, { adapter: "driver 1.0" })).toBe(0);
  });

  test("names what was found when nothing fits", () => {
    expect(() => chooseAdapter(all, { adapter: "nothing like it" })).toThrow(
      /"nothing like it".*Big GPU \(discrete\), Small GPU \(integrated\), llvmpipe \(software\)/,
    );
    expect(() => chooseAdapter([], { allowSoftware: true })).toThrow(/No WebGPU adapter was found.*none/);
  });
});

interface FakeAdapter {
  readonly description: string;
  readonly fallback?: boolean;
}

const fakeAdapter = ({ description, fallback = false }: FakeAdapter) => ({
  info: { vendor: "maker", architecture: "", device: "", description, isFallbackAdapter: fallback },
  limits: { maxBufferSize: 1024 },
  features: new Set(["subgroups"]),
});

/** A GPU object that answers the three requests of `findAdapters`. */
function fakeGpu(answers: { high?: FakeAdapter; low?: FakeAdapter; fallback?: FakeAdapter }): GPU {
  return {
    requestAdapter: async (options: GPURequestAdapterOptions = {}) => {
      const answer = options.forceFallbackAdapter
        ? answers.fallback
        : options.powerPreference === "low-power"
          ? answers.low
          : answers.high;
      return answer ? fakeAdapter(answer) : null;
    },
  } as unknown as GPU;
}

const typesOf = async (answers: Parameters<typeof fakeGpu>[0]) =>
  (await findAdapters(fakeGpu(answers))).map(({ summary: s }) => [s.name, s.type]);

describe("findAdapters", () => {
  const big = { description: "Big GPU: driver" };
  const small = { description: "Small GPU: driver" };
  const raster = { description: "llvmpipe: Mesa", fallback: true };

  test("lists discrete, integrated and software adapters in this order", async () => {
    expect(await typesOf({ high: big, low: small, fallback: raster })).toEqual([
      ["Big GPU", "discrete"],
      ["Small GPU", "integrated"],
      ["llvmpipe", "software"],
    ]);
  });

  test("lists an adapter once and does not guess its type", async () => {
    expect(await typesOf({ high: big, low: big })).toEqual([["Big GPU", "hardware"]]);
    expect(await typesOf({ high: raster, low: raster, fallback: raster })).toEqual([["llvmpipe", "software"]]);
    expect(await typesOf({})).toEqual([]);
  });

  test("sorts software behind hardware even when the driver prefers it", async () => {
    expect(await typesOf({ high: raster, low: small })).toEqual([
      ["Small GPU", "hardware"],
      ["llvmpipe", "software"],
    ]);
  });
});

test("isSoftware knows rasterisers that do not call themselves fallback", () => {
  const info = { vendor: "google", architecture: "swiftshader", device: "", isFallbackAdapter: false };
  expect(isSoftware({ ...info, description: "" })).toBe(true);
  expect(isSoftware({ ...info, architecture: "ada", description: "Some GPU" })).toBe(false);
});
