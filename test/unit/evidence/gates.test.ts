/** Each gate just inside and just outside of its bound, and without evidence; and what holds for any input. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { banditGate } from "../../../daemon/evidence/gates/bandit.ts";
import { bohbGate } from "../../../daemon/evidence/gates/bohb.ts";
import { corpusGate, leakGate } from "../../../daemon/evidence/gates/corpus.ts";
import { curriculumGate } from "../../../daemon/evidence/gates/curriculum.ts";
import { causalGate, coverageGate, normalisedGate } from "../../../daemon/evidence/gates/evaluation.ts";
import { type GateVerdict, isAlarm } from "../../../daemon/evidence/gates/gate.ts";
import { rowGates } from "../../../daemon/evidence/gates/ledger-row.ts";
import { flagGate, gradientGate } from "../../../daemon/evidence/gates/lever.ts";
import { coordinateGate, logSlope } from "../../../daemon/evidence/gates/mup.ts";
import { phiGridGate } from "../../../daemon/evidence/gates/phi-grid.ts";
import { proxyGate } from "../../../daemon/evidence/gates/proxy.ts";
import { surrogateGate } from "../../../daemon/evidence/gates/surrogate.ts";
import { registrationSchema } from "../../../daemon/evidence/registration.ts";

const outcome = ({ verdict }: GateVerdict) => verdict;
const range = (n: number) => Array.from({ length: n }, (_, i) => i);

describe("V2, the proxy", () => {
  /** The first `turned` of n configurations are ranked the wrong way round. */
  const configs = (n: number, turned: number, size = (_: number) => 1) =>
    range(n).map((i) => ({ proxy: i < turned ? turned - 1 - i : i, parameters: size(i), bpb: 3 - i / 100 }));
  it("needs a rho of 0.5 on 50 configurations", () => {
    expect(outcome(proxyGate.check({ configs: configs(50, 0) }))).toBe("pass");
    expect(proxyGate.check({ configs: configs(49, 0) })).toMatchObject({ verdict: "fail", measured: null });
    const [inside, outside] = [31, 32].map((turned) => proxyGate.check({ configs: configs(50, turned) }));
    expect(inside).toMatchObject({ verdict: "pass", measured: expect.closeTo(0.52365, 4) });
    expect(outside).toMatchObject({ verdict: "fail", measured: expect.closeTo(0.47602, 4) });
  });
  it("must be better than the number of parameters, whichever way that ranks", () => {
    expect(proxyGate.check({ configs: configs(50, 10, (i) => i) })).toMatchObject({ verdict: "fail", bound: 1 });
    expect(outcome(proxyGate.check({ configs: configs(50, 10, (i) => -i) }))).toBe("fail");
    expect(outcome(proxyGate.check({ configs: configs(50, 10, (i) => i % 7) }))).toBe("pass");
  });
  it("ranks diverged runs last, and says so where nothing can be ranked", () => {
    const some = configs(50, 0).map((one, i) => (i < 5 ? { ...one, bpb: Number.NaN } : one));
    expect(outcome(proxyGate.check({ configs: some }))).toBe("pass");
    const flat = configs(50, 0).map((one) => ({ ...one, proxy: 1 }));
    expect(proxyGate.check({ configs: flat })).toMatchObject({ verdict: "fail", measured: null });
  });
});

describe("V1, the coordinate check", () => {
  const layer = (name: string, slope: number) => ({
    name,
    activations: [8, 16, 32, 64].map((width) => ({ width, meanAbs: 0.3 * width ** slope })),
  });
  it("every layer stays within 0.1 either way", () => {
    for (const slope of [0, 0.099, -0.099])
      expect(outcome(coordinateGate.check({ layers: [layer("a", 0), layer("b", slope)] }))).toBe("pass");
    for (const slope of [0.101, -0.101, 1])
      expect(coordinateGate.check({ layers: [layer("a", slope), layer("b", 0)] })).toMatchObject({
        verdict: "fail",
        measured: expect.closeTo(slope, 9),
        reason: expect.stringContaining("is a:"),
      });
  });
  it("without layers, with two widths or with a dead layer it stays closed", () => {
    expect(outcome(coordinateGate.check({ layers: [] }))).toBe("fail");
    const short = { name: "a", activations: layer("a", 0).activations.slice(0, 2) };
    expect(outcome(coordinateGate.check({ layers: [short] }))).toBe("fail");
    const dead = { name: "a", activations: [8, 16, 32].map((width) => ({ width, meanAbs: 0 })) };
    expect(outcome(coordinateGate.check({ layers: [layer("b", 0), dead] }))).toBe("fail");
  });
  it("any power of the width is found as its slope", () => {
    fc.assert(
      fc.property(
        fc.double({ min: -2, max: 2, noNaN: true }),
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        (p, c) => {
          expect(logSlope([8, 16, 32, 64].map((width) => ({ width, meanAbs: c * width ** p })))).toBeCloseTo(p, 9);
        },
      ),
    );
  });
});

