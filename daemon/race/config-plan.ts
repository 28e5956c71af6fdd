/** The plan of a race file: its configuration as the orchestrator needs it. */
import type { ConfigError } from "../config/config-error.ts";
import { guardedRace } from "../config/guarded-race.ts";
import { parseRaceFile } from "../config/parse.ts";
import {
  configHash,
  makeSampler,
  type RaceConfig,
  raceHash,
  searchRules,
  shapeKey,
  trialSlot,
  trialSpec,
} from "../config/race-config.ts";
import { levers } from "../levers/registry.ts";
import { IglaError } from "../protocol/errors.ts";
import { lastRung } from "../search/ladder.ts";
import type { PlannedTrial, Planner, RacePlan } from "./plan.ts";

/** @throws {IglaError} `race.bad-config`; its data is a list of diagnostics with `place` and `message` */
export const planRace: Planner = (configText, path, budgetSteps) => {
  const parsed = parseRaceFile(configText, path, levers);
  if (!parsed.ok) throw badConfig(parsed.errors, path);
  return planOf(parsed.config, budgetSteps);
};

/** `race.bad-config`; its data is a list of diagnostics with `place` and `message`. */
export function badConfig(errors: readonly ConfigError[], path: string): IglaError {
  const diagnostics = errors.map(diagnostic);
  const [first] = diagnostics;
  const others = diagnostics.length > 1 ? ` (and ${diagnostics.length - 1} more)` : "";
  return new IglaError("race.bad-config", `${first?.place ?? path}: ${first?.message ?? ""}${others}`, diagnostics);
}

function diagnostic(error: ConfigError) {
  const expected = error.expected === null ? "" : `; expected ${error.expected}`;
  const suggestion = error.suggestion === null ? "" : `; did you mean ${error.suggestion}?`;
  return {
    ...error,
    place: `${error.file}:${error.line}:${error.column}`,
    message: `${error.message}${expected}${suggestion}`,
  };
}

function planOf(config: RaceConfig, budgetSteps: number | null): RacePlan {
  const rules = searchRules(config);
  const sampler = makeSampler(config);
  const scheduleSteps = config.ladder.rungs[lastRung(config.ladder)]?.steps ?? 0;
  const trials = new Map<number, PlannedTrial>();
  const trial = (index: number): PlannedTrial => {
    const known = trials.get(index);
    if (known !== undefined) return known;
    const { configIndex, seed } = trialSlot(config, index);
    const point = sampler.suggest(configIndex, []);
    if (point === null) throw new RangeError(`the space has no configuration ${configIndex}`);
    const spec = trialSpec(config, point, seed, scheduleSteps);
    const planned = { point, spec, specHash: configHash(spec) };
    trials.set(index, planned);
    return planned;
  };
  return {
    name: config.name,
    configHash: raceHash(config),
    rules: { ...rules, budgetSteps: budgetSteps ?? rules.budgetSteps },
    reportEvery: config.reportEverySteps,
    checkpointEverySec: config.checkpointEverySec,
    lanes: config.lanes,
    trial,
    shapeKey: (spec) => shapeKey(spec, levers),
    guarded: { race: guardedRace(config), rules: config.invariants },
  };
}
