import { describe, expect, it } from "vitest";
import { type ConfigError, formatConfigError } from "../../../daemon/config/config-error.ts";
import { parseRaceFile } from "../../../daemon/config/parse.ts";
import { catalogue } from "./catalogue.ts";

const file = "race.igla.toml";

function errorsOf(text: string): readonly ConfigError[] {
  const parsed = parseRaceFile(text, file, catalogue);
  return parsed.ok ? [] : parsed.errors;
}

/** "line:column-endLine:endColumn code path". */
function places(text: string): string[] {
  return errorsOf(text).map(
    (e) => `${e.line}:${e.column}-${e.endLine}:${e.endColumn} ${e.code}${e.path === "" ? "" : ` ${e.path}`}`,
  );
}

function only(text: string): ConfigError {
  const errors = errorsOf(text);
  expect(errors).toHaveLength(1);
  return errors[0] as ConfigError;
}

describe("[invariants]", () => {
  it.each(["../x.json", "/x.json", "a/../../x.json", "..\\\\x.json", "C:/x.json", "..", ""])(
    "refuses the file %j, which leaves its folder or is none",
    (path) => {
      const error = only(`[invariants]\nfile = "${path}"\n`);
      expect(error).toMatchObject({ code: "config.invalid-value", path: "invariants.file", line: 2, column: 8 });
      expect(error.expected).toBe("a relative path that does not leave its folder");
    },
  );

  it("takes a path inside, and knows its two demands", () => {
    expect(errorsOf('[invariants]\nfile = "./a/..b/c.json"\nrequire = "proven"\n')).toEqual([]);
    expect(only('[invariants]\nrequire = "maybe"\n').expected).toBe('one of "none", "proven"');
    expect(only('[space."invariants.require"]\nchoice = ["none"]\n').code).toBe("space.fixed-path");
  });
});

describe("syntax", () => {
  it("is reported where it breaks", () => {
    expect(places("[model]\nlayers = \nwidth = 64\n")).toEqual(["2:10-2:11 toml.syntax"]);
    expect(places("[model\nlayers = 2\n")).toEqual(["1:7-1:8 toml.syntax"]);
    expect(places('[data]\ncorpus = "text\n')).toEqual(["2:15-2:16 toml.syntax"]);
    expect(places("[model]\nlayers 2\n")).toEqual(["2:8-2:9 toml.syntax"]);
  });

  it("does not hide other errors, of syntax or not", () => {
    const text = "[model]\nlayers = two\nwidht = 64\n\n[optimizer]\nlr = = 3\neps = -1\n";
    expect(places(text)).toEqual([
      "2:10-2:13 toml.syntax",
      "3:1-3:6 config.unknown-key model.widht",
      "6:6-6:7 toml.syntax",
      "7:7-7:9 config.out-of-range optimizer.eps",
    ]);
  });

  it("an open bracket does not swallow the rest of the file", () => {
    const text = '[race]\nrungs = [\n  { steps = 10, keep = "1/2" },\nseed = -1\n\n[model]\nlayers = 0\n';
    expect(places(text)).toEqual([
      "3:32-3:33 toml.syntax",
      "4:8-4:10 config.out-of-range race.seed",
      "7:10-7:11 config.out-of-range model.layers",
    ]);
  });

  it("a header that cannot be read takes its keys with it, and no more", () => {
    expect(places("[model\nlayers = 2\n[optimizer]\nlr = -1\n")).toEqual([
      "1:7-1:8 toml.syntax",
      "4:6-4:8 config.out-of-range optimizer.lr",
    ]);
  });

  it("no rule between keys is tried on half a file", () => {
    expect(places("[model]\nwidth = 9x\nheads = 3\n")).toEqual(["2:10-2:11 toml.syntax"]);
  });

  it("names both places of a key that is defined twice", () => {
    const text = "[model]\nlayers = 2\n# note\nlayers = 3\n";
    expect(places(text)).toEqual(["4:1-4:7 toml.duplicate-key"]);
    expect(places("[model]\nlayers = 2\nlayers = 3\nwidth = 64\nwidth = 128\nheads = 0\n")).toEqual([
      "3:1-3:7 toml.duplicate-key",
      "5:1-5:6 toml.duplicate-key",
      "6:9-6:10 config.out-of-range model.heads",
    ]);
    expect(only(text).message).toBe("layers is defined twice; the first definition is in line 2");
    expect(places("[model]\nlayers = 2\n[optimizer]\nlr = 1\n[model]\nwidth = 128\n")).toEqual([
      "5:2-5:7 toml.duplicate-key",
    ]);
    expect(places('[space."optimizer.lr"]\nlog = [1, 2]\n[space.optimizer.lr]\nlog = [1, 2]\n')).toEqual([
      "3:18-3:20 toml.duplicate-key space.optimizer.lr",
    ]);
  });

  it("refuses nesting that nobody writes", () => {
    const nested = `[model]\nlayers = ${"[".repeat(40)}1${"]".repeat(40)}\n`;
    expect(places(nested)).toEqual(["2:10-2:91 config.wrong-type model.layers", "2:40-2:61 toml.syntax"]);
    expect(places(`[model]\nlayers = ${"[".repeat(50_000)}\n`)[0]).toMatch(/toml.syntax/);
    expect(places(`[model${".a".repeat(100)}]\n`)[0]).toMatch(/toml.syntax/);
  });
});

