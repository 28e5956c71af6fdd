/** All levers, in the order in which their hooks apply. Config, contract tests and documentation walk this list. */
import type { Hooks } from "../model/hooks.ts";
import { composeHooks } from "../model/hooks.ts";
import type { LeverSettings, ModelSpec } from "../protocol/trial.ts";
import { dropout } from "./dropout.ts";
import { ema } from "./ema.ts";
import { gelu } from "./gelu.ts";
import { leakyRelu2 } from "./leaky-relu2.ts";
import type { Lever } from "./lever.ts";
import { muon } from "./muon.ts";
import { partialRope } from "./partial-rope.ts";
import { qkGain } from "./qk-gain.ts";
import { qkNorm } from "./qk-norm.ts";
import { relu2 } from "./relu2.ts";
import { softcap } from "./softcap.ts";
import { swiglu } from "./swiglu.ts";
import { tiedHead } from "./tied-head.ts";
import { wsd } from "./wsd.ts";

export const levers: ReadonlyMap<string, Lever> = new Map(
  [relu2, leakyRelu2, gelu, swiglu, partialRope, qkNorm, qkGain, softcap, tiedHead, muon, ema, wsd, dropout].map(
    (lever) => [lever.id, lever],
  ),
);

/**
 * Hooks of the levers that are on, in registry order.
 * @throws {RangeError} unknown lever, settings that its schema refuses, or two levers for one place
 */
export function hooksFor(settings: Readonly<Record<string, LeverSettings>>, model: ModelSpec): Hooks {
  const unknown = Object.keys(settings).find((id) => !levers.has(id));
  if (unknown !== undefined) throw new RangeError(`There is no lever "${unknown}".`);
  const active = [...levers.values()].filter(({ id }) => settings[id] !== undefined);
  return composeHooks(
    active.map((lever) => ({ id: lever.id, hooks: lever.hooks(lever.settings.parse(settings[lever.id]), model) })),
  );
}
