/**
 * Reads a race file. Every error is found, not only the first: syntax, keys, values, rules between keys, and what
 * the space could lead to. Pure: the text comes in, and what is wrong with it goes out as values.
 */
import type { LeverSettings } from "../protocol/trial.ts";
import { lastRung } from "../search/ladder.ts";
import { gridSize, maxGridSize } from "../search/samplers/grid.ts";
import { fullDomain, gridPoints } from "../search/samplers/space.ts";
import { type CheckContext, type CheckedTable, checkTable, tableAt } from "./check-table.ts";
import { type ConfigError, ErrorList, type Span } from "./config-error.ts";
import { checkConstraints } from "./constraints.ts";
import { oneOf } from "./expected.ts";
import { checkGroups, checkLevers, type LeverOn } from "./lever-section.ts";
import { makeSampler, type RaceConfig, type TrialBase } from "./race-config.ts";
import { checkBudget, readLadder, readPruneRule, readSeeds } from "./race-section.ts";
import { fieldsOf, type LeverCatalogue, type SectionName, sectionNames, sectionSchemas, validPaths } from "./schema.ts";
import { checkSpace, type PlacedDimension } from "./space-section.ts";
import { nearest, nearestPath } from "./suggest.ts";
import { parseSource } from "./toml-source.ts";
import type { TomlTable } from "./toml-tree.ts";

export type ParsedRace =
  | { readonly ok: true; readonly config: RaceConfig }
  /** Sorted by position. */
  | { readonly ok: false; readonly errors: readonly ConfigError[] };

type Sections = Readonly<Record<SectionName, CheckedTable>>;

/** Trials of a random race that names no limit. */
const defaultConfigurations = 27;

/**
 * @param file how the file is called in messages; the race is named after it unless it names itself
 * @param catalogue levers that the file may switch on
 */
export function parseRaceFile(text: string, file: string, catalogue: LeverCatalogue): ParsedRace {
  const errors = new ErrorList(file);
  const context: CheckContext = { errors, paths: validPaths(catalogue) };
  const { tree, whole } = parseSource(text, errors);
  checkTopLevel(tree, context);
  const tables = sectionNames.map((name) => [name, tableAt(tree, name, name, errors)] as const);
  const sections = Object.fromEntries(
    tables.map(([name, table]) => [name, checkTable(fieldsOf(sectionSchemas[name]), table, name, context)]),
  ) as Sections;
  const levers = checkLevers(tree, catalogue, context);
  const placed = checkSpace(tree, catalogue, context);
  checkVariedLevers(placed, levers, catalogue, context);
  const race = Object.fromEntries(tables).race;
  const ladder = readLadder(sections.race, race, errors);
  checkBudget(sections.race, race, ladder, errors);
  const prune = readPruneRule(sections.race, race, errors);
  const seeds = readSeeds(sections.race, race, errors);
  const sampler = sections.race.values.sampler === "grid" ? "grid" : "random";
  const space = sampler === "grid" ? placed : placed.map((d) => ({ ...d, domain: fullDomain(d.domain) }));
  if (sampler === "grid") checkGrid(space, race, errors);
  const namesLadder = race?.entries.has("ladder") || race?.entries.has("rungs");
  const lastSteps = namesLadder && ladder ? (ladder.rungs[lastRung(ladder)]?.steps ?? null) : null;
  if (whole) checkRelations(tree, sections, space, lastSteps, errors);
  if (errors.count > 0 || ladder === undefined) return { ok: false, errors: errors.sorted() };
  return {
    ok: true,
    config: assemble({ file, sections, levers, space: placed, catalogue, ladder, prune, seeds, sampler }),
  };
}

function checkTopLevel(tree: TomlTable, { errors, paths }: CheckContext): void {
  const known = [...sectionNames, "levers", "space"];
  for (const [name, { key, value }] of tree.entries) {
    if (known.includes(name)) continue;
    const section = value.kind === "table";
    errors.add("config.unknown-key", key, name, `${name} is not a known ${section ? "section" : "key"}`, {
      expected: oneOf(known.map((section) => `[${section}]`)),
      suggestion: section ? nearest(name, known) : nearestPath(name, "", paths),
    });
  }
}