describe("keys", () => {
  it("an unknown key gets the nearest valid one", () => {
    const text = "[optimizer]\n  learning_rate = 0.003\n";
    expect(only(text)).toEqual({
      code: "config.unknown-key",
      file,
      line: 2,
      column: 3,
      endLine: 2,
      endColumn: 16,
      path: "optimizer.learning_rate",
      message: "optimizer.learning_rate is not a known key",
      expected: "one of name, lr, muon_lr, muon_momentum, weight_decay, beta1, beta2, eps, clip_norm, batch",
      suggestion: "optimizer.lr",
    });
    const near = (section: string, key: string) => only(`[${section}]\n${key} = 1\n`).suggestion;
    expect(near("optimizer", "wieght_decay")).toBe("optimizer.weight_decay");
    expect(near("optimizer", "beta_1")).toBe("optimizer.beta1");
    expect(near("model", "n_embd")).toBe("model.width");
    expect(near("model", "lr")).toBe("optimizer.lr");
    expect(near("race", "budget_step")).toBe("race.budget_steps");
    expect(near("levers.softcap", "capp")).toBe("levers.softcap.cap");
    expect(near("race", "steps")).toBe("schedule.steps");
    expect(near("levers.muon", "lrr")).toBe("levers.muon.lr");
    expect(near("model", "xyzzy")).toBeNull();
  });

  it("knows sections, and keys that stand outside of them", () => {
    expect(places("lr = 0.003\n[optimiser]\n")).toEqual([
      "1:1-1:3 config.unknown-key lr",
      "2:2-2:11 config.unknown-key optimiser",
    ]);
    const [key, section] = errorsOf("lr = 0.003\n[optimiser]\n");
    expect([key?.suggestion, section?.suggestion]).toEqual(["optimizer.lr", "optimizer"]);
  });

  it("accepts dotted keys and quoted ones", () => {
    expect(places('model.layers = 3\nmodel."width" = 128\n"optimizer".lr = 0.01\n')).toEqual([]);
    expect(places("model.layer = 3\n")).toEqual(["1:7-1:12 config.unknown-key model.layer"]);
  });

  it("treats names of the language itself as unknown keys", () => {
    const text = "[__proto__]\nx = 1\n[model]\n__proto__ = 3\nconstructor = 1\n[levers.toString]\n[space.__proto__]\n";
    expect(places(text)).toEqual([
      "1:2-1:11 config.unknown-key __proto__",
      "4:1-4:10 config.unknown-key model.__proto__",
      "5:1-5:12 config.unknown-key model.constructor",
      "6:9-6:17 lever.unknown levers.toString",
      "7:8-7:17 space.unknown-path space.__proto__",
    ]);
  });
});

