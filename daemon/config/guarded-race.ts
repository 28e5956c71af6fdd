/** A parsed race file as the runtime checks of invariants see it. */
import type { GuardedRace, GuardedValue, Possible } from "../invariants/preflight/guarded-race.ts";
import type { LeverSettings } from "../protocol/trial.ts";
import { type Domain, gridPoints, gridValue } from "../search/samplers/space.ts";
import type { RaceConfig } from "./race-config.ts";

export function guardedRace(config: RaceConfig): GuardedRace {
  const values = new Map<string, Possible>();
  const fixed = (path: string, value: unknown) => {
    if (isGuarded(value)) values.set(path, { kind: "list", values: [value], varies: false });
  };
  const { base, space, prune, ladder, seeds } = config;
  for (const section of ["data", "model", "optimizer", "schedule"] as const) {
    for (const [key, value] of Object.entries(base[section])) fixed(`${section}.${key}`, value);
  }
  fixed("race.prune_above_bpb", prune.thresholdBpb);
  fixed("race.prune_after_steps", prune.warmupSteps);
  for (const [lever, settings] of Object.entries(base.levers)) {
    fixed(`levers.${lever}`, true);
    for (const [key, value] of Object.entries(settings)) fixed(`levers.${lever}.${key}`, value);
  }
  for (const { path, domain } of space) {
    const [section, lever = "", setting] = path.split(".");
    if (section === "levers" && setting === undefined) vary(values, lever, domain, config.leversWhenOn[lever] ?? {});
    else values.set(path, possibleOf(domain, config.sampler));
  }
  return { values, ladder: { name: ladder.name, steps: ladder.rungs.map(({ steps }) => steps) }, seeds };
}

/** A lever that the space switches: its settings are those of the choices that switch it on. */
function vary(values: Map<string, Possible>, lever: string, domain: Domain, whenOn: LeverSettings): void {
  const choices = domain.kind === "choice" ? domain.values : [];
  for (const path of [...values.keys()]) if (path.startsWith(`levers.${lever}.`)) values.delete(path);
  const on = choices.filter((choice) => choice !== false);
  const states = [...new Set(choices.map((choice) => choice !== false))];
  values.set(`levers.${lever}`, { kind: "list", values: states, varies: true });
  const settings = on.map((choice) => ({ ...whenOn, ...(typeof choice === "object" ? choice : {}) }));
  for (const key of new Set(settings.flatMap((one) => Object.keys(one)))) {
    const taken = settings.flatMap((one) => (isGuarded(one[key]) ? [one[key]] : []));
    values.set(`levers.${lever}.${key}`, { kind: "list", values: [...new Set(taken)], varies: true });
  }
}

function possibleOf(domain: Domain, sampler: RaceConfig["sampler"]): Possible {
  if (domain.kind === "choice") return { kind: "list", values: domain.values.filter(isGuarded), varies: true };
  const { low, high, points } = domain;
  if (sampler !== "grid" || points === null) return { kind: "range", low, high, varies: true };
  const count = gridPoints(domain) ?? 0;
  const values = Array.from({ length: count }, (_, k) => gridValue(domain, k)).filter(isGuarded);
  return { kind: "list", values, varies: true };
}

function isGuarded(value: unknown): value is GuardedValue {
  return typeof value === "number" || typeof value === "string" || typeof value === "boolean";
}
