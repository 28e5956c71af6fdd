/** The window in which a result must be reproduced, which rows repeat which, baselines that can be compared, the board. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { faultOfBaseline } from "../../../daemon/evidence/baseline.ts";
import { admissionOf, reproductionWindowMs as day } from "../../../daemon/evidence/embargo.ts";
import { boardOf } from "../../../daemon/evidence/ledger/board.ts";
import { readLedger } from "../../../daemon/evidence/ledger/read.ts";
import { runsOf } from "../../../daemon/evidence/ledger/runs.ts";
import { defaultRegistration, judgeLedger } from "../../../daemon/evidence/ledger-gate.ts";
import { judgeVictory } from "../../../daemon/evidence/victory.ts";
import { everyResample } from "../../../daemon/stats/bootstrap.ts";

const sha = "abcdef0123";
const start = Date.parse("2026-01-02T00:00:00Z");
const at = (ms: number) => new Date(start + ms).toISOString();
const row = (seed: number, bpb: number, more: object = {}) => ({
  ts: at(0),
  agent: "a",
  seed,
  bpb,
  step: 5000,
  sha,
  corpus: "demo 0123456789ab",
  protocol: "chunked",
  ...more,
});
const ledgerOf = (rows: readonly object[]) =>
  readLedger(Buffer.from(rows.map((one) => `${JSON.stringify(one)}\n`).join("")));
const nothing = { versions: [], unreadLines: [] };
const judge = (rows: readonly object[], now = start + 2 * day) =>
  judgeLedger({
    ledger: ledgerOf(rows),
    registration: defaultRegistration("final"),
    registrationId: null,
    knownVersions: [sha],
    embargo: nothing,
    selectionSeeds: [],
    baseline: [],
    now,
  });
const three = (more: object = {}) => [row(43, 1.441, more), row(44, 1.44, more), row(45, 1.439, more)];

describe("admission", () => {
  const state = (times: readonly (number | null)[], now: number, bpb = 1.4) => {
    const [first = null, ...rest] = times.map((time) => (time === null ? null : time * day));
    return admissionOf(
      { at: first, bpb: 1.4 },
      rest.map((one) => ({ at: one, bpb })),
      0.05,
      now * day,
    );
  };
  it.each([
    [[0], 0.5, "not-reproduced", 1],
    [[0], 1.01, "lapsed", null],
    [[0, 0.5], 0.99, "window-open", 1],
    [[0, 0.5], 1, "admitted", 1],
    [[0, 1], 1, "admitted", 1],
    [[0, 1.25], 2, "not-reproduced", 2.25],
    [[0, 1.25], 3, "lapsed", null],
    [[0, 5, 5.5], 5.6, "window-open", 6],
    [[0, 5, 5.5], 6, "admitted", 6],
    [[0, 0.5], 0.2, "not-reproduced", 1],
    [[3], 0, "not-reproduced", 4],
    [[0, null], 0.5, "not-reproduced", 1],
    [[null, 0.5], 1, "no-time", null],
  ] as const)("runs at %j days, seen at day %d: %s", (times, now, expected, until) => {
    expect(state(times, now)).toEqual({ state: expected, until: until === null ? null : until * day });
  });
  it("a run that gave another number is told whenever it was", () => {
    for (const times of [
      [0, 0.1],
      [0, 9],
      [0, null],
      [null, 1],
    ]) {
      expect(state(times, 1, 1.4501).state).toBe("differs");
      expect(state(times, 1, 1.4499).state).not.toBe("differs");
    }
  });
  it("the order of the runs changes nothing, and an admitted result stays so", () => {
    const times = fc.array(fc.integer({ min: 0, max: 4 * day }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(times, fc.integer({ min: 0, max: 6 * day }), fc.nat(day), (list, now, more) => {
        const [first = 0, ...rest] = list.map((time) => ({ at: time, bpb: 1.4 }));
        const result = first === 0 ? { at: 0, bpb: 1.4 } : first;
        const found = admissionOf(result, rest, 0, now);
        expect(admissionOf(result, rest.toReversed(), 0, now)).toEqual(found);
        if (found.state === "admitted") expect(admissionOf(result, rest, 0, now + more)).toEqual(found);
      }),
    );
  });
});

describe("the gate", () => {
  const later = { ts: at(day / 2) };
  it("admits no result before it was reproduced and its day is over", () => {
    const codes = (rows: readonly object[], now?: number) => [
      ...new Set(judge(rows, now).reasons.map(({ code }) => code)),
    ];
    expect(codes(three())).toEqual(["lapsed"]);
    expect(codes(three(), start + day / 4)).toEqual(["not-reproduced"]);
    expect(codes([...three(), ...three(later)], start + 0.9 * day)).toEqual(["window-open"]);
    expect(judge([...three(), ...three(later)], start + 0.9 * day).outcome).toBe("not-yet");
    expect(judge([...three(), ...three(later)])).toMatchObject({
      outcome: "victory",
      judged: 3,
      repeats: 3,
      reasons: [],
    });
    expect(codes([...three(), ...three(later).slice(1)])).toEqual(["lapsed"]);
  });
  it("a repeat counts against the result: another number, or one that does not win", () => {
    const off = judge([...three(), ...three(later).with(0, row(43, 1.3, later))]);
    expect(off).toMatchObject({ outcome: "rejected", reasons: [{ code: "differs", line: 1 }] });
    const near = [row(43, 1.499), row(44, 1.4985), row(45, 1.4988)];
    const above = near.map((one) => ({ ...one, ...later, bpb: one.bpb + 0.01 }));
    const found = judge([...near, ...above]);
    expect(found.outcome).toBe("rejected");
    expect(found.reasons.map(({ message }) => message).join()).toContain("0 of 3 registered seeds are below 1.5");
  });
  it("a repeat by a version that does not count does not count", () => {
    const rows = [...three(), ...three({ ...later, sha: "1234567", reproduces: 1 }).slice(0, 1)];
    expect(judge(rows)).toMatchObject({ outcome: "rejected", reasons: [{ code: "unknown-version", line: 4 }] });
  });
  it("any order of the rows gives the same outcome, reasons and admissions, but for the lines", () => {
    const any = fc.record({
      seed: fc.constantFrom(43, 44, 45),
      bpb: fc.constantFrom(1.4, 1.44, 1.441, 1.6),
      ts: fc.constantFrom(at(0), at(day / 2), at(1.2 * day)),
      agent: fc.constantFrom("a", "b"),
    });
    const seen = (rows: readonly object[]) => {
      const { outcome, admissions, reasons } = judge(rows);
      return {
        outcome,
        states: admissions.map(({ seed, state, until }) => `${seed} ${state} ${until}`).sort(),
        codes: reasons.map(({ code }) => code).sort(),
      };
    };
    const rows = fc
      .array(any, { maxLength: 6 })
      .map((list) => [...three(), ...list.map((one) => ({ ...row(43, 1), ...one }))]);
    fc.assert(
      fc.property(
        rows.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
        ([list, mixed]) => {
          expect(seen(mixed)).toEqual(seen(list));
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("which rows repeat which", () => {
  const runs = (...rows: object[]) => {
    const { results, strays } = runsOf(ledgerOf(rows).rows);
    return [results.map(({ result, repeats }) => [result.line, ...repeats.map(({ line }) => line)]), strays.length];
  };
  const first = row(43, 1.4);
  it("another time or agent; a copy, another code version or no time is no repeat", () => {
    expect(runs(first, { ...first, agent: "b" })).toEqual([[[1, 2]], 0]);
    expect(runs({ ...first, ts: at(1) }, first)).toEqual([[[2, 1]], 0]);
    const { ts: _, ...timeless } = first;
    for (const more of [
      { bpb: 1.5 },
      { agent: "b", sha: "1234567" },
      { agent: "b", step: 5001 },
      { agent: "b", protocol: "x" },
    ]) {
      expect(runs(first, { ...first, ...more })).toEqual([[[1], [2]], 0]);
    }
    expect(runs(first, { ...timeless, agent: "b" })).toEqual([[[1], [2]], 0]);
  });
  it("a row may name its result by line or hash, whatever its version; not another seed, corpus, protocol, step", () => {
    expect(runs(first, { ...first, sha: "1234567", reproduces: 1 })).toEqual([[[1, 2]], 0]);
    const hash = "0123456789abcdef";
    expect(runs({ ...first, hash }, { ...first, reproduces: hash.slice(0, 12).toUpperCase() })).toEqual([[[1, 2]], 0]);
    expect(runs({ ...first, hash }, { ...first, reproduces: hash.slice(0, 11) })).toEqual([[[1]], 1]);
    for (const more of [
      { seed: 44 },
      { corpus: "x ffffffffffff" },
      { protocol: "x" },
      { step: 1 },
      { reproduces: 9 },
      { reproduces: {} },
    ]) {
      expect(runs(first, { ...first, reproduces: 1, ...more })).toEqual([[[1]], 1]);
    }
  });
});

describe("a baseline", () => {
  const fault = (...rows: object[]) =>
    faultOfBaseline(ledgerOf(rows).rows, ledgerOf([row(43, 1.4), row(44, 1.4, { step: 6000 })]).rows, {
      corpus: "0123456789abcdef",
      protocol: "chunked",
    });
  it("has the same corpus, protocol and steps", () => {
    expect(fault(row(43, 1.6), row(1, 1.6, { step: 6000 }))).toBeNull();
    for (const [more, word] of [
      [{ corpus: "x ffffffffffff" }, "corpus"],
      [{ corpus: "demo" }, "not named"],
      [{ protocol: "strided:8" }, "strided:8"],
      [{ step: 6000 }, "step of the baseline is 6000"],
      [{ seed: 1, step: 7000 }, "5000 or 6000"],
    ] as const) {
      expect(fault(row(44, 1.6, { step: 6000 }), row(43, 1.6, more))).toMatchObject({
        line: 2,
        message: expect.stringContaining(word),
      });
    }
  });
});

describe("fewer than three seeds", () => {
  const registration = { ...defaultRegistration("final"), seeds: [43, 44] };
  const victory = (bpb: readonly number[], baseline: readonly { seed: number; bpb: number }[]) =>
    judgeVictory({
      registration,
      rows: bpb.map((one, i) => ({ seed: 43 + i, bpb: one, step: 5000, sha })),
      knownVersions: [sha],
      embargo: nothing,
      selectionSeeds: [],
      baseline,
      floorBpb: null,
    });
  const pair = [
    { seed: 44, bpb: 1.605 },
    { seed: 43, bpb: 1.6 },
  ];
  it("are compared pair by pair with a baseline of the same seeds; that decides nothing by itself", () => {
    expect(victory([1.4, 1.41], pair)).toMatchObject({ verdict: "underpowered", test: "paired-bootstrap", p: 0.25 });
    // The t test would have refused what varies that much.
    expect(victory([1.2, 1.49], pair)).toMatchObject({ verdict: "underpowered", test: "paired-bootstrap" });
    expect(victory([1.2, 1.49], [])).toMatchObject({ verdict: "rejected", test: "one-sample-t" });
    expect(
      victory(
        [1.4, 1.41],
        pair.map((one) => ({ ...one, bpb: one.bpb - 0.2 })),
      ),
    ).toMatchObject({ verdict: "rejected" });
    expect(victory([1.4, 1.405], pair)).toMatchObject({ verdict: "rejected", reasons: [{ code: "no-variance" }] });
  });
  it("other seeds, a seed twice or one too many are no pairs", () => {
    for (const other of [
      pair.slice(1),
      [...pair, { seed: 45, bpb: 1.6 }],
      [
        { seed: 43, bpb: 1 },
        { seed: 43, bpb: 2 },
      ],
    ]) {
      expect(victory([1.4, 1.41], other).test).toBe("one-sample-t");
    }
  });
  it("draws every resample once", () => {
    const { uniform, resamples } = everyResample(3);
    const drawn = Array.from({ length: resamples }, () => [0, 1, 2].map(() => Math.floor(uniform() * 3)).join(""));
    expect(new Set(drawn).size).toBe(27);
  });
});

describe("the board", () => {
  it("orders by BPB, then line, and counts what is before the warm-up", () => {
    const rows = [row(43, 1.5), row(44, 1.4), row(45, 1.5), row(46, 1.3, { step: 3999 }), row(47, 1.4, { agent: "b" })];
    const board = boardOf(ledgerOf(rows), 4000, nothing);
    expect(board.rows.map(({ line }) => line)).toEqual([2, 5, 1, 3]);
    expect(board.beforeWarmup).toBe(1);
    expect(boardOf(ledgerOf(rows), 3999, nothing).rows[0]?.line).toBe(4);
  });
  it.each([
    [{ seed: null }, "no seed"],
    [{ step: null }, "no step"],
    [{ sha: null }, "no sha"],
    [{ bpb: 0.09 }, "artefact"],
    [{ bpb: 0.84 }, "person"],
    [{ bpb: 2.31 }, "person"],
    [{ sha: "1234567890" }, "embargo"],
    [{ agent: "a" }, "copy of line 1"],
    [{ reproduces: 7 }, "names no result"],
  ])("marks %j: %s", (more, word) => {
    const rows = [row(43, 1.4), row(43, 1.4, { agent: "b", ...more })];
    const board = boardOf(ledgerOf(rows), 4000, { versions: ["1234567"], unreadLines: [] });
    expect(board.rows.find(({ line }) => line === 2)?.marks.join()).toContain(word);
    expect(board.rows.find(({ line }) => line === 1)?.marks).toEqual([]);
  });
  it("no row is lost, and their order in the file changes only the lines", () => {
    const any = fc.record({
      seed: fc.integer({ min: 43, max: 45 }),
      bpb: fc.constantFrom(0.05, 1.4, 1.5, 2.4),
      step: fc.constantFrom(10, 4000, null),
      agent: fc.constantFrom("a", "b"),
    });
    const lists = fc.array(
      any.map((one) => ({ ...row(43, 1), ...one })),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(lists, (rows) => {
        const board = boardOf(ledgerOf(rows), 4000, nothing);
        expect(board.rows.length + board.beforeWarmup).toBe(rows.length);
        const seen = (list: typeof board.rows) => list.map(({ bpb }) => bpb);
        expect(seen(board.rows)).toEqual(seen(board.rows).toSorted((a, b) => a - b));
        const mirrored = boardOf(ledgerOf(rows.toReversed()), 4000, nothing);
        expect(seen(mirrored.rows)).toEqual(seen(board.rows));
        const marked = (list: typeof board.rows) => list.flatMap(({ marks }) => marks).length;
        expect(marked(mirrored.rows)).toBe(marked(board.rows));
      }),
    );
  });
});
