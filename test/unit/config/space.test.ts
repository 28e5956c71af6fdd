/** Levers of race files, and the space of what varies. */
import { describe, expect, it } from "vitest";
import { only, places } from "./errors-of.ts";

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