describe("V3, BOHB", () => {
  const curve = (regret: number, steps = 7000) => [
    { steps: 100, regret: 1 },
    { steps: 6000, regret },
    { steps, regret: 0 },
  ];
  it("must be below ASHA at 6000 steps, not before or after", () => {
    expect(outcome(bohbGate.check({ bohb: [curve(0.09)], asha: [curve(0.1)] }))).toBe("pass");
    expect(outcome(bohbGate.check({ bohb: [curve(0.1)], asha: [curve(0.1)] }))).toBe("fail");
    const early = [
      { steps: 5999, regret: 0.2 },
      { steps: 6001, regret: 0.01 },
    ];
    expect(bohbGate.check({ bohb: [early], asha: [curve(0.1)] })).toMatchObject({ verdict: "fail", measured: 0.2 });
  });
  it("replays that end early, have no partner or no result prove nothing", () => {
    const closed = { verdict: "fail", measured: null };
    expect(bohbGate.check({ bohb: [], asha: [] })).toMatchObject(closed);
    expect(bohbGate.check({ bohb: [curve(0)], asha: [] })).toMatchObject(closed);
    expect(bohbGate.check({ bohb: [[{ steps: 5999, regret: 0 }]], asha: [curve(1)] })).toMatchObject(closed);
    expect(bohbGate.check({ bohb: [[{ steps: 6001, regret: 0 }]], asha: [curve(1)] })).toMatchObject(closed);
  });
});

describe("V4, the surrogate", () => {
  const training = range(8).map((i) => ({ group: `t${i}`, rung2Bpb: 3, lastBpb: 2.5 }));
  const rows = (error: number, naive: number) =>
    range(2).map((i) => ({ group: `h${i}`, rung2Bpb: 3 + naive, lastBpb: 2.5, predictedBpb: 2.5 + error }));
  it("an error of 0.1 at most, and below that of the mean drop", () => {
    expect(outcome(surrogateGate.check({ training, heldOut: rows(0.0999, 0.2) }))).toBe("pass");
    expect(outcome(surrogateGate.check({ training, heldOut: rows(0.1001, 0.2) }))).toBe("fail");
    expect(outcome(surrogateGate.check({ training, heldOut: rows(0.05, 0.049) }))).toBe("fail");
    expect(outcome(surrogateGate.check({ training, heldOut: rows(0.0625, 0.0625) }))).toBe("fail");
  });
  it("a fifth of the rows held out, no group on both sides, only numbers", () => {
    const closed = { verdict: "fail", measured: null };
    expect(surrogateGate.check({ training, heldOut: [] })).toMatchObject(closed);
    expect(surrogateGate.check({ training: [], heldOut: rows(0, 1) })).toMatchObject(closed);
    const many = range(90).map((i) => ({ ...training[0], group: `t${i}`, rung2Bpb: 3, lastBpb: 2.5 }));
    expect(surrogateGate.check({ training: many, heldOut: rows(0, 1) })).toMatchObject(closed);
    const shared = rows(0, 1).map((row) => ({ ...row, group: "t3" }));
    expect(surrogateGate.check({ training, heldOut: shared })).toMatchObject(closed);
    expect(surrogateGate.check({ training, heldOut: rows(Number.NaN, 1) })).toMatchObject(closed);
  });
});