describe("values", () => {
  it.each([
    ["[optimizer]\nlr = -0.003\n", "2:6-2:12 config.out-of-range optimizer.lr", "a number greater than 0"],
    ['[optimizer]\nlr = "fast"\n', "2:6-2:12 config.wrong-type optimizer.lr", "a number greater than 0"],
    ["[optimizer]\nlr = nan\n", "2:6-2:9 config.wrong-type optimizer.lr", "a number greater than 0"],
    ["[optimizer]\nlr = 1e999\n", "2:6-2:11 config.wrong-type optimizer.lr", "a number greater than 0"],
    ["[optimizer]\nlr = 2026-11-20\n", "2:6-2:16 config.wrong-type optimizer.lr", "a number greater than 0"],
    ["[model]\nlayers = 2.5\n", "2:10-2:13 config.wrong-type model.layers", "a whole number from 1 to 64"],
    ["[model]\nlayers = 65\n", "2:10-2:12 config.out-of-range model.layers", "a whole number from 1 to 64"],
    [
      "[model]\nheads = 99999999999999999999\n",
      "2:9-2:29 config.out-of-range model.heads",
      "a whole number of at least 1",
    ],
    ["[model]\nnorm_gain = 1\n", "2:13-2:14 config.wrong-type model.norm_gain", "true or false"],
    [
      "[optimizer]\nbeta1 = 1.0\n",
      "2:9-2:12 config.out-of-range optimizer.beta1",
      "a number of at least 0 and less than 1",
    ],
    ['[schedule]\nkind = "cosin"\n', "2:8-2:15 config.invalid-value schedule.kind", 'one of "cosine", "wsd", "flat"'],
    [
      '[data]\nprotocol = "strided:0"\n',
      "2:12-2:23 config.invalid-value data.protocol",
      '"chunked" or "strided:S" with S from 1',
    ],
    ['[data]\ncorpus = ""\n', "2:10-2:12 config.out-of-range data.corpus", "a text that is not empty"],
    ["[model.layers]\nx = 1\n", "1:8-1:14 config.wrong-type model.layers", "a whole number from 1 to 64"],
    ["model = 3\n", "1:9-1:10 config.wrong-type model", "a section [model]"],
    ["[[model]]\nlayers = 2\n", "1:3-1:8 config.wrong-type model", "a section [model]"],
    ["[race]\nlanes = 0\n", "2:9-2:10 config.out-of-range race.lanes", '"auto" or a whole number from 1 to 1024'],
    ['[race]\nlanes = "all"\n', "2:9-2:14 config.invalid-value race.lanes", '"auto" or a whole number from 1 to 1024'],
    ["[race]\nseed = 4294967296\n", "2:8-2:18 config.out-of-range race.seed", "a whole number from 0 to 4294967295"],
    ["[race]\nseeds = [43, 44, 43]\n", "2:18-2:20 config.invalid-value race.seeds", "different seeds"],
  ])("%j", (text, place, expected) => {
    expect(places(text)).toEqual([place]);
    expect(only(text).expected).toBe(expected);
  });
});

