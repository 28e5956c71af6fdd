/** Errors of race files as such: syntax, keys, order, and how they are shown. */
import { describe, expect, it } from "vitest";
import { formatConfigError } from "../../../daemon/config/config-error.ts";
import { errorsOf, file, only, places } from "./errors-of.ts";

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