describe("V5, the phi grid", () => {
  const grid = { hidden: [64, 103, 167] };
  const past = (best: number, second: number) =>
    range(20).map((i) => ({ id: `c${i}`, bpb: 2 + i, values: { hidden: [best, second][i] ?? 100 } }));
  it("keeps the best tenth, and only that", () => {
    expect(outcome(phiGridGate.check({ past: past(64, 167), grid }))).toBe("pass");
    expect(phiGridGate.check({ past: past(64, 128), grid })).toMatchObject({ verdict: "fail", measured: 1 });
    expect(outcome(phiGridGate.check({ past: past(128, 64), grid }))).toBe("fail");
  });
  it("all that share the last place belong to it; a key that is not known is not on the grid", () => {
    const tied = range(10).map((i) => ({ id: `c${i}`, bpb: i < 2 ? 2 : 3, values: { hidden: i === 1 ? 128 : 64 } }));
    expect(outcome(phiGridGate.check({ past: tied, grid }))).toBe("fail");
    const silent = [{ id: "a", bpb: 2, values: {} }];
    expect(outcome(phiGridGate.check({ past: silent, grid }))).toBe("fail");
    expect(outcome(phiGridGate.check({ past: silent, grid: {} }))).toBe("pass");
    expect(outcome(phiGridGate.check({ past: [], grid }))).toBe("fail");
  });
});

describe("V6, the bandit", () => {
  const brackets = (ucb: number, n = 10) => range(n).map(() => ({ ucb, uniform: 0.5 }));
  it("must have less regret than equal shares over the last ten brackets", () => {
    expect(outcome(banditGate.check({ brackets: brackets(0.499) }))).toBe("pass");
    expect(outcome(banditGate.check({ brackets: brackets(0.5) }))).toBe("fail");
    expect(outcome(banditGate.check({ brackets: [...brackets(9), ...brackets(0.4)] }))).toBe("pass");
    expect(banditGate.check({ brackets: brackets(0, 9) })).toMatchObject({ verdict: "fail", measured: null });
    expect(banditGate.check({ brackets: brackets(Number.NaN) })).toMatchObject({ verdict: "fail", measured: null });
  });
});

describe("V7, the curriculum", () => {
  const without = [-1, 0, 1].map((x) => 2 + x / 8);
  const spread = (factor: number) => [-1, 0, 1].map((x) => 2 + (x / 8) * Math.sqrt(factor));
  it("may raise the variance by half", () => {
    for (const factor of [0, 1, 1.499]) {
      expect(outcome(curriculumGate.check({ without, with: spread(factor) }))).toBe("pass");
    }
    expect(outcome(curriculumGate.check({ without, with: spread(1.501) }))).toBe("fail");
  });
  it("two seeds, no spread to compare with, or no numbers", () => {
    expect(outcome(curriculumGate.check({ without, with: [1, 2] }))).toBe("fail");
    expect(outcome(curriculumGate.check({ without: [2, 2, 2], with: without }))).toBe("fail");
    expect(outcome(curriculumGate.check({ without: [2.1, 2.1, 2.1], with: [2.1, 2.1, 2.1] }))).toBe("pass");
    expect(outcome(curriculumGate.check({ without, with: [1, 2, Number.NaN] }))).toBe("fail");
  });
});

describe("gates of a row", () => {
  const registration = registrationSchema.parse({
    hypothesis: "h",
    subject: "s",
    corpusSha256: "86c4e6aa9db7",
    protocol: "chunked",
    stopRule: "r",
    codeVersion: "abcdef0",
    registeredAt: 0,
  });
  const sound = { seed: 43, bpb: 1.4, step: 4000, sha: "abcdef0" };
  const verdicts = (change: Partial<typeof sound>) =>
    rowGates
      .map((gate) =>
        gate.check({
          row: { ...sound, ...change },
          registration,
          knownVersions: ["abcdef0123"],
          embargo: { versions: [], unreadLines: [] },
        }),
      )
      .filter(({ verdict }) => verdict !== "pass")
      .map(({ gate, verdict }) => `${gate} ${verdict}`);
  it.each([
    [{}, []],
    [{ sha: "abcdef1" }, ["row-version fail"]],
    [{ sha: "" }, ["row-version fail"]],
    [{ step: 3999 }, ["row-step fail"]],
    [{ step: Number.NaN }, ["row-step fail"]],
    [{ bpb: 0.85 }, []],
    [{ bpb: 0.8499 }, ["row-bpb-low review"]],
    [{ bpb: 2.3 }, []],
    [{ bpb: 2.3001 }, ["row-bpb-high review"]],
    [{ bpb: Number.NaN }, ["row-bpb-low fail", "row-bpb-high fail"]],
    [{ seed: 46 }, ["row-seed fail"]],
    [{ seed: Number.NaN }, ["row-seed fail"]],
  ])("%j: %j", (change, expected) => {
    expect(verdicts(change)).toEqual(expected);
  });
});