describe("rules between keys", () => {
  it.each([
    ["[model]\nwidth = 100\nheads = 3\n", "3:9-3:10 model.heads-width model.heads"],
    ["[model]\nwidth = 63\nheads = 3\n", "3:9-3:10 model.odd-head-dim model.heads"],
    ["[model]\nwidth = 63\n", "2:9-2:11 model.heads-width model.heads"],
    ["[model]\nwidth = 64\nheads = 8\nkv_heads = 3\n", "4:12-4:13 model.kv-heads model.kv_heads"],
    ['[data]\nprotocol = "strided:65"\n', "2:12-2:24 data.stride-context data.protocol"],
    ["[schedule]\nsteps = 50\n", "2:9-2:11 schedule.warmup schedule.warmup"],
    ["[race]\nrungs = [{ steps = 50 }]\n", "2:9-2:25 schedule.warmup schedule.warmup"],
    ["[schedule]\nwarmup = 900\n[race]\nrungs = [{ steps = 900 }]\n", "2:10-2:13 schedule.warmup schedule.warmup"],
  ])("%j", (text, place) => expect(places(text)).toEqual([place]));

  it("says which head counts would do", () => {
    expect(only("[model]\nwidth = 100\nheads = 3\n")).toMatchObject({
      message: "3 heads do not divide the width 100",
      expected: "a divisor of 100, such as 1, 2, 5, 10",
    });
    expect(only("[model]\nwidth = 63\nheads = 4\n").expected).toBe("an even width, and heads that divide it");
  });

  it("hold for every configuration of the space", () => {
    const text = '[model]\nheads = 3\nwidth = 96\n[space."model.width"]\nchoice = [96, 128, 192]\n';
    expect(places(text)).toEqual(["2:9-2:10 model.heads-width model.heads"]);
    expect(only(text).message).toBe("3 heads do not divide the width 128");
    expect(places('[space."model.width"]\nchoice = [64, 96]\n[space."model.heads"]\nchoice = [2, 3]\n')).toEqual([
      "4:10-4:16 model.heads-width model.heads",
    ]);
    expect(places('[space."model.width"]\nchoice = [64, 96]\n[space."model.heads"]\nchoice = [2, 4]\n')).toEqual([]);
    expect(places('[data]\nprotocol = "strided:32"\n[space."model.context"]\nint = [16, 64]\n')).toEqual([
      "2:12-2:24 data.stride-context data.protocol",
    ]);
    const grid = '[race]\nsampler = "grid"\n[space."model.context"]\nint = [32, 64]\npoints = 3\n';
    expect(places(`[data]\nprotocol = "strided:32"\n${grid}`)).toEqual([]);
    expect(places('[space."model.heads"]\nint = [1, 4096]\n[space."model.width"]\nint = [1, 4096]\n')).toEqual([
      "4:7-4:16 space.too-large model.width, model.heads",
    ]);
  });
});

