/** Each check against a configuration that keeps the invariant and one that can break it, bounds of the space included. */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { guardedRace } from "../../../daemon/config/guarded-race.ts";
import { keySpan } from "../../../daemon/config/key-span.ts";
import { parseRaceFile } from "../../../daemon/config/parse.ts";
import type { LeverCatalogue } from "../../../daemon/config/schema.ts";
import { judgeDescent } from "../../../daemon/invariants/preflight/descent.ts";
import type { GuardedRace } from "../../../daemon/invariants/preflight/guarded-race.ts";
import { checkGuards, invariantNumber } from "../../../daemon/invariants/preflight/preflight.ts";
import { readAssertions } from "../../../daemon/invariants/read-assertions.ts";
import { levers } from "../../../daemon/levers/registry.ts";
import type { GuardFinding } from "../../../daemon/protocol/guards.ts";

/** Levers that only other versions have, under the names that the checks look for. */
const catalogue: LeverCatalogue = new Map<string, { settings: z.ZodObject }>([
  ...levers,
  ["gf16", { settings: z.strictObject({}) }],
  [
    "nca",
    {
      settings: z.strictObject({
        entropy_low: z.number().default(1.5),
        entropy_high: z.number().default(2.8),
        states: z.number().default(9),
        cells: z.number().default(81),
      }),
    },
  ],
]);

function raceOf(text: string): GuardedRace {
  const parsed = parseRaceFile(text, "a.igla.toml", catalogue);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  return guardedRace(parsed.config);
}

function find(id: string, race: GuardedRace, more: object = {}): GuardFinding {
  const check = { action: "abort", message: "No." };
  const text = JSON.stringify({
    invariants: [{ id, coq_theorem: "t", coq_file: "t.v", runtime_check: check, ...more }],
  });
  const source = readAssertions("igla_assertions.json", text);
  const [finding] = checkGuards({ entries: source?.entries ?? [], race });
  if (finding === undefined) throw new Error("no finding");
  return finding;
}

const lr = (rest: string) => `[space."optimizer.lr"]\n${rest}`;

