/** Registration, embargo and the victory predicate: each reason alone, all together, and what must hold for any rows. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tokenBudget } from "../../../daemon/evidence/chinchilla.ts";
import { isEmbargoed, readEmbargo, reproduction, reproductionWindowMs } from "../../../daemon/evidence/embargo.ts";
import {
  isAdmissible,
  type Registration,
  readRegistration,
  registrationId,
  registrationPath,
  registrationSchema,
  registrationText,
} from "../../../daemon/evidence/registration.ts";
import { judgeVictory, type ResultRow, type VictoryInput } from "../../../daemon/evidence/victory.ts";

const registration: Registration = registrationSchema.parse({
  hypothesis: "softcap lowers the loss",
  subject: "softcap",
  corpusSha256: "86c4e6aa9db7",
  protocol: "chunked",
  stopRule: "all seeds once",
  codeVersion: "abcdef0",
  registeredAt: 1000,
});
const sha = "abcdef0123456789";
const row = (seed: number, bpb: number, more: Partial<ResultRow> = {}): ResultRow => ({
  seed,
  bpb,
  step: 5000,
  sha,
  ...more,
});
const winning = [row(43, 1.441), row(44, 1.44), row(45, 1.439)];
const input = (rows: readonly ResultRow[], more: Partial<VictoryInput> = {}): VictoryInput => ({
  registration,
  rows,
  knownVersions: [sha],
  embargo: { versions: [], unreadLines: [] },
  selectionSeeds: [],
  baseline: [],
  floorBpb: null,
  ...more,
});
const codes = (rows: readonly ResultRow[], more: Partial<VictoryInput> = {}) =>
  judgeVictory(input(rows, more)).reasons.map(({ code }) => code);
const verdict = (rows: readonly ResultRow[], more: Partial<VictoryInput> = {}) =>
  judgeVictory(input(rows, more)).verdict;
const replaced = (at: number, more: Partial<ResultRow>) =>
  winning.map((one, i) => (i === at ? { ...one, ...more } : one));

describe("a registration", () => {
  it("has the defaults of the gate, and a name that is its hash", () => {
    expect(registration).toMatchObject({
      seeds: [43, 44, 45],
      alpha: 0.01,
      mu0: 1.55,
      target: 1.5,
      minimumEffect: 0.05,
    });
    const id = registrationId(registration);
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    const read = readRegistration(registrationPath(id), registrationText(registration));
    expect(read).toEqual({ ok: true, id, registration });
    const reordered = Object.fromEntries(Object.entries(registration).reverse()) as Registration;
    expect(registrationId(reordered)).toBe(id);
  });
  it("cannot be edited, renamed or be anything else", () => {
    const path = registrationPath(registrationId(registration));
    const text = registrationText(registration);
    expect(readRegistration(path, text.replace('"alpha":0.01', '"alpha":0.05'))).toMatchObject({
      ok: false,
      code: "edited",
    });
    expect(readRegistration(path, ` ${text}`)).toMatchObject({ ok: false, code: "edited" });
    expect(readRegistration("assertions/prereg/000000000000.json", text)).toMatchObject({ ok: false, code: "edited" });
    expect(readRegistration(path, "{")).toMatchObject({ ok: false, code: "not-json" });
    expect(readRegistration(path, text.replace('"stopRule"', '"stopRules"'))).toMatchObject({
      ok: false,
      code: "not-a-registration",
    });
    expect(() => registrationSchema.parse({ ...registration, seeds: [43, 43] })).toThrow(/twice/);
  });
  it("may lie in a folder of any system; changed line ends are called that", () => {
    const path = registrationPath(registrationId(registration));
    const text = registrationText(registration);
    expect(readRegistration(`C:\\work\\${path.replaceAll("/", "\\")}`, text)).toMatchObject({ ok: true });
    expect(readRegistration(path, text.replace("\n", "\r\n"))).toMatchObject({
      ok: false,
      code: "edited",
      message: expect.stringContaining("line ends"),
    });
  });
  it("an amended one is another, and results from before are not admissible", () => {
    const amended = { ...registration, alpha: 0.05, amends: registrationId(registration) };
    expect(registrationId(amended)).not.toBe(registrationId(registration));
    expect([isAdmissible(registration, 999), isAdmissible(registration, 1000)]).toEqual([false, true]);
  });
});

describe("victory", () => {
  it("three registered seeds, well below", () => {
    const found = judgeVictory(input(winning));
    expect(found).toMatchObject({ verdict: "victory", reasons: [], review: [] });
    expect(found.p).toBeLessThan(0.001);
    expect(found.meanBpb).toBeCloseTo(1.44, 9);
  });

  const cases: readonly (readonly [string, readonly ResultRow[], Partial<VictoryInput>])[] = [
    ["duplicate-seed", [...winning, row(43, 1.44)], {}],
    ["non-finite", replaced(0, { bpb: Number.NaN }), {}],
    ["before-warmup", replaced(1, { step: 3999 }), {}],
    ["proxy-artefact", replaced(1, { bpb: 0.05 }), {}],
    ["unknown-version", replaced(2, { sha: "1234567" }), {}],
    ["embargoed", winning, { embargo: readEmbargo("ABCDEF0  # bad build\n") }],
    ["unregistered-seed", [...winning, row(46, 1.44)], {}],
    ["seed-of-selection", winning, { selectionSeeds: [44] }],
    ["too-few-below-target", replaced(0, { bpb: 1.5 }), {}],
    [
      "effect-too-small",
      [row(43, 1.499), row(44, 1.4999), row(45, 1.4995)],
      { registration: { ...registration, minimumEffect: 0.06 } },
    ],
    ["no-variance", winning.map((one) => ({ ...one, bpb: 1.44 })), {}],
    ["not-significant", [row(43, 1.3), row(44, 1.49), row(45, 1.499)], {}],
  ];
  it.each(cases)("%s", (code, rows, more) => {
    const found = judgeVictory(input(rows, more));
    expect(found.reasons.map((one) => one.code)).toContain(code);
    expect(found.verdict).toBe("rejected");
  });

  it("lists every reason, in the order of the predicate", () => {
    const rows = [row(43, 1.6, { step: 10 }), row(43, Number.POSITIVE_INFINITY), row(99, 0.01, { sha: "0000000" })];
    expect(codes(rows, { selectionSeeds: [43] })).toEqual([
      "duplicate-seed",
      "non-finite",
      "before-warmup",
      "proxy-artefact",
      "unknown-version",
      "unregistered-seed",
      "seed-of-selection",
      "seed-of-selection",
      "too-few-below-target",
      "effect-too-small",
      "not-significant",
    ]);
  });

  it("the edges: equal to the target is not below, equal to the effect is enough, the warm-up's step counts", () => {
    expect(codes(replaced(0, { bpb: 1.5 }))).toContain("too-few-below-target");
    expect(codes(replaced(0, { step: 4000 }))).toEqual([]);
    const exact = { ...registration, mu0: 1.5, minimumEffect: 0.0625 };
    const rows = [row(43, 1.4375), row(44, 1.4385), row(45, 1.4365)];
    expect(codes(rows, { registration: exact })).toEqual([]);
  });

  it("what is too good is looked at, not thrown away; two seeds decide nothing; a family asks for more", () => {
    const tooGood = [row(43, 0.84), row(44, 0.841), row(45, 0.842)];
    expect(judgeVictory(input(tooGood))).toMatchObject({ verdict: "needs-review", reasons: [] });
    expect(verdict(winning, { floorBpb: 1.85 })).toBe("needs-review");
    const pair = { ...registration, seeds: [43, 44] };
    expect(verdict([row(43, 1.441), row(44, 1.44)], { registration: pair })).toBe("underpowered");
    const weak = [row(43, 1.46), row(44, 1.48), row(45, 1.47)];
    expect(verdict(weak)).toBe("victory");
    expect(verdict(weak, { registration: { ...registration, hypotheses: 7 } })).toBe("rejected");
    const alone = { ...registration, seeds: [43] };
    expect(judgeVictory(input([row(43, 1.44)], { registration: alone }))).toMatchObject({
      verdict: "underpowered",
      reasons: [{ code: "not-significant" }],
    });
    expect(verdict([row(43, 1.6)], { registration: alone })).toBe("rejected");
    const welch = { ...registration, test: "welch-t" as const };
    expect(verdict(winning, { registration: welch, baseline: [row(1, 1.6), row(2, 1.61), row(3, 1.605)] })).toBe(
      "victory",
    );
    expect(verdict(winning, { registration: welch, baseline: [row(1, 1.45), row(2, 1.46), row(3, 1.455)] })).toBe(
      "rejected",
    );
  });

  const anyRow = fc.record({
    seed: fc.integer({ min: 42, max: 46 }),
    bpb: fc.oneof(fc.double({ min: 1.3, max: 1.6, noNaN: true }), fc.constant(Number.NaN)),
    step: fc.integer({ min: 3000, max: 9000 }),
    sha: fc.constantFrom(sha, "1234567"),
  });
  const anyRows = fc.oneof(
    fc.array(anyRow, { maxLength: 6 }),
    fc.tuple(
      ...[43, 44, 45].map((seed) => fc.double({ min: 1.3, max: 1.5, noNaN: true }).map((bpb) => row(seed, bpb))),
    ),
  );
  it("no order of the rows changes the verdict, and a failing row never helps", () => {
    const rank = { rejected: 0, underpowered: 1, "needs-review": 2, victory: 3 } as const;
    const failing = fc.record({
      seed: fc.integer({ min: 42, max: 46 }),
      bpb: fc.double({ min: 1.5, max: 2, noNaN: true }),
    });
    fc.assert(
      fc.property(anyRows, fc.nat(5), failing, (rows, turn, { seed, bpb }) => {
        const list = [...rows];
        const at = list.length === 0 ? 0 : turn % list.length;
        const turned = [...list.slice(at), ...list.slice(0, at)];
        expect(verdict(turned)).toBe(verdict(list));
        expect(rank[verdict([...list, row(seed, bpb)])]).toBeLessThanOrEqual(rank[verdict(list)]);
      }),
      { numRuns: 500 },
    );
  });
});

describe("embargo", () => {
  it("reads versions and comments, names other lines, and matches short and long forms in any case", () => {
    const embargo = readEmbargo("\ufeff# list\r\nABCDEF0123\n\n  1234567 # why\nnot a version\nabc\n");
    expect(embargo).toEqual({ versions: ["abcdef0123", "1234567"], unreadLines: [5, 6] });
    expect(
      ["abcdef0", "ABCDEF0123456", "1234567890", "1234568", "abcdef"].map((one) => isEmbargoed(embargo, one)),
    ).toEqual([true, true, true, false, false]);
    expect(isEmbargoed(embargo, "abcdef0-dirty")).toBe(true);
    expect(codes(replaced(0, { sha: "abcdef0-dirty" }))).toEqual(["unknown-version"]);
  });
  it("a line that cannot be read may be the one that matters: the result is looked at", () => {
    const embargo = readEmbargo("abcdef0123 bad build\n");
    expect(judgeVictory(input(winning, { embargo }))).toMatchObject({ verdict: "needs-review", reasons: [] });
  });
  it("a promoted result counts once it was reproduced within a day", () => {
    expect(reproduction(0, reproductionWindowMs, 1e12)).toBe("admitted");
    expect(reproduction(0, reproductionWindowMs + 1, 1e12)).toBe("lapsed");
    expect(reproduction(1000, 500, 2000)).toBe("waiting");
    expect(reproduction(0, null, reproductionWindowMs)).toBe("waiting");
  });
});

describe("tokens for each parameter", () => {
  const run = { batch: 10, sequence: 100, parameters: 1000, corpusTokens: 1e9 };
  it.each([
    [9, "degeneration"],
    [10, "plateau"],
    [19, "plateau"],
    [20, "sound"],
  ] as const)("%d steps of a thousand tokens: %s", (steps, zone) => {
    expect(tokenBudget({ ...run, steps })).toMatchObject({ ratio: steps, zone, suggestedSteps: 20, isAdvisory: false });
  });
  it("repeated text is counted apart, and makes the ratio advice", () => {
    const budget = tokenBudget({ ...run, steps: 20, corpusTokens: 5000 });
    expect(budget).toMatchObject({ trainedTokens: 20_000, uniqueTokens: 5000, isAdvisory: true });
  });
});