describe("ladder and INV-2", () => {
  const rungs = (list: string, more = "") => `[race]\n${more}rungs = [${list}]\n`;

  it.each([
    [rungs("{ steps = 100, keep = '1/3' }, { steps = 100 }"), "2:51-2:54 race.ladder race.rungs"],
    [rungs("{ steps = 100 }, { steps = 200 }"), "2:10-2:25 race.ladder race.rungs"],
    [rungs("{ steps = 100, keep = '1/3' }"), "2:32-2:37 race.ladder race.rungs"],
    [rungs("{ steps = 100, keep = '4/3' }, { steps = 300 }"), "2:32-2:37 config.out-of-range race.rungs[0].keep"],
    [rungs("{ steps = 100, keep = '30 %' }, { steps = 300 }"), "2:32-2:38 config.invalid-value race.rungs[0].keep"],
    [rungs("{ steps = 0 }"), "2:20-2:21 config.out-of-range race.rungs[0].steps"],
    [rungs("{ keep = '1/3' }"), "2:10-2:26 config.missing-key race.rungs[0].steps"],
    [
      rungs("{ step = 100 }"),
      "2:10-2:24 config.missing-key race.rungs[0].steps",
      "2:12-2:16 config.unknown-key race.rungs[0].step",
    ],
    [
      rungs("[100, '1/3'], [300]"),
      "2:10-2:22 config.wrong-type race.rungs[0]",
      "2:24-2:29 config.wrong-type race.rungs[1]",
    ],
    [rungs(""), "2:9-2:11 config.out-of-range race.rungs"],
    ['[race]\nladder = "fast"\n', "2:10-2:16 config.invalid-value race.ladder"],
  ])("%j", (text, ...expected) => expect(places(text)).toEqual(expected));

  it("a preset's name keeps its rungs", () => {
    const trinity = (k: string, steps: number) =>
      `[race]\nladder = "trinity"\nrungs = [\n  { steps = 1000, keep = "1/3" },\n  { steps = 3000, keep = "${k}" },\n  { steps = 9000, keep = "1/3" },\n  { steps = ${steps} },\n]\n`;
    expect(places(trinity("1/3", 27000))).toEqual([]);
    expect(places(trinity("2/6", 27000))).toEqual([]);
    expect(places(trinity("1/2", 27000))).toEqual(["5:3-5:33 race.breaks-preset race.rungs"]);
    expect(places(trinity("1/3", 26999))).toEqual(["7:3-7:20 race.breaks-preset race.rungs"]);
    expect(places('[race]\nladder = "hunt"\nrungs = [{ steps = 100 }]\n')).toEqual([
      "3:10-3:25 race.breaks-preset race.rungs",
    ]);
  });

  it("INV-2's bounds cannot be lowered", () => {
    const text = "[race]\nprune_above_bpb = 3.49\nprune_after_steps = 3999\n";
    expect(places(text)).toEqual([
      "2:19-2:23 race.prune-refused race.prune_above_bpb",
      "3:21-3:25 race.prune-refused race.prune_after_steps",
    ]);
    expect(places("[race]\nprune_above_bpb = 3.5\nprune_after_steps = 4000\n")).toEqual([]);
  });

  it("a budget reaches the first rung, or the race would measure nothing", () => {
    const budget = (steps: number) =>
      `[race]\nbudget_steps = ${steps}\nrungs = [{ steps = 100, keep = "1/3" }, { steps = 300 }]\n`;
    expect(places(budget(99))).toEqual(["2:16-2:18 race.small-budget race.budget_steps"]);
    expect(places(budget(100))).toEqual([]);
    expect(places("[race]\nbudget_steps = 999\n")).toEqual(["2:16-2:19 race.small-budget race.budget_steps"]);
    expect(places('[race]\nbudget_steps = 100\nladder = "hunt"\n')).toEqual([]);
  });
});

describe("levers", () => {
  it.each([
    ["[levers.soft-cap]\n", "1:9-1:17 lever.unknown levers.soft-cap"],
    ["[levers.softcap]\ncap = 0\n", "2:7-2:8 config.out-of-range levers.softcap.cap"],
    ["[levers]\nsoftcap = true\n", "2:11-2:15 config.wrong-type levers.softcap"],
    ["[levers.relu2]\n[levers.softcap]\n[levers.swiglu]\n", "3:9-3:15 lever.group-conflict levers.swiglu"],
    ["[levers.band]\nlow = 2.0\n", "1:9-1:13 config.invalid-value levers.band"],
    ["[levers.needy]\n", "1:9-1:14 config.missing-key levers.needy.size"],
  ])("%j", (text, place) => expect(places(text)).toEqual([place]));

  it("an unknown lever gets the nearest one", () => {
    expect(only("[levers.soft-cap]\n")).toMatchObject({
      suggestion: "levers.softcap",
      expected: "one of softcap, relu2, swiglu, gelu, muon, needy, band",
    });
  });

  it("of one group may not meet in any trial", () => {
    const on = (name: string, choice: string) => `[space."levers.${name}"]\nchoice = [${choice}]\n`;
    expect(places(`[levers.relu2]\n${on("swiglu", "false, true")}`)).toEqual([
      "2:8-2:23 lever.group-conflict levers.swiglu",
    ]);
    expect(places(`${on("relu2", "false, true")}${on("gelu", "true, false")}`)).toEqual([
      "3:8-3:21 lever.group-conflict levers.gelu",
    ]);
    expect(places(`[levers.relu2]\n${on("swiglu", "false, { hidden_fraction = 1 }")}`)).toEqual([
      "2:8-2:23 lever.group-conflict levers.swiglu",
    ]);
    expect(places(`[levers.relu2]\n${on("relu2", "false, true")}`)).toEqual([]);
    expect(places(`[levers.gelu]\n${on("relu2", "false")}`)).toEqual([]);
  });
});

