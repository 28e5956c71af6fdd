/** A race file that has been checked, and the trials that follow from it. */
import type { DataSpec, LeverSettings, ModelSpec, OptimizerSpec, ScheduleSpec, TrialSpec } from "../protocol/trial.ts";
import type { Ladder } from "../search/ladder.ts";
import type { PruneRule } from "../search/prune.ts";
import type { SearchRules } from "../search/rules.ts";
import { gridSampler } from "../search/samplers/grid.ts";
import { randomSampler } from "../search/samplers/random.ts";
import type { Sampler } from "../search/samplers/sampler.ts";
import type { Point, PointValue, Space } from "../search/samplers/space.ts";
import { canonicalHash } from "./canonical.ts";
import type { LeverCatalogue } from "./schema.ts";

/** What all trials have in common before a point of the space is applied. */
export interface TrialBase {
  readonly data: DataSpec;
  readonly model: ModelSpec;
  readonly optimizer: OptimizerSpec;
  readonly schedule: ScheduleSpec;
  /** Levers that are on, with all their settings. */
  readonly levers: Readonly<Record<string, LeverSettings>>;
}

/** What guards a race before it starts. It changes no number of the race. */
export interface GuardRules {
  readonly require: "none" | "proven";
  /** Null: the usual file, where there is one. */
  readonly file: string | null;
}

export interface RaceConfig {
  readonly name: string;
  readonly seed: number;
  /** Each configuration is trained once with each of these. */
  readonly seeds: readonly number[];
  readonly sampler: "random" | "grid";
  /** Configurations times seeds; never more than the space holds. */
  readonly maxTrials: number;
  readonly budgetSteps: number | null;
  readonly ladder: Ladder;
  /** Lanes of one program; null: as many as the backend likes. */
  readonly lanes: number | null;
  readonly prune: PruneRule;
  readonly reportEverySteps: number;
  readonly checkpointEverySec: number;
  readonly base: TrialBase;
  readonly space: Space;
  /** Settings of each lever in the space when it is on and its choice names none: the file's, else the defaults. */
  readonly leversWhenOn: Readonly<Record<string, LeverSettings>>;
  readonly invariants: GuardRules;
}

/** Hash of what a race means: all but its guards. */
export function raceHash({ invariants: _, ...meaning }: RaceConfig): string {
  return canonicalHash(meaning);
}

export function searchRules({ ladder, maxTrials, budgetSteps, prune }: RaceConfig): SearchRules {
  return { ladder, maxTrials, budgetSteps, prune };
}

export function makeSampler({ sampler, space, seed }: Pick<RaceConfig, "sampler" | "space" | "seed">): Sampler {
  return sampler === "grid" ? gridSampler(space, seed) : randomSampler(space, seed);
}

/** Which configuration and which seed trial `index` of the race is: all seeds of one configuration, then the next. */
export function trialSlot({ seeds }: RaceConfig, index: number): { configIndex: number; seed: number } {
  const seed = seeds[index % seeds.length];
  if (seed === undefined) throw new RangeError(`a race has no trial ${index}`);
  return { configIndex: Math.floor(index / seeds.length), seed };
}

/**
 * The trial at `point` of the space.
 * @param scheduleSteps schedule length where the configuration names none: the last rung, or a single run's steps
 */
export function trialSpec(config: RaceConfig, point: Point, seed: number, scheduleSteps: number): TrialSpec {
  const { base } = config;
  const sections = {
    model: { ...base.model } as Record<string, unknown>,
    optimizer: { ...base.optimizer } as Record<string, unknown>,
    schedule: { ...base.schedule } as Record<string, unknown>,
  };
  const levers: Record<string, LeverSettings> = { ...base.levers };
  for (const [path, value] of Object.entries(point)) {
    const [section = "", name = "", setting] = path.split(".");
    if (section === "levers" && setting === undefined)
      switchLever(levers, name, value, config.leversWhenOn[name] ?? {});
    else if (section === "levers") levers[name] = { ...levers[name], [setting as string]: value } as LeverSettings;
    else if (Object.hasOwn(sections, section)) sections[section as keyof typeof sections][name] = value;
    else throw new RangeError(`the space cannot vary ${path}`);
  }
  const model = sections.model as ModelSpec;
  const schedule = sections.schedule as ScheduleSpec;
  return {
    data: base.data,
    model: { ...model, kv_heads: model.kv_heads ?? model.heads },
    optimizer: sections.optimizer as OptimizerSpec,
    schedule: { ...schedule, steps: schedule.steps ?? scheduleSteps },
    levers,
    seed,
  };
}

function switchLever(
  levers: Record<string, LeverSettings>,
  name: string,
  value: PointValue,
  whenOn: LeverSettings,
): void {
  if (value === false) delete levers[name];
  else levers[name] = typeof value === "object" ? { ...whenOn, ...value } : whenOn;
}

const laneOptimizerKeys = [
  "lr",
  "muon_lr",
  "muon_momentum",
  "weight_decay",
  "beta1",
  "beta2",
  "eps",
  "clip_norm",
] as const;
const laneScheduleKeys = ["steps", "warmup", "min_lr_fraction", "decay_fraction"] as const;

/** Hash of all that trials must share to be lanes of one program: everything but the seed and what is read per lane. */
export function shapeKey(spec: TrialSpec, catalogue: LeverCatalogue): string {
  const levers = Object.entries(spec.levers).map(
    ([name, settings]) => [name, without(settings, catalogue.get(name)?.laneSettings ?? [])] as const,
  );
  return canonicalHash({
    data: spec.data,
    model: spec.model,
    optimizer: without(spec.optimizer, laneOptimizerKeys),
    schedule: without(spec.schedule, laneScheduleKeys),
    levers: Object.fromEntries(levers),
  });
}

function without(record: object, keys: readonly string[]): object {
  return Object.fromEntries(Object.entries(record).filter(([key]) => !keys.includes(key)));
}

/** SHA-256 of a trial's whole description, its seed included. */
export function configHash(spec: TrialSpec): string {
  return canonicalHash(spec);
}
