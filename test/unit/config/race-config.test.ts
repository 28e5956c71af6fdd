import { describe, expect, it } from "vitest";
import { canonicalHash, canonicalJson } from "../../../daemon/config/canonical.ts";
import { starterRaceFile } from "../../../daemon/config/defaults.ts";
import { parseRaceFile } from "../../../daemon/config/parse.ts";
import {
  configHash,
  makeSampler,
  type RaceConfig,
  searchRules,
  shapeKey,
  trialSlot,
  trialSpec,
} from "../../../daemon/config/race-config.ts";
import { levers } from "../../../daemon/levers/registry.ts";
import { type TrialSpec, trialSpecSchema } from "../../../daemon/protocol/trial.ts";
import { presetLadder } from "../../../daemon/search/ladder.ts";
import { catalogue } from "./catalogue.ts";

function config(text: string, known = catalogue, file = "models/small.igla.toml"): RaceConfig {
  const parsed = parseRaceFile(text, file, known);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  return parsed.config;
}

describe("RaceConfig", () => {
  it("of an empty file is the default race: one configuration, the trinity ladder", () => {
    const race = config("");
    expect(race).toMatchObject({
      name: "small",
      seed: 1,
      seeds: [1],
      sampler: "random",
      maxTrials: 1,
      budgetSteps: null,
      lanes: null,
      prune: { thresholdBpb: 3.5, warmupSteps: 4000 },
      reportEverySteps: 20,
      checkpointEverySec: 30,
      space: [],
    });
    expect(race.ladder).toEqual(presetLadder("trinity"));
    expect(race.base.model).toMatchObject({ family: "attn", width: 64, heads: 2 });
    expect(trialSpecSchema.safeParse(trialSpec(race, {}, 1, 27_000)).success).toBe(true);
  });

  it("carries what the file says", () => {
    const race = config(`
[race]
name = "mine"
seed = 7
seeds = [43, 44]
max_trials = 10
budget_steps = 5000
lanes = 8
prune_above_bpb = 4
prune_after_steps = 5000
rungs = [{ steps = 100, keep = "2/4" }, { steps = 200 }]
[space."optimizer.lr"]
log = [0.001, 0.01]
`);
    expect(race).toMatchObject({ name: "mine", seed: 7, seeds: [43, 44], maxTrials: 10, lanes: 8 });
    expect(searchRules(race)).toEqual({
      ladder: {
        name: "explicit",
        rungs: [
          { steps: 100, keep: { num: 2, den: 4 } },
          { steps: 200, keep: null },
        ],
      },
      maxTrials: 10,
      budgetSteps: 5000,
      prune: { thresholdBpb: 4, warmupSteps: 5000 },
    });
    expect([0, 1, 2, 3].map((index) => trialSlot(race, index))).toEqual([
      { configIndex: 0, seed: 43 },
      { configIndex: 0, seed: 44 },
      { configIndex: 1, seed: 43 },
      { configIndex: 1, seed: 44 },
    ]);
  });

  it("never starts more trials than the space holds", () => {
    const space = '[space."model.layers"]\nint = [1, 5]\n[space."optimizer.lr"]\nchoice = [0.01, 0.02]\n';
    expect(config(`[race]\nseeds = [1, 2]\n${space}`).maxTrials).toBe(20);
    expect(config(`[race]\nmax_trials = 7\n${space}`).maxTrials).toBe(7);
    expect(config(`[race]\nsampler = "grid"\n${space}`).maxTrials).toBe(10);
    expect(config('[race]\nseeds = [1, 2]\n[space."optimizer.lr"]\nlog = [0.01, 0.02]\n').maxTrials).toBe(54);
    const grid = '[race]\nsampler = "grid"\n[space."optimizer.lr"]\nlog = [0.01, 0.02]\npoints = 40\n';
    expect(config(grid).maxTrials).toBe(40);
    const race = config(space);
    const specs = Array.from({ length: 10 }, (_, i) => {
      const point = makeSampler(race).suggest(i, []);
      return point && configHash(trialSpec(race, point, 1, 100));
    });
    expect(new Set(specs).size).toBe(10);
  });
});

