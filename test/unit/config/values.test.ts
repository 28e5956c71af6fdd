/** Values of race files: each key, and rules between keys. */
import { describe, expect, it } from "vitest";
import { errorsOf, only, places } from "./errors-of.ts";

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
