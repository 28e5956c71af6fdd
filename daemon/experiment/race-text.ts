/** A race file that trains given arms with given seeds for given steps: what an experiment hands to the daemon. */
import type { TrialBase } from "../config/race-config.ts";
import type { LeverSettings } from "../protocol/trial.ts";

export interface ArmRace {
  readonly name: string;
  readonly base: TrialBase;
  /** Trained without and with these settings; null: `base` as it is. */
  readonly toggled: { readonly lever: string; readonly settings: LeverSettings } | null;
  readonly seeds: readonly number[];
  readonly steps: number;
  readonly reportEvery: number;
  readonly checkpointEverySec: number;
  /** Null: as many as the backend likes. */
  readonly lanes: number | null;
}

export function raceText(race: ArmRace): string {
  const { base, toggled, seeds, steps } = race;
  const sections = [
    section("data", base.data),
    section("model", base.model),
    section("optimizer", base.optimizer),
    section("schedule", { ...base.schedule, steps }),
    ...Object.entries(base.levers).map(([id, settings]) => section(`levers.${key(id)}`, settings)),
    section("race", {
      name: race.name,
      seed: seeds[0],
      seeds,
      sampler: "grid",
      rungs: [{ steps }],
      lanes: race.lanes ?? "auto",
      report_every_steps: race.reportEvery,
      checkpoint_every_sec: race.checkpointEverySec,
    }),
  ];
  if (toggled !== null) {
    const { lever, settings } = toggled;
    const on = Object.keys(settings).length === 0 ? true : settings;
    sections.push(section(`space.${key(`levers.${lever}`)}`, { choice: [false, on] }));
  }
  return sections.join("\n");
}

function section(name: string, values: object): string {
  const lines = Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${key(name)} = ${toml(value)}\n`);
  return `[${name}]\n${lines.join("")}`;
}

function key(name: string): string {
  return /^[A-Za-z0-9_-]+$/.test(name) ? name : quoted(name);
}

/** A JSON string is a basic string of TOML as well, but for DEL. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll("\u007f", "\\u007f");
}

function toml(value: unknown): string {
  if (typeof value === "string") return quoted(value);
  if (Array.isArray(value)) return `[${value.map(toml).join(", ")}]`;
  if (typeof value !== "object" || value === null) return String(value);
  return `{ ${Object.entries(value)
    .map(([name, each]) => `${key(name)} = ${toml(each)}`)
    .join(", ")} }`;
}