describe("a race that can break an invariant", () => {
  it.each<[id: string, config: string, key: string | null, detail: string, more?: object]>([
    ["INV-2", "", "race.prune_above_bpb", "race.prune_above_bpb is 3.5, below 4.", { bands: { threshold_min: 4 } }],
    ["INV-2", "", "race.prune_after_steps", "is 4000, below 5000.", { numeric_anchor: { warmup_steps: 5000 } }],
    ["INV-3", "[model]\nwidth = 128\n[levers.gf16]", "model.width", "model.width is 128, below 256."],
    [
      "INV-3",
      '[model]\nwidth = 256\n[space."levers.gf16"]\nchoice = [false, true]\n[space."model.width"]\nchoice = [256, 512, 64]',
      "model.width",
      "model.width can be 64, below 256.",
    ],
    ["INV-4", "[levers.nca]\nentropy_low = 1.2", "levers.nca.entropy_low", "is 1.2, outside of [1.5, 2.8]."],
    ["INV-4", "[levers.nca]\nstates = 8", "levers.nca.states", "is 8, outside of [9, 9]."],
    ["INV-4", "[levers.nca]\ncells = 64", "levers.nca.cells", "is 64, outside of [81, 81]."],
    [
      "INV-4",
      '[space."levers.nca"]\nchoice = [false, { entropy_high = 3.1 }]',
      "levers.nca.entropy_high",
      "can be 3.1",
    ],
    ["INV-5", "", null, "phi^2 + phi^-2 is 2.95062500, not whole", { numeric_anchor: { phi: 1.6 } }],
    ["INV-6", "[levers.ema]\ndecay = 0.99", "levers.ema.decay", "levers.ema.decay is 0.99, outside of [0.996, 1]."],
    ["INV-6", '[space."levers.ema"]\nchoice = [false, true, { decay = 0.9 }]', "levers.ema.decay", "can be 0.9,"],
    ["INV-6", '[levers.ema]\n[space."levers.ema.decay"]\nuniform = [0.99, 0.999]', "levers.ema.decay", "can be 0.99,"],
    ["INV-7", '[race]\nladder = "hunt"', "race.seeds", "The race has 1 different seeds; the gate needs 3."],
    ["INV-7", "[race]\nseeds = [1, 2, 3]", "race.seeds", "the gate needs 5", { bands: { min_seeds: 5 } }],
    ["INV-8", "[optimizer]\nlr = 0.01", "optimizer.lr", "optimizer.lr is 0.01, outside of [0.002, 0.007]."],
    ["INV-8", lr("log = [0.0005, 0.007]"), "optimizer.lr", "optimizer.lr can be 0.0005, outside"],
    ["INV-8", lr("uniform = [0.002, 0.0071]"), "optimizer.lr", "can be 0.0071"],
    ["INV-8", lr("choice = [0.003, 0.02]"), "optimizer.lr", "can be 0.02"],
    ["INV-8", "", "optimizer.lr", "is 0.003, outside of [0.0001, 0.001].", { bands: { lr: [0.0001, 0.001] } }],
    ["INV-8", "", "optimizer.lr", "outside of [0.002, 0.0025].", { numeric_anchor: { lr_max: 0.0025 } }],
    ["INV-9", "[levers.qk-gain]\ninit = 1.618", "levers.qk-gain.init", "is 1.618, a power of phi but not phi^2"],
    ["INV-9", "[levers.qk-gain]\ninit = 2.618", "levers.qk-gain.init", "not 1.618.", { bands: { qk_gains: [1.618] } }],
    ["INV-9", "[levers.qk-gain]\ninit = 4.2", "levers.qk-gain.init", "is 4.2, a power of phi but not"],
    ["INV-10", "", "race.ladder", "Rung 1 has 1000 steps instead of 500 x 3^0 = 500.", { bands: { base: 500 } }],
    ["INV-12", "", "race.ladder", "Rung 2 has 3000 steps instead of 1000 x 4^1 = 4000.", { bands: { factor: 4 } }],
  ])("%s: %j", (id, config, key, detail, more = {}) => {
    const finding = find(id, raceOf(config), more);
    expect(finding).toMatchObject({ id, outcome: "violated", key, action: "abort", message: "No." });
    expect(finding.detail).toContain(detail);
    expect(finding.varies).toBe(finding.detail.includes("can be"));
    expect(finding.theorem).toEqual({ name: "t", path: "t.v", claim: "", status: null });
  });

  it.each([
    ["race.prune_above_bpb", 3.4, "is 3.4, below 3.5."],
    ["race.prune_after_steps", 3999, "is 3999, below 4000."],
  ])("a prune rule that the race file's own check would refuse: %s = %d", (key, value, detail) => {
    const race = raceOf("");
    const values = new Map(race.values).set(key, { kind: "list", values: [value], varies: false });
    expect(find("INV-2", { ...race, values })).toMatchObject({
      outcome: "violated",
      key,
      detail: expect.stringContaining(detail),
    });
  });

  it("a ladder that only calls itself trinity", () => {
    const race = { ...raceOf(""), ladder: { name: "trinity", steps: [1000, 3000, 9001] } };
    expect(find("INV-10", race).detail).toBe("Rung 3 has 9001 steps instead of 1000 x 3^2 = 9000.");
  });
});

describe("a race that keeps it", () => {
  it.each<[id: string, config: string, more?: object]>([
    ["INV-2", "[race]\nprune_above_bpb = 4\nprune_after_steps = 9000"],
    ["INV-3", "[model]\nwidth = 256\n[levers.gf16]"],
    ["INV-4", "[levers.nca]\nentropy_low = 1.6"],
    ["INV-5", ""],
    ["INV-5", "", { numeric_anchor: { phi: 1.618 } }],
    ["INV-6", "[levers.ema]\ndecay = 0.996"],
    ["INV-6", '[space."levers.ema"]\nchoice = [false, true]'],
    ["INV-7", "[race]\nseeds = [43, 44, 45]"],
    ["INV-8", "[optimizer]\nlr = 0.002"],
    ["INV-8", `[optimizer]\nlr = 1\n${lr("log = [0.002, 0.007]")}`],
    ["INV-8", "[optimizer]\nlr = 0.01", { bands: { lr_band: [0.001, 0.02] } }],
    ["inv8", ""],
    ["INV-008", ""],
    ["INV-9", "[levers.qk-gain]\ninit = 2.618"],
    ["INV-9", "[levers.qk-gain]\ninit = 2.618", { bands: { loss: [1, 2] } }],
    ["INV-8", "", { bands: { certified: [0.002, 0.004], seeds: [1, 2], warmup: 9 } }],
    ["INV-9", '[space."levers.qk-gain"]\nchoice = [false, { init = 4.236068 }]'],
    ["INV-10", ""],
    ["INV-12", '[race]\nladder = "trinity"'],
  ])("%s: %j", (id, config, more = {}) => {
    expect(find(id, raceOf(config), more).outcome).toBe("holds");
  });
});

