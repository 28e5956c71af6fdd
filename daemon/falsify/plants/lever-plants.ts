/** Dead levers, trained for real: parameters that get no gradient, and flags that change nothing. */
import type { Backend } from "../../engine/backend.ts";
import { add, broadcastMul, scale } from "../../engine/graph/ops/elementwise.ts";
import { type FlagInput, flagGate, type GradientInput, gradientGate } from "../../evidence/gates/lever.ts";
import { clean, plant, type SuiteCase } from "../../evidence/suite/suite.ts";
import type { Hooks } from "../../model/hooks.ts";
import type { TrialSpec } from "../../protocol/trial.ts";
import { resolveTrial } from "../../train/plan.ts";
import { type TinyRun, type TinyTrial, tinySteps, trainTiny, withHooks } from "../training.ts";

const base: TinyTrial = { seed: 7, lr: 0.01 };

/** A learned gain on the MLP's branch, of which the given share reaches the residual stream. */
const branchGain = (share: number, role: "gain" | "hidden"): Hooks => ({
  residual(at, branch, site) {
    if (site !== "mlp") return branch;
    const width = at.spec.width;
    const gain = at.parameter("branch_gain", [width], role, { kind: "constant", value: 1 });
    return add(at.g, branch, scale(at.g, broadcastMul(at.g, branch, gain), share));
  },
});

/** Parameters that only the arm with the lever has, with their gradients. */
async function ownParameters(
  backend: Backend,
  levers: TrialSpec["levers"],
  hooks: Hooks | null,
): Promise<GradientInput> {
  const [off] = await trainTiny(backend, [base], { steps: 1 });
  const resolve = hooks === null ? resolveTrial : withHooks(hooks);
  const [on] = await trainTiny(backend, [{ ...base, levers }], { watch: true, resolve });
  const known = new Set(off?.parameters.map(({ name }) => name));
  return { steps: tinySteps, parameters: (on?.parameters ?? []).filter(({ name }) => !known.has(name)) };
}

async function bothArms(
  backend: Backend,
  trial: TinyTrial,
  levers: TrialSpec["levers"],
  hooks: Hooks | null = null,
): Promise<FlagInput> {
  const [off] = await trainTiny(backend, [trial]);
  const [on] = await trainTiny(backend, [{ ...trial, levers }], hooks === null ? {} : { resolve: withHooks(hooks) });
  if (off === undefined || on === undefined) throw new RangeError("An arm was not trained.");
  return flagsOf(off, on);
}

const flagsOf = (off: TinyRun, on: TinyRun): FlagInput => ({
  off: off.losses,
  on: on.losses,
  evaluation: { off: off.nllNats, on: on.nllNats },
});

export function leverCases(backend: Backend): SuiteCase[] {
  const none: Hooks = { logits: (_, logits) => logits };
  return [
    plant(gradientGate, "a gain whose branch is multiplied by 0", /branch_gain \(never moved\)/, () =>
      ownParameters(backend, {}, branchGain(0, "gain")),
    ),
    plant(gradientGate, "the same, but weight decay moves it", /learn nothing in 10 steps: branch_gain;/, () =>
      ownParameters(backend, {}, branchGain(0, "hidden")),
    ),
    clean(gradientGate, "the same gain with its branch connected", () =>
      ownParameters(backend, {}, branchGain(1, "gain")),
    ),
    clean(gradientGate, "the learned gain of qk-gain", () => ownParameters(backend, { "qk-gain": { init: 2 } }, null)),
    plant(flagGate, "a lever that hands the logits on as they are", /^0 of the first 10 losses/, () =>
      bothArms(backend, base, {}, none),
    ),
    plant(flagGate, "partial-rope on heads of two dimensions, which all rotate", /^0 of the first 10 losses/, () =>
      bothArms(backend, { ...base, heads: 8 }, { "partial-rope": { fraction: 0.25 } }),
    ),
    clean(flagGate, "softcap", () => bothArms(backend, base, { softcap: { cap: 10 } })),
    clean(flagGate, "ema, which changes the evaluation only", () => bothArms(backend, base, { ema: { decay: 0.996 } })),
  ];
}