describe("space", () => {
  const lr = (body: string) => `[space."optimizer.lr"]\n${body}\n`;

  it.each([
    [lr("log = [0.001, 0.01, 0.1]"), "2:7-2:25 config.out-of-range space.optimizer.lr.log"],
    [lr("log = [0.0, 0.1]"), "2:7-2:17 space.bad-range space.optimizer.lr.log"],
    [lr("log = [-0.1, 0.1]"), "2:7-2:18 space.bad-range space.optimizer.lr.log"],
    [lr("log = [0.1, 0.01]"), "2:7-2:18 space.bad-range space.optimizer.lr.log"],
    [lr("uniform = [0.0, 0.1]"), "2:12-2:15 space.bad-value space.optimizer.lr.uniform"],
    [lr("log = { low = 1 }"), "2:7-2:18 config.wrong-type space.optimizer.lr.log"],
    [lr("choice = []"), "2:10-2:12 space.empty-choice space.optimizer.lr.choice"],
    [lr("choice = 0.1"), "2:10-2:13 config.wrong-type space.optimizer.lr.choice"],
    [
      lr("choice = [0.1, -0.1, 'x']"),
      "2:16-2:20 space.bad-value space.optimizer.lr",
      "2:22-2:25 space.bad-value space.optimizer.lr",
    ],
    [lr("choice = [0.1, 0.1]"), "2:16-2:19 space.bad-value space.optimizer.lr"],
    [lr("logg = [0.1, 0.2]"), "2:1-2:5 space.bad-domain space.optimizer.lr"],
    [lr("log = [0.1, 0.2]\nchoice = [0.1]"), "3:1-3:7 space.bad-domain space.optimizer.lr"],
    [lr("choice = [0.1]\npoints = 2"), "3:1-3:7 space.bad-domain space.optimizer.lr"],
    [lr("log = [0.1, 0.2]\npoints = 0"), "3:10-3:11 config.out-of-range space.optimizer.lr.points"],
    [lr(""), "1:8-1:22 space.bad-domain space.optimizer.lr"],
    ['[space]\n"optimizer.lr" = 0.1\n', "2:18-2:21 space.bad-domain space.optimizer.lr"],
    [
      '[space."optimizer.learning_rate"]\nlog = [0.1, 0.2]\n',
      "1:8-1:33 space.unknown-path space.optimizer.learning_rate",
    ],
    ["[space.optimizer.lr.x]\nlog = [0.1, 0.2]\n", "1:21-1:22 space.unknown-path space.optimizer.lr.x"],
    ['[space."data.protocol"]\nchoice = ["chunked"]\n', "1:8-1:23 space.fixed-path space.data.protocol"],
    ['[space."race.seed"]\nint = [1, 9]\n', "1:8-1:19 space.fixed-path space.race.seed"],
    ['[space."model.layers"]\nuniform = [1, 8]\n', "2:11-2:17 space.bad-value space.model.layers.uniform"],
    ['[space."model.layers"]\nint = [1, 65]\n', "2:11-2:13 space.bad-value space.model.layers.int"],
    ['[space."model.layers"]\nint = [1.5, 3]\n', "2:7-2:15 space.bad-range space.model.layers.int"],
    ['[space."levers.softcap"]\nlog = [10, 30]\n', "2:7-2:15 space.bad-domain space.levers.softcap"],
    ['[space."levers.softcap"]\nchoice = [15]\n', "2:11-2:13 space.bad-value space.levers.softcap"],
    [
      '[space."levers.softcap"]\nchoice = [false, { cap = -1 }]\n',
      "2:26-2:28 config.out-of-range space.levers.softcap.cap",
    ],
    ['[space."levers.needy"]\nchoice = [false, true]\n', "2:18-2:22 space.bad-value space.levers.needy"],
    ['[space."levers.softcap.cap"]\nlog = [10, 30]\n', "1:8-1:28 space.lever-off space.levers.softcap.cap"],
    [
      '[race]\nsampler = "grid"\n[space."optimizer.lr"]\nlog = [0.1, 0.2]\n',
      "3:8-3:22 race.no-grid space.optimizer.lr",
    ],
  ])("%j", (text, ...expected) => expect(places(text)).toEqual(expected));

  it("suggests the path that was meant", () => {
    const near = (path: string) => only(`[space."${path}"]\nlog = [0.1, 0.2]\n`).suggestion;
    expect(near("optimizer.learning_rate")).toBe("optimizer.lr");
    expect(near("lr")).toBe("optimizer.lr");
    expect(near("model.widht")).toBe("model.width");
    expect(near("levers.soft-cap")).toBe("levers.softcap");
  });

  it("a grid has a limit", () => {
    const big = ["lr", "eps", "muon_lr", "weight_decay"].map((key) =>
      lr("log = [0.1, 0.9]\npoints = 1000").replace("lr", key),
    );
    expect(places(`[race]\nsampler = "grid"\n${big.join("")}`)).toEqual(["2:11-2:17 race.no-grid race.sampler"]);
  });
});