/** Groups, and settings that vary though their lever may be off. */
function checkVariedLevers(
  space: readonly PlacedDimension[],
  levers: ReadonlyMap<string, LeverOn>,
  catalogue: LeverCatalogue,
  context: CheckContext,
): void {
  const switched = new Map(space.map((dimension) => [dimension.path, dimension]));
  for (const { path, key } of space) {
    const [section, name = "", setting] = path.split(".");
    if (section !== "levers" || setting === undefined) continue;
    if (levers.has(name) && !switched.has(`levers.${name}`)) continue;
    const message = `${path} varies a setting of a lever that is not always on`;
    const expected = `a section [levers.${name}], or [space."levers.${name}"] with choice = [false, { ${setting} = ... }]`;
    context.errors.add("space.lever-off", key, `space.${path}`, message, { expected });
  }
  const fixed = [...levers].filter(([name]) => !switched.has(`levers.${name}`)).map(([name, { at }]) => ({ name, at }));
  const varied = [...catalogue.keys()].flatMap((name) => {
    const dimension = switched.get(`levers.${name}`);
    const on = dimension?.domain.kind === "choice" && dimension.domain.values.some((value) => value !== false);
    return dimension && on ? [{ name, at: dimension.key }] : [];
  });
  const byPosition = [...fixed, ...varied].sort((a, b) => a.at.line - b.at.line || a.at.column - b.at.column);
  checkGroups(byPosition, catalogue, context);
}

function checkGrid(space: readonly PlacedDimension[], race: TomlTable | undefined, errors: ErrorList): void {
  for (const { path, domain, key } of space) {
    if (gridPoints(domain) !== null) continue;
    const message = `the grid sampler needs a number of points for ${path}`;
    errors.add("race.no-grid", key, `space.${path}`, message, { expected: "points = n beside the range, or a choice" });
  }
  const size = gridSize(space);
  const at = race?.entries.get("sampler")?.value.at;
  if (size === null || size <= maxGridSize || at === undefined) return;
  const message = `the grid has ${size} points`;
  errors.add("race.no-grid", at, "race.sampler", message, {
    expected: `at most ${maxGridSize}, or the random sampler`,
  });
}

function checkRelations(
  tree: TomlTable,
  sections: Sections,
  space: readonly PlacedDimension[],
  lastRungSteps: number | null,
  errors: ErrorList,
): void {
  const base: Record<string, unknown> = {};
  const invalid = new Set<string>();
  for (const name of sectionNames) {
    for (const [key, value] of Object.entries(sections[name].values)) base[`${name}.${key}`] = value;
    for (const key of sections[name].invalid) invalid.add(`${name}.${key}`);
  }
  const spanOf = (path: string): Span | undefined => {
    const [name = "", key = ""] = path.split(".");
    const table = tree.entries.get(name)?.value;
    return table?.kind === "table" ? table.entries.get(key)?.value.at : undefined;
  };
  checkConstraints({ base, invalid, space, lastRungSteps, spanOf }, errors);
}

interface Parts extends Pick<RaceConfig, "ladder" | "prune" | "seeds" | "sampler"> {
  readonly file: string;
  readonly sections: Sections;
  readonly levers: ReadonlyMap<string, LeverOn>;
  readonly space: readonly PlacedDimension[];
  readonly catalogue: LeverCatalogue;
}

function assemble({
  file,
  sections,
  levers,
  space: placed,
  catalogue,
  ladder,
  prune,
  seeds,
  sampler,
}: Parts): RaceConfig {
  const race = sections.race.values as {
    name?: string;
    seed: number;
    max_trials?: number;
    budget_steps?: number;
    lanes: "auto" | number;
    report_every_steps: number;
    checkpoint_every_sec: number;
  };
  const invariants = sections.invariants.values as { require: "none" | "proven"; file?: string };
  const on = Object.fromEntries([...levers].map(([name, { settings }]) => [name, settings]));
  const base = {
    data: sections.data.values,
    model: sections.model.values,
    optimizer: sections.optimizer.values,
    schedule: sections.schedule.values,
    levers: on,
  } as unknown as TrialBase;
  const space = placed.map(({ path, domain }) => ({ path, domain }));
  const whenOn: Record<string, LeverSettings> = {};
  for (const { path } of space) {
    const [section, name = "", setting] = path.split(".");
    if (section !== "levers" || setting !== undefined) continue;
    whenOn[name] = on[name] ?? (catalogue.get(name)?.settings.parse({}) as LeverSettings);
  }
  const { size } = makeSampler({ sampler, space, seed: race.seed });
  const configurations = sampler === "grid" && size !== null ? size : defaultConfigurations;
  const wanted = race.max_trials ?? configurations * seeds.length;
  return {
    name: race.name ?? nameOf(file),
    seed: race.seed,
    seeds,
    sampler,
    maxTrials: size === null ? wanted : Math.min(wanted, size * seeds.length),
    budgetSteps: race.budget_steps ?? null,
    ladder,
    lanes: race.lanes === "auto" ? null : race.lanes,
    prune,
    reportEverySteps: race.report_every_steps,
    checkpointEverySec: race.checkpoint_every_sec,
    base,
    space,
    leversWhenOn: whenOn,
    invariants: { require: invariants.require, file: invariants.file ?? null },
  };
}

/** `some/folder/small-models.igla.toml` -> `small-models`. */
function nameOf(file: string): string {
  const base = file.split(/[\\/]/).at(-1) ?? "";
  return base.replace(/(\.igla)?\.toml$/, "") || "race";
}
