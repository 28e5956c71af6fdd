import { describe, expect, it } from "vitest";
import { gridSampler, gridSize } from "../../../daemon/search/samplers/grid.ts";
import { randomSampler } from "../../../daemon/search/samplers/random.ts";
import { gridValue, type Space } from "../../../daemon/search/samplers/space.ts";

const space: Space = [
  { path: "optimizer.lr", domain: { kind: "log", low: 1e-4, high: 1e-2, points: 5 } },
  { path: "optimizer.weight_decay", domain: { kind: "uniform", low: 0, high: 0.5, points: 3 } },
  { path: "model.layers", domain: { kind: "int", low: 2, high: 5, points: null } },
  { path: "levers.softcap", domain: { kind: "choice", values: [false, { cap: 15 }, { cap: 30 }] } },
];

const numbers = (path: string, count: number, seed = 7) => {
  const sampler = randomSampler(space, seed);
  return Array.from({ length: count }, (_, i) => sampler.suggest(i, [])?.[path] as number);
};

describe("random sampler", () => {
  it("depends on (seed, index) only, not on what was asked before", () => {
    const forward = Array.from({ length: 50 }, (_, i) => randomSampler(space, 7).suggest(i, []));
    const sampler = randomSampler(space, 7);
    const backward = Array.from({ length: 50 }, (_, i) => sampler.suggest(49 - i, [])).reverse();
    expect(backward).toEqual(forward);
    expect(randomSampler(space, 8).suggest(0, [])).not.toEqual(forward[0]);
    expect(new Set(forward.map((point) => JSON.stringify(point))).size).toBe(50);
  });

  it("gives a key the same values whatever other keys the space has", () => {
    for (let i = 0; i < 20; i++) {
      const alone = randomSampler(space.slice(0, 1), 7).suggest(i, []);
      expect(alone?.["optimizer.lr"]).toBe(randomSampler(space, 7).suggest(i, [])?.["optimizer.lr"]);
    }
  });

  /** Kolmogorov-Smirnov distance to the uniform distribution on [0, 1]. */
  const distance = (us: number[]) =>
    us.sort((a, b) => a - b).reduce((most, u, i) => Math.max(most, Math.abs(u - (i + 0.5) / us.length)), 0);

  it("draws log-uniform and uniform values within their bounds", () => {
    const n = 4000;
    // Critical value of the test at a level of about 1e-6.
    const critical = 2.7 / Math.sqrt(n);
    const lr = numbers("optimizer.lr", n);
    expect(Math.min(...lr)).toBeGreaterThanOrEqual(1e-4);
    expect(Math.max(...lr)).toBeLessThanOrEqual(1e-2);
    expect(distance(lr.map((x) => Math.log(x / 1e-4) / Math.log(100)))).toBeLessThan(critical);
    expect(distance(lr.map((x) => (x - 1e-4) / (1e-2 - 1e-4)))).toBeGreaterThan(critical);
    expect(distance(numbers("optimizer.weight_decay", n).map((x) => x / 0.5))).toBeLessThan(critical);
  });

  it("draws integers with both bounds and every choice, equally often", () => {
    const counts = (path: string) => {
      const seen = new Map<string, number>();
      for (const value of numbers(path, 4000))
        seen.set(JSON.stringify(value), (seen.get(JSON.stringify(value)) ?? 0) + 1);
      return seen;
    };
    const layers = counts("model.layers");
    expect([...layers.keys()].sort()).toEqual(["2", "3", "4", "5"]);
    for (const count of layers.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
    expect(counts("levers.softcap").size).toBe(3);
  });

  it("gives values that can be typed: six significant digits", () => {
    for (const lr of numbers("optimizer.lr", 100)) expect(lr).toBe(Number(lr.toPrecision(6)));
  });

  it("gives the recorded values for one seed", () => {
    expect(randomSampler(space, 43).suggest(0, [])).toMatchInlineSnapshot(`
      {
        "levers.softcap": {
          "cap": 15,
        },
        "model.layers": 3,
        "optimizer.lr": 0.0020526,
        "optimizer.weight_decay": 0.0404545,
      }
    `);
    expect(randomSampler(space, 43).suggest(1, [])).toMatchInlineSnapshot(`
      {
        "levers.softcap": {
          "cap": 30,
        },
        "model.layers": 4,
        "optimizer.lr": 0.000313302,
        "optimizer.weight_decay": 0.298882,
      }
    `);
  });
});

describe("grid sampler", () => {
  it("visits every point of the product once, then is exhausted", () => {
    const sampler = gridSampler(space, 7);
    expect(sampler.size).toBe(5 * 3 * 4 * 3);
    const points = Array.from({ length: 180 }, (_, i) => JSON.stringify(sampler.suggest(i, [])));
    expect(points).not.toContain("null");
    expect(new Set(points).size).toBe(180);
    expect(sampler.suggest(180, [])).toBeNull();
  });

  it("mixes the order: each half of the visits sees every value", () => {
    const sampler = gridSampler(space, 7);
    for (const start of [0, 90]) {
      const half = Array.from({ length: 90 }, (_, i) => sampler.suggest(start + i, []));
      for (const { path, domain } of space) {
        const values = new Set(half.map((point) => JSON.stringify(point?.[path])));
        expect(values.size).toBe(gridSize([{ path, domain }]));
      }
    }
    const other = gridSampler(space, 8);
    expect(other.suggest(0, [])).not.toEqual(sampler.suggest(0, []));
  });

  it("is a permutation for every small size", () => {
    for (let size = 1; size <= 70; size++) {
      const line: Space = [{ path: "model.layers", domain: { kind: "int", low: 1, high: size, points: null } }];
      const sampler = gridSampler(line, size);
      const seen = new Set(Array.from({ length: size }, (_, i) => sampler.suggest(i, [])?.["model.layers"]));
      expect(seen.size).toBe(size);
    }
  });

  it("spaces the points equally, in the logarithm for log", () => {
    const lr = { kind: "log", low: 1e-4, high: 1e-2, points: 5 } as const;
    expect([0, 1, 2, 3, 4].map((k) => gridValue(lr, k))).toEqual([1e-4, 0.000316228, 1e-3, 0.00316228, 1e-2]);
    const three = { kind: "int", low: 2, high: 9, points: 3 } as const;
    expect([0, 1, 2].map((k) => gridValue(three, k))).toEqual([2, 6, 9]);
    expect(gridValue({ ...lr, points: 1 }, 0)).toBe(1e-3);
  });

  it("has no grid over a range without points", () => {
    const open: Space = [{ path: "optimizer.lr", domain: { kind: "log", low: 1e-4, high: 1e-2, points: null } }];
    expect(gridSize(open)).toBeNull();
    expect(() => gridSampler(open, 1)).toThrow(RangeError);
  });

  it("with an empty space there is one point", () => {
    expect(gridSampler([], 1).suggest(0, [])).toEqual({});
    expect(gridSampler([], 1).suggest(1, [])).toBeNull();
  });
});