describe("gates of the corpus", () => {
  const leak = (rate64: number, copyAt: number | null = null) =>
    outcome(leakGate.check({ part: "test", rate64, copyAt, limit: 0.001 }));
  it("a thousandth of the passages may repeat, a copy may not", () => {
    expect([leak(0), leak(0.001), leak(0.00101), leak(Number.NaN), leak(0, 0), leak(-1)]).toEqual([
      "pass",
      "pass",
      "fail",
      "fail",
      "fail",
      "fail",
    ]);
  });
  it("the text that was read is the one that was asked for, by its hash", () => {
    const sha256 = "86c4e6aa9db7c042";
    const asked = { name: "a", sha256: sha256.slice(0, 12) };
    const read = (sha: string) => outcome(corpusGate.check({ asked, read: { name: "a", sha256: sha }, error: null }));
    expect([read(sha256), read("96c4e6aa9db7c042"), read(sha256.slice(0, 11))]).toEqual(["pass", "fail", "fail"]);
    const missing = corpusGate.check({ asked, read: null, error: "no such file" });
    expect(missing).toMatchObject({ verdict: "fail", reason: expect.stringContaining("no such file") });
  });
});

describe("gates of a lever", () => {
  const parameter = (maxAbsGradient: number, moved = true) => ({ name: "gain", maxAbsGradient, moved });
  const learns = (...parameters: ReturnType<typeof parameter>[]) => gradientGate.check({ steps: 3, parameters });
  it("a parameter learns when it gets a gradient and moves", () => {
    expect(outcome(learns(parameter(1e-30)))).toBe("pass");
    for (const dead of [
      parameter(0),
      parameter(1, false),
      parameter(Number.NaN),
      parameter(Number.POSITIVE_INFINITY),
    ]) {
      expect(outcome(learns(parameter(1), dead))).toBe("fail");
    }
    expect(outcome(learns())).toBe("not-applicable");
    expect(outcome(gradientGate.check({ steps: 0, parameters: [parameter(1)] }))).toBe("fail");
  });
  it("a flag changes one of ten losses by at least one bit, or the evaluation", () => {
    const off = range(10).map((i) => 3 - i / 100);
    const flag = (on: readonly number[], evaluation: { off: number; on: number } | null = null) =>
      outcome(flagGate.check({ off, on, evaluation }));
    expect(flag(off)).toBe("fail");
    expect(flag(off.with(9, (off[9] ?? 0) + 2 ** -50))).toBe("pass");
    expect(flag(off, { off: 1, on: 1 })).toBe("fail");
    expect(flag(off, { off: 1, on: 1 + Number.EPSILON })).toBe("pass");
    expect(flag(off.slice(1))).toBe("fail");
    const long = [...off, 2];
    expect(outcome(flagGate.check({ off: long, on: [...off, 1], evaluation: null }))).toBe("fail");
    const nothing = off.map(() => Number.NaN);
    expect(outcome(flagGate.check({ off: nothing, on: nothing, evaluation: null }))).toBe("fail");
  });
});

