/** Ten steps tell a lever that does nothing from one that does, on the engine that users get. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { armSpec, armsOf } from "../../../daemon/config/arms.ts";
import type { TrialBase } from "../../../daemon/config/race-config.ts";
import type { Backend } from "../../../daemon/engine/backend.ts";
import { deadBecause, livenessSteps, type ProbedArm, shortened } from "../../../daemon/experiment/liveness.ts";
import { levers } from "../../../daemon/levers/registry.ts";
import { resolveTrial } from "../../../daemon/train/plan.ts";
import { cpuBackend } from "../../fixtures/backend.ts";
import { tinySpec } from "../../fixtures/specs.ts";
import { trainAlone } from "../../fixtures/train.ts";
import { configOf, raceFileOf } from "./support.ts";

let backend: Backend;
beforeAll(async () => {
  backend = await cpuBackend();
});
afterAll(() => backend.dispose());

async function probe(base: TrialBase): Promise<ProbedArm> {
  const spec = armSpec(shortened(base), 43, livenessSteps);
  const run = await trainAlone(backend, spec, livenessSteps);
  const values = ({ parameters }: typeof run.before) =>
    new Map([...parameters].map(([name, one]) => [name, Float32Array.from(one.values)]));
  const { losses, before, after, evaluation } = run;
  const { schedule } = resolveTrial(spec).plan;
  return { losses, valBpb: evaluation.valBpb, before: values(before), after: values(after), schedule };
}

async function deathOf(lever: string, more = "", change: (file: string) => string = (file) => file) {
  const { off, on } = armsOf(configOf(change(raceFileOf(more))), lever, levers);
  return deadBecause(lever, await probe(off), await probe(on));
}

describe("on the CPU engine", () => {
  it.each([...levers.keys()])("%s is alive", async (id) => expect(await deathOf(id)).toBeNull());

  it("what acts only at the end of a long schedule is not taken for dead", async () => {
    const flat = (file: string) => file.replace("[schedule]", '[schedule]\nkind = "flat"\nsteps = 100000');
    for (const share of [0.1, 0.05, 0.001]) {
      expect(await deathOf("wsd", `[levers.wsd]\ndecay_fraction = ${share}`, flat), `share ${share}`).toBeNull();
    }
  });

  it.each([
    ["partial-rope", "heads of two dimensions", "", (file: string) => file.replace("heads = 2", "heads = 4")],
    ["muon", "the optimizer is Muon already", "", (file: string) => file.replace("batch", 'name = "muon"\nbatch')],
    ["wsd", "the schedule is that one already", "", (file: string) => file.replace("warmup", 'kind = "wsd"\nwarmup')],
    ["ema", "an average that keeps nothing", "[levers.ema]\ndecay = 0", (file: string) => file],
  ])("%s is dead where %s", async (lever, _, more, change) => {
    expect(await deathOf(lever, more, change)).toMatch(new RegExp(`without ${lever}: the flag changes nothing`));
  });
});

describe("planted", () => {
  const alive: ProbedArm = {
    losses: [5, 4, 3],
    valBpb: 4,
    before: new Map([["w", Float32Array.of(1, 2)]]),
    after: new Map([["w", Float32Array.of(1, 3)]]),
    schedule: tinySpec().schedule,
  };
  const other: ProbedArm = { ...alive, losses: [5, 4, 2] };
  const withParameter = (name: string, before: number[], after: number[], arm = other): ProbedArm => ({
    ...arm,
    before: new Map([...arm.before, [name, Float32Array.from(before)]]),
    after: new Map([...arm.after, [name, Float32Array.from(after)]]),
  });

  it("a parameter of its own that never moves", () => {
    const dead = withParameter("gain", [1, 1], [1, 1]);
    expect(deadBecause("x", alive, dead)).toBe("gain of x did not move in 10 steps: no gradient reaches it.");
    const many = ["b", "c", "d", "e"].reduce((arm, name) => withParameter(name, [1], [1], arm), dead);
    expect(deadBecause("x", alive, many)).toMatch(/^gain, b, c and 2 more of x did not move .* reaches them\.$/);
    expect(deadBecause("x", alive, withParameter("gain", [1, 1], [1, 1.5]))).toBeNull();
  });
  it("a parameter that learns without the lever and no longer with it", () => {
    const off = withParameter("head", [1], [2], alive);
    const on = withParameter("head", [1], [1]);
    expect(deadBecause("x", off, on)).toBe("With x head no longer learns: no gradient reaches it.");
    const both = ["b", "c"].map((name) => withParameter(name, [1], [1], on))[1] as ProbedArm;
    const moving = withParameter("c", [1], [2], off);
    expect(deadBecause("x", moving, both)).toBe("With x head, c no longer learn: no gradient reaches them.");
  });
  it("one that rests in both arms is no fault of the lever", () => {
    expect(deadBecause("x", withParameter("rest", [1], [1], alive), withParameter("rest", [1], [1]))).toBeNull();
  });
  it("every loss and the evaluation the same: nothing changes; one of them different: something does", () => {
    expect(deadBecause("x", alive, { ...alive })).toMatch(/Over 10 steps every loss .* the flag changes nothing\.$/);
    expect(deadBecause("x", alive, { ...alive, valBpb: 4 + 2 ** -50 })).toBeNull();
    expect(deadBecause("x", alive, { ...alive, losses: [5, 4, 3 + 2 ** -50] })).toBeNull();
    expect(deadBecause("x", alive, { ...alive, losses: [5, 4] })).toBeNull();
    expect(deadBecause("x", alive, { ...alive, losses: [5, 4, null] })).toBeNull();
    const lost: ProbedArm = { ...alive, losses: [5, null, null], valBpb: null };
    expect(deadBecause("x", lost, { ...lost })).toMatch(/the flag changes nothing/);
  });
});

describe("the short schedule", () => {
  it("has ten steps and a warm-up that leaves most of them", () => {
    const { off } = armsOf(configOf(raceFileOf()), "relu2", levers);
    expect(shortened(off).schedule).toMatchObject({ steps: 10, warmup: 2 });
    const none = { ...off, schedule: { ...off.schedule, warmup: 0 } };
    expect(shortened(none).schedule).toMatchObject({ steps: 10, warmup: 0 });
    expect({ ...shortened(off), schedule: off.schedule }).toEqual(off);
  });
});