describe("trialSpec", () => {
  const race = config(`
[model]
heads = 4
[levers.softcap]
cap = 20
[levers.muon]
[space."optimizer.lr"]
log = [0.001, 0.01]
[space."levers.softcap"]
choice = [false, true, { cap = 30 }]
[space."levers.swiglu"]
choice = [true, false]
[space."levers.muon.lr"]
choice = [0.01, 0.02]
`);

  it("applies a point", () => {
    const point = {
      "levers.muon.lr": 0.01,
      "levers.softcap": { cap: 30 },
      "levers.swiglu": true,
      "optimizer.lr": 0.005,
    };
    const spec = trialSpec(race, point, 44, 900);
    expect(spec).toMatchObject({
      seed: 44,
      model: { heads: 4, kv_heads: 4 },
      optimizer: { lr: 0.005 },
      schedule: { steps: 900 },
      levers: { softcap: { cap: 30 }, muon: { lr: 0.01, nesterov: true }, swiglu: { hidden_fraction: 1 } },
    });
    expect(trialSpecSchema.parse(spec)).toEqual(spec);
    expect(race.base.levers).toEqual({ softcap: { cap: 20 }, muon: { lr: 0.02, nesterov: true } });
  });

  it("true means the file's settings, false means off", () => {
    const levers = (softcap: boolean) => trialSpec(race, { "levers.softcap": softcap }, 1, 10).levers;
    expect(levers(true).softcap).toEqual({ cap: 20 });
    expect(levers(false)).not.toHaveProperty("softcap");
  });

  it("settings of a choice come on top of the file's", () => {
    const text = '[levers.muon]\nnesterov = false\n[space."levers.muon"]\nchoice = [true, { lr = 0.1 }]\n';
    const muon = (value: boolean | { lr: number }) =>
      trialSpec(config(text), { "levers.muon": value }, 1, 10).levers.muon;
    expect(muon({ lr: 0.1 })).toEqual({ lr: 0.1, nesterov: false });
    expect(muon(true)).toEqual({ lr: 0.02, nesterov: false });
  });

  it("the file's schedule length wins over the ladder's", () => {
    expect(trialSpec(config("[schedule]\nsteps = 500\n"), {}, 1, 900).schedule.steps).toBe(500);
  });

  it("every point of a space gives a valid trial", () => {
    const sampler = makeSampler(race);
    for (let i = 0; i < 50; i++) {
      const point = sampler.suggest(i, []);
      expect(point).not.toBeNull();
      if (point) expect(trialSpecSchema.safeParse(trialSpec(race, point, 1, 100)).error).toBeUndefined();
    }
  });

  it("names of paths are no way around the sections", () => {
    expect(() => trialSpec(race, { "__proto__.x": 1 }, 1, 10)).toThrow(RangeError);
  });

  it("refuses a point of another space", () => {
    expect(() => trialSpec(race, { "data.corpus": "x" }, 1, 10)).toThrow(RangeError);
  });
});

