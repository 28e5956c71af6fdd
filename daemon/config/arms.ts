/** The two arms of an experiment: the same configuration with and without one lever. */
import { IglaError } from "../protocol/errors.ts";
import type { LeverSettings, TrialSpec } from "../protocol/trial.ts";
import { canonicalHash } from "./canonical.ts";
import type { RaceConfig, TrialBase } from "./race-config.ts";
import type { CatalogueEntry } from "./schema.ts";

/** `L`: what the catalogue says of a lever. */
export interface Arms<L extends CatalogueEntry> {
  readonly lever: L;
  /** Of the lever, defaults included. */
  readonly settings: LeverSettings;
  readonly off: TrialBase;
  readonly on: TrialBase;
}

export type ArmName = "off" | "on";

/**
 * A lever that the file switches on keeps the settings of the file; any other one has its defaults. All else that the
 * file switches on stays on in both arms; its space is left out.
 * @throws {IglaError} `experiment.unknown-lever`, `experiment.lever-conflict`
 */
export function armsOf<L extends CatalogueEntry>(
  config: RaceConfig,
  leverId: string,
  catalogue: ReadonlyMap<string, L>,
): Arms<L> {
  const lever = catalogue.get(leverId);
  if (lever === undefined) {
    throw new IglaError(
      "experiment.unknown-lever",
      `There is no lever ${leverId}; there are ${[...catalogue.keys()].join(", ")}.`,
    );
  }
  const { [leverId]: own, ...others } = config.base.levers;
  const rival = Object.keys(others).find((id) => lever.group !== undefined && catalogue.get(id)?.group === lever.group);
  if (rival !== undefined) {
    const detail = `${leverId} cannot be switched on beside ${rival}: both are levers of the group ${lever.group}. Remove [levers.${rival}] first.`;
    throw new IglaError("experiment.lever-conflict", detail);
  }
  const settings = own ?? config.leversWhenOn[leverId] ?? (lever.settings.parse({}) as LeverSettings);
  const off: TrialBase = { ...config.base, levers: others };
  return { lever, settings, off, on: { ...off, levers: { ...others, [leverId]: settings } } };
}

/** What the arm is, without its seed and its length. */
export function armHash(base: TrialBase): string {
  return canonicalHash(base);
}

/** The trial of an arm. Steps of training, and of its schedule where the file names none. */
export function armSpec(
  { data, model, optimizer, schedule, levers }: TrialBase,
  seed: number,
  steps: number,
): TrialSpec {
  return {
    data,
    model: { ...model, kv_heads: model.kv_heads ?? model.heads },
    optimizer,
    schedule: { ...schedule, steps },
    levers,
    seed,
  };
}
