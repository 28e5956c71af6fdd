/** The race file of an experiment means exactly the trials that were registered, whatever stands in them. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { armSpec, armsOf } from "../../../daemon/config/arms.ts";
import { canonicalJson } from "../../../daemon/config/canonical.ts";
import { parseRaceFile } from "../../../daemon/config/parse.ts";
import type { TrialBase } from "../../../daemon/config/race-config.ts";
import { type ArmRace, raceText } from "../../../daemon/experiment/race-text.ts";
import { levers } from "../../../daemon/levers/registry.ts";
import type { LeverSettings, TrialSpec } from "../../../daemon/protocol/trial.ts";
import { planRace } from "../../../daemon/race/config-plan.ts";
import { configOf, raceFileOf } from "./support.ts";

const seeds = [43, 0, 4294967295];
const steps = 40;

function raceOf(base: TrialBase, changes: Partial<ArmRace> = {}): ArmRace {
  const race = { name: "falsify x", base, toggled: null, seeds, steps, reportEvery: 3, checkpointEverySec: 0.5 };
  return { ...race, lanes: null, ...changes };
}

/** All trials that the daemon trains for the file, in a fixed order. */
function trialsOf(text: string): string[] {
  const parsed = parseRaceFile(text, "x.igla.toml", levers);
  expect(parsed.ok ? [] : parsed.errors.map(({ message }) => message)).toEqual([]);
  const { rules, trial } = planRace(text, "x.igla.toml", null);
  return Array.from({ length: rules.maxTrials }, (_, i) => canonicalJson(trial(i).spec)).sort();
}
const canonical = (specs: readonly TrialSpec[]) => specs.map((spec) => canonicalJson(spec)).sort();

/** Both arms of a lever, as registered and as the daemon reads them. */
function expectRoundTrip(text: string, leverId: string): void {
  const { off, on, settings } = armsOf(configOf(text), leverId, levers);
  const file = raceText(raceOf(off, { toggled: { lever: leverId, settings } }));
  const wanted = [off, on].flatMap((base) => seeds.map((seed) => armSpec(base, seed, steps)));
  expect(trialsOf(file)).toEqual(canonical(wanted));
  // And each arm alone, as it is written where the arms have different lengths.
  for (const base of [off, on]) {
    expect(trialsOf(raceText(raceOf(base)))).toEqual(canonical(seeds.map((seed) => armSpec(base, seed, steps))));
  }
}

describe("both arms come back as they were registered", () => {
  it.each([...levers.keys()])("%s with its defaults", (id) => expectRoundTrip(raceFileOf(), id));

  it.each([
    ["swiglu", "hidden_fraction = 1e-7"],
    ["softcap", "cap = 999.9999999999999"],
    ["qk-gain", "init = 0.1\nlearned = false"],
    ["muon", "lr = 5e-324\nmomentum = 0"],
    ["ema", "decay = 0.9999999999999999"],
    ["wsd", "decay_fraction = 1"],
    ["dropout", "rate = 0.30000000000000004"],
    ["partial-rope", "fraction = 0.5"],
  ])("%s with %j", (id, settings) => {
    const file = raceFileOf(`[levers.${id}]\n${settings}`);
    expect(Object.keys(armsOf(configOf(file), id, levers).settings).length).toBeGreaterThan(0);
    expectRoundTrip(file, id);
  });

  it("a lever that only the space switches on keeps the settings of the file", () => {
    const file = raceFileOf('[levers.softcap]\ncap = 7\n[space."levers.softcap"]\nchoice = [false, { cap = 9 }]');
    expect(armsOf(configOf(file), "softcap", levers).settings).toEqual({ cap: 7 });
    expectRoundTrip(file, "softcap");
  });

  it("other levers stay on in both arms", () => {
    const others = "[levers.qk-norm]\n[levers.ema]\ndecay = 0.9\n[levers.muon]\n";
    expectRoundTrip(raceFileOf(`${others}[levers.relu2]`), "relu2");
    expectRoundTrip(raceFileOf(others), "dropout");
  });

  it("booleans, tiny and large numbers, fewer key/value heads, another protocol", () => {
    const file = `
[data]
split = "nanogpt"
protocol = "strided:3"
[model]
layers = 2
width = 16
heads = 4
kv_heads = 2
context = 6
mlp_mult = 0.5
rope_base = 1e21
norm_gain = false
[optimizer]
name = "muon"
lr = 1.2345678901234567e-9
weight_decay = 0
eps = 1e-300
clip_norm = 0
batch = 2
[schedule]
kind = "flat"
warmup = 0
min_lr_fraction = 0
[race]
rungs = [{ steps = 40 }]
`;
    for (const id of ["relu2", "qk-gain", "tied-head"]) expectRoundTrip(file, id);
  });
});

describe("strings", () => {
  const { off } = armsOf(configOf(raceFileOf()), "relu2", levers);
  const read = (changes: Partial<ArmRace>, corpus: string) => {
    const base = { ...off, data: { ...off.data, corpus } };
    const { config } = readOk(raceText(raceOf(base, changes)));
    return config;
  };
  function readOk(text: string) {
    const parsed = parseRaceFile(text, "x.igla.toml", levers);
    if (!parsed.ok) throw new Error(parsed.errors.map(({ message }) => message).join("\n"));
    return parsed;
  }

  it.each([
    'a "quoted" text.txt',
    "C:\\texts\\new\\u0041.txt",
    "\u007f delete \\\u007f",
    "\u0000\u0001\u001f\b\f\t",
    'line\nfeed\r\nand [section]\nname = "x"',
    "тексты/Война и мир ﬀ é 😀.txt",
    "\u2028\u2029\u0085\ufeff",
    "'''\"\"\"",
    "# no comment",
  ])("%j as the corpus and as a name", (text) => {
    const config = read({ name: text }, text);
    expect([config.base.data.corpus, config.name]).toEqual([text, text]);
  });

  it("any text that a race file can hold", () => {
    const text = fc.string({ unit: "binary", minLength: 1 }).filter((one) => one.isWellFormed());
    fc.assert(
      fc.property(text, text, (corpus, name) => {
        const config = read({ name }, corpus);
        expect([config.base.data.corpus, config.name]).toEqual([corpus, name]);
      }),
    );
  });

  it("any number of a setting", () => {
    const rate = fc.double({ min: 0, max: 1, minExcluded: true, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(rate, (value) => {
        const settings: LeverSettings = { rate: value };
        const on = { ...off, levers: { dropout: settings } };
        expect(trialsOf(raceText(raceOf(on)))).toEqual(canonical(seeds.map((seed) => armSpec(on, seed, steps))));
      }),
    );
  });
});

describe("how it is run", () => {
  const { off } = armsOf(configOf(raceFileOf()), "relu2", levers);
  it("one rung, every pair, nothing drawn by chance, limits of the file kept", () => {
    const toggled = { lever: "relu2", settings: {} };
    const config = configOf(raceText(raceOf(off, { toggled, lanes: 3 })));
    expect(config).toMatchObject({ maxTrials: 6, seeds, sampler: "grid", budgetSteps: null, lanes: 3 });
    expect(config).toMatchObject({ reportEverySteps: 3, checkpointEverySec: 0.5 });
    expect(config.ladder.rungs).toEqual([{ steps, keep: null }]);
  });
  it("a thousand seeds are two thousand trials", () => {
    const many = Array.from({ length: 1000 }, (_, i) => 43 + i);
    const text = raceText(raceOf(off, { toggled: { lever: "relu2", settings: {} }, seeds: many }));
    expect(new Set(trialsOf(text)).size).toBe(2000);
  });
});
