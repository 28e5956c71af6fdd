/** What every lever must hold: it acts, it learns, it repeats, and switched off it leaves no trace. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Backend } from "../../daemon/engine/backend.ts";
import type { Lever } from "../../daemon/levers/lever.ts";
import { hooksFor, levers } from "../../daemon/levers/registry.ts";
import type { LeverSettings, LeverValue, TrialSpec } from "../../daemon/protocol/trial.ts";
import { cpuBackend } from "../fixtures/backend.ts";
import { tinySpec } from "../fixtures/specs.ts";
import { type ShortRun, trainAlone } from "../fixtures/train.ts";

const STEPS = 10;
const model = { width: 16, heads: 2, context: 16, layers: 2 };
// A schedule that ends within the run, so that every part of it acts.
const specWith = (settings: Record<string, LeverSettings>): TrialSpec =>
  tinySpec({ model, levers: settings, schedule: { steps: STEPS, warmup: 2 }, optimizer: { batch: 4, lr: 0.01 } });

let backend: Backend;
let baseline: ShortRun;
beforeAll(async () => {
  backend = await cpuBackend();
  baseline = await trainAlone(backend, specWith({}), STEPS);
});
afterAll(() => backend.dispose());

/** Other values of a setting: those of its own space, and one that its type suggests. */
function otherValues(lever: Lever, key: string, value: LeverValue): LeverValue[] {
  const space = lever.space[key];
  const offered = (space ? Object.values(space).flat() : []) as LeverValue[];
  return [...offered, typeof value === "boolean" ? !value : Number(value) / 2].filter((other) => other !== value);
}

const parametersOf = (run: ShortRun): string[] => [...run.after.parameters.keys()];

describe.each([...levers.values()])("lever $id", (lever) => {
  const defaults = lever.settings.parse({}) as LeverSettings;
  let run: ShortRun;
  beforeAll(async () => {
    run = await trainAlone(backend, specWith({ [lever.id]: defaults }), STEPS);
  });

  it("changes the loss within 10 steps, or the evaluation where it only averages weights", () => {
    const sameLosses = run.losses.every((loss, i) => loss === baseline.losses[i]);
    const sameEvaluation = run.evaluation.nllNats === baseline.evaluation.nllNats;
    expect(sameLosses && sameEvaluation).toBe(false);
    expect(run.losses.every(Number.isFinite)).toBe(true);
  });

  it.each(Object.keys(defaults))("setting %s acts", async (key) => {
    const differs: boolean[] = [];
    for (const value of otherValues(lever, key, defaults[key] as LeverValue)) {
      const settings = lever.settings.parse({ ...defaults, [key]: value }) as LeverSettings;
      const other = await trainAlone(backend, specWith({ [lever.id]: settings }), STEPS);
      const sameLosses = other.losses.every((loss, i) => loss === run.losses[i]);
      differs.push(!sameLosses || other.evaluation.nllNats !== run.evaluation.nllNats);
    }
    // Slow settings, such as a decay of 0.999, need not act within 10 steps; one of the values must.
    expect(differs).toContain(true);
  });

  it("moves every parameter of the model", () => {
    for (const [name, { values }] of run.after.parameters) {
      const start = run.before.parameters.get(name)?.values ?? new Float32Array();
      expect(
        values.some((x, i) => x !== start[i]),
        `${name} never moved`,
      ).toBe(true);
    }
  });

  it("leaves the initial values of what both arms have as they are", () => {
    for (const [name, { shape, values }] of run.before.parameters) {
      const off = baseline.before.parameters.get(name);
      if (off === undefined || off.shape.join() !== shape.join()) continue;
      // A lever may scale the initial values; it may not draw others.
      const scale = values.length > 0 && off.values[0] !== 0 ? (values[0] as number) / (off.values[0] as number) : 1;
      const same = values.every((value, i) => Math.abs(value - scale * (off.values[i] as number)) <= 1e-6);
      expect(same, `${name} starts elsewhere`).toBe(true);
    }
  });

  it("gives the same curve and evaluation twice", async () => {
    const again = await trainAlone(backend, specWith({ [lever.id]: defaults }), STEPS);
    expect(again.losses).toEqual(run.losses);
    expect(again.evaluation).toEqual(run.evaluation);
  });

  it("leaves the baseline bit for bit when it is off", async () => {
    const off = await trainAlone(backend, specWith({}), STEPS);
    expect(off.losses).toEqual(baseline.losses);
    expect(off.evaluation).toEqual(baseline.evaluation);
    expect(parametersOf(off)).toEqual(parametersOf(baseline));
  });

  it("states a hypothesis, a source and what would refute it", () => {
    for (const text of [lever.title, lever.hypothesis, lever.source, lever.falsifier]) {
      expect(text.trim().length).toBeGreaterThan(3);
    }
    expect(Object.keys(lever.space).every((key) => key in defaults)).toBe(true);
    expect((lever.laneSettings ?? []).every((key) => key in defaults)).toBe(true);
  });
});

describe("the learned QK gain", () => {
  it("adds one parameter per layer that starts at `init`", async () => {
    const run = await trainAlone(backend, specWith({ "qk-gain": { init: 1.5 } }), STEPS);
    const added = parametersOf(run).filter((name) => !parametersOf(baseline).includes(name));
    expect(added).toEqual(["layer0.attention.qk_gain", "layer1.attention.qk_gain"]);
    expect([...(run.before.parameters.get(added[0] as string)?.values ?? [])]).toEqual([1.5, 1.5]);
  });
});

describe("levers together", () => {
  it("refuses two levers for one place, naming both", () => {
    expect(() => hooksFor({ relu2: {}, swiglu: {} }, specWith({}).model)).toThrow(/relu2 and swiglu/);
  });

  it("refuses a lever that does not exist", () => {
    expect(() => hooksFor({ "relu-squared": {} }, specWith({}).model)).toThrow(/no lever "relu-squared"/);
  });

  it("all compatible levers train together", async () => {
    const ids = [
      "swiglu",
      "partial-rope",
      "qk-norm",
      "qk-gain",
      "softcap",
      "tied-head",
      "muon",
      "ema",
      "wsd",
      "dropout",
    ];
    const settings = Object.fromEntries(ids.map((id) => [id, levers.get(id)?.settings.parse({}) as LeverSettings]));
    const run = await trainAlone(backend, specWith(settings), STEPS);
    expect(run.losses.at(-1)).toBeLessThan(run.losses[0] as number);
  });
});