describe("shapeKey", () => {
  const spec = trialSpec(config("[levers.muon]\n[levers.softcap]\n"), {}, 1, 900);
  const key = (change: Partial<TrialSpec>) => shapeKey({ ...spec, ...change }, catalogue);
  const optimizer = (change: Partial<TrialSpec["optimizer"]>) => key({ optimizer: { ...spec.optimizer, ...change } });
  const schedule = (change: Partial<TrialSpec["schedule"]>) => key({ schedule: { ...spec.schedule, ...change } });
  const same = key({});

  it("is the same for what lanes have of their own", () => {
    expect(key({ seed: 2 })).toBe(same);
    const changes = { lr: 1, muon_lr: 1, muon_momentum: 0, weight_decay: 1, beta1: 0, beta2: 0, eps: 1, clip_norm: 0 };
    for (const [name, value] of Object.entries(changes)) expect(optimizer({ [name]: value }), name).toBe(same);
    const steps = { steps: 10, warmup: 1, min_lr_fraction: 0, decay_fraction: 1 };
    for (const [name, value] of Object.entries(steps)) expect(schedule({ [name]: value }), name).toBe(same);
    expect(key({ levers: { ...spec.levers, muon: { lr: 1, nesterov: true } } })).toBe(same);
  });

  it("differs for everything else", () => {
    const others = [
      optimizer({ name: "muon" }),
      optimizer({ batch: 8 }),
      schedule({ kind: "wsd" }),
      key({ model: { ...spec.model, width: 128 } }),
      key({ model: { ...spec.model, norm_gain: false } }),
      key({ data: { ...spec.data, protocol: "strided:8" } }),
      key({ levers: { ...spec.levers, muon: { lr: 0.02, nesterov: false } } }),
      key({ levers: { ...spec.levers, softcap: { cap: 30 } } }),
      key({ levers: { muon: { lr: 0.02, nesterov: true } } }),
      key({ levers: {} }),
    ];
    expect(new Set([same, ...others]).size).toBe(others.length + 1);
  });
});

describe("canonical JSON", () => {
  it("does not depend on the order of keys, nor on members that are undefined", () => {
    expect(canonicalJson({ b: [1, { y: 2, x: null }], a: "ü", c: undefined })).toBe(
      '{"a":"ü","b":[1,{"x":null,"y":2}]}',
    );
    expect(canonicalJson([0, -0, 1e21, 1e-7, true])).toBe("[0,0,1e+21,1e-7,true]");
    expect(canonicalJson({ "\ufb33": 1, "\ud83d\ude00": 2 })).toBe('{"😀":2,"\ufb33":1}');
  });

  it("refuses what JSON cannot hold", () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, undefined, () => 1, 1n, [Number.NaN]]) {
      expect(() => canonicalJson(value)).toThrow(TypeError);
    }
  });

  it("hashes with SHA-256", () => {
    expect(canonicalHash({})).toBe("44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
  });

  it("configHash sees every field, the seed too, and keeps its value", () => {
    const spec = trialSpec(config(""), {}, 43, 900);
    const shuffled = { ...Object.fromEntries(Object.entries(spec).reverse()) } as TrialSpec;
    expect(configHash(shuffled)).toBe(configHash(spec));
    expect(configHash({ ...spec, seed: 44 })).not.toBe(configHash(spec));
    expect(configHash(spec)).toMatchInlineSnapshot(
      `"0ce7cb07401f33ca70829d006343833d0094f8073088701a6075a6b0fef7496d"`,
    );
  });
});

describe("the starter race file", () => {
  it("is valid with the real levers, and every trial it can start is too", () => {
    const race = config(starterRaceFile, levers, "race.igla.toml");
    expect(race).toMatchObject({ name: "race", seed: 43, maxTrials: 27 });
    expect(race.ladder.rungs.map(({ steps }) => steps)).toEqual([100, 300, 900]);
    const sampler = makeSampler(race);
    const keys = new Set<string>();
    for (let i = 0; i < race.maxTrials; i++) {
      const point = sampler.suggest(i, []);
      if (point === null) throw new Error("exhausted");
      const spec = trialSpec(race, point, 43, 900);
      expect(trialSpecSchema.safeParse(spec).error).toBeUndefined();
      keys.add(shapeKey(spec, levers));
    }
    // Softcap off, 15 or 30: all else is read per lane.
    expect(keys.size).toBe(3);
  });

  it("shows the defaults where it says so", () => {
    const race = config(starterRaceFile, levers, "race.igla.toml");
    const { levers: _, ...shown } = race.base;
    const { levers: __, ...defaults } = config("").base;
    expect(shown).toEqual(defaults);
  });
});