describe("all errors of a file", () => {
  it("come sorted by position", () => {
    const text = `[space."optimizer.lr"]
log = [0.0, 1.0]
[race]
prune_above_bpb = 2.0
rungs = [{ steps = 10 }, { steps = 5 }]
[levers.relu2]
[levers.gelu]
[model]
width = 10
heads = 3
depth = 4
[optimizer]
lr = -1
`;
    expect(places(text)).toEqual([
      "2:7-2:17 space.bad-range space.optimizer.lr.log",
      "4:19-4:22 race.prune-refused race.prune_above_bpb",
      "5:10-5:24 race.ladder race.rungs",
      "5:36-5:37 race.ladder race.rungs",
      "7:9-7:13 lever.group-conflict levers.gelu",
      "10:9-10:10 model.heads-width model.heads",
      "11:1-11:6 config.unknown-key model.depth",
      "13:6-13:8 config.out-of-range optimizer.lr",
    ]);
  });
});

describe("formatConfigError", () => {
  it("shows the line, a caret, what was expected and the nearest name", () => {
    const text = "[optimizer]\r\n\tlearning_rate = 0.003 # fast\r\n";
    expect(formatConfigError(only(text), text)).toBe(
      [
        "race.igla.toml:2:2: optimizer.learning_rate is not a known key",
        "  2 | \tlearning_rate = 0.003 # fast",
        "    | \t^^^^^^^^^^^^^",
        "  expected: one of name, lr, muon_lr, muon_momentum, weight_decay, beta1, beta2, eps, clip_norm, batch",
        "  did you mean optimizer.lr?",
      ].join("\n"),
    );
  });

  it("marks a value over several lines to the end of its first one", () => {
    const text = "[optimizer]\nlr = [\n  1,\n]\n";
    expect(formatConfigError(only(text), text)).toBe(
      "race.igla.toml:2:6: optimizer.lr cannot be a list of 1\n  2 | lr = [\n    |      ^\n  expected: a number greater than 0",
    );
  });

  it("counts columns as editors do, past a byte order mark and characters outside the BMP", () => {
    const text = "\ufeffmodel = { layers = 0 }\n";
    expect(places(text)).toEqual(["1:20-1:21 config.out-of-range model.layers"]);
    expect(formatConfigError(only(text), text)).toContain(
      "\n  1 | model = { layers = 0 }\n    |                    ^\n",
    );
    expect(places('"😀" = 1\n')).toEqual(["1:1-1:5 config.unknown-key 😀"]);
  });
});