describe("gates of an evaluation", () => {
  const even = new Array<number>(256).fill(1 / 256);
  const sums = (...predictions: number[][]) => outcome(normalisedGate.check({ predictions }));
  it("probabilities sum to 1 within 1e-5", () => {
    expect(sums(even, even)).toBe("pass");
    expect(sums(even, even.with(3, 1 / 256 + 0.99e-5))).toBe("pass");
    expect(sums(even, even.with(3, 1 / 256 + 1.01e-5))).toBe("fail");
    expect(sums(even.with(3, 1 / 256 - 1.01e-5))).toBe("fail");
    expect(sums(even.with(3, -1 / 256).with(4, 3 / 256))).toBe("fail");
    expect(sums(even.with(3, Number.NaN))).toBe("fail");
    expect(sums([1])).toBe("fail");
    expect(sums()).toBe("fail");
  });
  it("a change shows only behind itself", () => {
    const text = [1, 2, 3, 4];
    const said = (...firsts: number[]) => firsts.map((p) => even.with(0, p));
    const causal = (changedText: number[], predictions: number[][]) =>
      causalGate.check({
        original: { text, predictions: said(0.1, 0.2, 0.3, 0.4) },
        changed: [{ text: changedText, predictions }],
      });
    expect(outcome(causal([1, 9, 3, 4], said(0.1, 0.2, 0.9, 0.9)))).toBe("pass");
    expect(causal([1, 9, 3, 4], said(0.1, 0.2 + 1e-16, 0.3, 0.4))).toMatchObject({ verdict: "fail" });
    expect(outcome(causal([1, 9, 3, 4], said(0.7, 0.2, 0.3, 0.4)))).toBe("fail");
    expect(outcome(causal([1, 2, 3, 9], said(0.1, 0.2, 0.3, Number.NaN)))).toBe("fail");
    expect(outcome(causal(text, said(0.1, 0.2, 0.3, 0.4)))).toBe("fail");
    expect(outcome(causal([1, 2, 3], said(0.1, 0.2, 0.3)))).toBe("fail");
    expect(outcome(causal([1, 2, 3, 9], said(0.1, 0.2, 0.3)))).toBe("fail");
    expect(outcome(causalGate.check({ original: { text, predictions: [] }, changed: [] }))).toBe("fail");
  });
  it("every byte once", () => {
    const scored = (...counts: number[]) => outcome(coverageGate.check({ scored: counts }));
    expect([scored(1, 1), scored(1, 0), scored(2, 1), scored()]).toEqual(["pass", "fail", "fail", "fail"]);
  });
});

describe("any gate", () => {
  const number = fc.oneof(fc.double(), fc.constantFrom(0, -1, 1, 1e308, Number.NaN, Number.POSITIVE_INFINITY));
  const list = fc.array(number, { maxLength: 60 });
  it("never throws, has a JSON form, and an alarm says why", () => {
    fc.assert(
      fc.property(list, list, number, (a, b, x) => {
        const evaluation = { off: x, on: a[0] ?? x };
        const verdicts = [
          proxyGate.check({ configs: a.map((proxy, i) => ({ proxy, parameters: b[i] ?? 1, bpb: x * i })) }),
          coordinateGate.check({
            layers: [{ name: "l", activations: a.map((width, i) => ({ width, meanAbs: b[i] ?? x })) }],
          }),
          bohbGate.check({
            bohb: [a.map((steps) => ({ steps, regret: x }))],
            asha: [b.map((steps) => ({ steps, regret: x }))],
          }),
          surrogateGate.check({
            training: a.map((rung2Bpb, i) => ({ group: `${i}`, rung2Bpb, lastBpb: x })),
            heldOut: b.map((rung2Bpb, i) => ({ group: `h${i}`, rung2Bpb, lastBpb: x, predictedBpb: a[i] ?? x })),
          }),
          phiGridGate.check({
            past: a.map((bpb, i) => ({ id: `${i}`, bpb, values: { x: b[i] ?? x } })),
            grid: { x: b },
          }),
          banditGate.check({ brackets: a.map((ucb, i) => ({ ucb, uniform: b[i] ?? x })) }),
          curriculumGate.check({ without: a, with: b }),
          leakGate.check({ part: "test", rate64: x, copyAt: null, limit: a[0] ?? 0 }),
          gradientGate.check({ steps: x, parameters: a.map((g) => ({ name: "p", maxAbsGradient: g, moved: true })) }),
          flagGate.check({ off: a, on: b, evaluation }),
          normalisedGate.check({ predictions: [a, b] }),
          causalGate.check({ original: { text: a, predictions: [a] }, changed: [{ text: b, predictions: [b] }] }),
          coverageGate.check({ scored: a }),
        ];
        for (const verdict of verdicts) {
          expect(JSON.parse(JSON.stringify(verdict))).toEqual(verdict);
          if (isAlarm(verdict)) expect(verdict.reason).toMatch(/\S.*\.$/);
        }
      }),
      { examples: [[[], [], -0]] },
    );
  });
});