describe("a check that says nothing about the race", () => {
  it.each([
    ["INV-3", "", "No trial of the race computes in GF16."],
    ["INV-4", "", "No trial of the race has the NCA loss."],
    ["INV-6", '[space."levers.ema"]\nchoice = [false]', "No trial of the race averages its weights."],
    ["INV-7", "", "The race neither hunts nor compares seeds."],
    ["INV-9", "", "No trial of the race has the lever qk-gain."],
    ["INV-9", "[levers.qk-gain]\ninit = 1.5", "levers.qk-gain.init is not set to a power of phi."],
    [
      "INV-9",
      '[levers.qk-gain]\ninit = 1.618\n[space."levers.qk-gain"]\nchoice = [false]',
      "No trial of the race has the lever qk-gain.",
    ],
    ["INV-10", "[race]\nrungs = [{ steps = 100 }]", "The race does not use the ladder trinity."],
    ["INV-11", "", "Igla has no check of the name INV-11."],
    ["ASHA-1", "", "Igla has no check of the name ASHA-1."],
  ])("%s: %j", (id, config, detail) => {
    expect(find(id, raceOf(config))).toMatchObject({ outcome: "not-applicable", detail, key: null });
  });

  it("an entry without a runtime check guards nothing", () => {
    const source = readAssertions("igla_assertions.json", '{"invariants":[{"id":"INV-8","status":"Proven"}]}');
    expect(checkGuards({ entries: source?.entries ?? [], race: raceOf("[optimizer]\nlr = 1") })).toEqual([]);
  });

  it("INV-1 is known later, and ids are read as they are written", () => {
    expect(find("INV-1", raceOf("")).outcome).toBe("later");
    expect(["INV-8", "inv_08", "Inv 8", "INV-8b", "8", "XINV-8"].map(invariantNumber)).toEqual([
      8,
      8,
      8,
      null,
      null,
      null,
    ]);
  });
});

describe("the points of a grid", () => {
  it("both ends of a range count, and the middle where there is one point only", () => {
    const grid = (points: number) =>
      find("INV-8", raceOf(`[race]\nsampler = "grid"\n${lr(`uniform = [0.001, 0.008]\npoints = ${points}`)}`));
    expect(grid(2)).toMatchObject({ outcome: "violated", varies: true });
    expect(grid(1)).toMatchObject({ outcome: "holds" });
  });

  it("mean nothing to the random sampler", () => {
    const random = raceOf(lr("uniform = [0.001, 0.008]\npoints = 1"));
    expect(find("INV-8", random)).toMatchObject({ outcome: "violated" });
  });
});

describe("INV-1 on a curve", () => {
  const curve = (losses: readonly (number | null)[], gradNorm: number | null = 1) =>
    losses.map((lossNats, i) => ({ step: (i + 1) * 20, lossNats, gradNorm }));

  it("compares the last quarter with the first", () => {
    expect(judgeDescent(curve([5, 4.5, 4, 3.9, 3.8, 3.7, 3.6, 3.5]))).toEqual({
      falls: true,
      firstNats: 4.75,
      lastNats: 3.55,
      toStep: 160,
    });
    expect(judgeDescent(curve([5, 1, 1, 5.01]))).toMatchObject({ falls: false });
    expect(judgeDescent(curve([5, 5, 5]))).toMatchObject({ falls: false });
  });

  it("says nothing of few points, of infinite losses and without a gradient", () => {
    expect(judgeDescent(curve([5, 6]))).toBeNull();
    expect(judgeDescent(curve([5, null, 6, 7]))).toBeNull();
    expect(judgeDescent(curve([5, 5, 6, 7], 0))).toBeNull();
  });
});

describe("where a key stands", () => {
  const text = `[optimizer]
lr = 0.01
[levers.ema]
decay = 0.9
[space."optimizer.lr"]
log = [0.001, 0.003]
[space."levers.softcap"]
choice = [false, { cap = 900 }]
[race]
ladder = "hunt"
`;
  it.each([
    ["optimizer.lr", false, 2, 6],
    ["optimizer.lr", true, 6, 7],
    ["levers.ema.decay", false, 4, 9],
    ["levers.softcap.cap", true, 8, 10],
    ["optimizer.batch", false, 1, 2],
    ["race.ladder", false, 10, 10],
    ["race.seeds", false, 9, 2],
  ])("%s (varies: %s) in line %i, column %i", (path, varies, line, column) => {
    expect(keySpan(text, path, varies)).toMatchObject({ line, column });
  });

  it("is nowhere when nothing of it is written", () => {
    expect(keySpan("", "optimizer.lr", true)).toBeNull();
  });
});
