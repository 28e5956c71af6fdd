import { describe, expect, it } from "vitest";
import {
  formatKeep,
  keepCount,
  ladderIssues,
  lastRung,
  parseKeep,
  presetIssues,
  presetLadder,
  presetNames,
  rungDelta,
} from "../../../daemon/search/ladder.ts";

const third = { num: 1, den: 3 };

describe("keep fractions", () => {
  it("reads a ratio or the integer eta, and nothing else", () => {
    expect(parseKeep("1/3")).toEqual(third);
    expect(parseKeep(" 3 / 8 ")).toEqual({ num: 3, den: 8 });
    expect(parseKeep(4)).toEqual({ num: 1, den: 4 });
    expect(parseKeep("1/1")).toEqual({ num: 1, den: 1 });
    const bad = ["0/3", "4/3", "1/0", "1", "", "1/3/1", "0.5/1", "-1/3", "a/b", "1/1000001", 0, -3, 2.5, Number.NaN];
    for (const value of bad) expect(parseKeep(value), String(value)).toBeNull();
    expect(formatKeep(third)).toBe("1/3");
  });

  it("takes the exact floor where floats do not", () => {
    // 0.29 * 100 is 28.999999999999996 in floats.
    expect(keepCount(100, { num: 29, den: 100 })).toBe(29);
    expect(keepCount(243, { num: 1, den: 243 })).toBe(1);
    for (let n = 0; n <= 1000; n++) {
      for (const den of [1, 2, 3, 7, 10]) expect(keepCount(n, { num: 1, den })).toBe(Number(BigInt(n) / BigInt(den)));
    }
    const n = 9_000_000_000;
    expect(keepCount(n, { num: 999_999, den: 1_000_000 })).toBe(Number((BigInt(n) * 999_999n) / 1_000_000n));
  });
});

describe("presets", () => {
  it("are the ladders of SPEC 3", () => {
    expect(presetLadder("trinity").rungs.map(({ steps }) => steps)).toEqual([1000, 3000, 9000, 27000]);
    expect(presetLadder("trinity").rungs.map(({ keep }) => keep)).toEqual([third, third, third, null]);
    expect(presetLadder("hunt").rungs.map(({ steps }) => steps)).toEqual([100, 500, 2000, 8000, 32000, 81000]);
    for (const name of presetNames) {
      expect(ladderIssues(presetLadder(name).rungs)).toEqual([]);
      expect(presetIssues(name, presetLadder(name).rungs)).toEqual([]);
    }
  });

  it("hunt keeps 16, 8, 3, 1 and 1 of 16 seeds", () => {
    let n = 16;
    const kept = presetLadder("hunt").rungs.flatMap(({ keep }) => {
      if (keep === null) return [];
      n = keepCount(n, keep);
      return [n];
    });
    expect(kept).toEqual([16, 8, 3, 1, 1]);
  });

  it("refuse other rungs under their name", () => {
    const rungs = presetLadder("trinity").rungs;
    const change = (rung: number, by: object) => rungs.map((r, k) => (k === rung ? { ...r, ...by } : r));
    expect(presetIssues("trinity", change(2, { steps: 8000 }))).toMatchObject([
      { code: "ladder.breaks-preset", rung: 2 },
    ]);
    expect(presetIssues("trinity", change(1, { keep: { num: 1, den: 2 } }))).toMatchObject([{ rung: 1 }]);
    expect(presetIssues("trinity", change(1, { keep: { num: 2, den: 6 } }))).toEqual([]);
    expect(presetIssues("trinity", rungs.slice(0, 3))).toMatchObject([{ rung: null }]);
    expect(presetIssues("trinity", [...rungs, { steps: 81000, keep: null }])).toMatchObject([{ rung: 4 }]);
  });
});

describe("ladder rules", () => {
  it("deltas add up to the last rung", () => {
    for (const name of presetNames) {
      const ladder = presetLadder(name);
      const sum = ladder.rungs.reduce((total, _, rung) => total + rungDelta(ladder, rung), 0);
      expect(sum).toBe(ladder.rungs[lastRung(ladder)]?.steps);
    }
    expect(() => rungDelta(presetLadder("trinity"), 4)).toThrow(RangeError);
  });

  it("names every fault with its rung", () => {
    const codes = (rungs: Parameters<typeof ladderIssues>[0]) => ladderIssues(rungs).map((i) => [i.code, i.rung]);
    expect(codes([])).toEqual([["ladder.empty", null]]);
    expect(codes([{ steps: 100, keep: null }])).toEqual([]);
    expect(codes([{ steps: 100, keep: third }])).toEqual([["ladder.keep-on-last", 0]]);
    expect(
      codes([
        { steps: 0, keep: third },
        { steps: 1.5, keep: null },
        { steps: 100, keep: third },
        { steps: 100, keep: null },
      ]),
    ).toEqual([
      ["ladder.bad-steps", 0],
      ["ladder.bad-steps", 1],
      ["ladder.keep-missing", 1],
      ["ladder.not-increasing", 3],
    ]);
  });
});
