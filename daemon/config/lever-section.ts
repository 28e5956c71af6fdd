/** `[levers.<name>]`: a lever that is on, with its settings. An absent section is a lever that is off. */
import type { LeverSettings } from "../protocol/trial.ts";
import { type CheckContext, checkTable, checkValue, tableAt } from "./check-table.ts";
import type { Span } from "./config-error.ts";
import { oneOf } from "./expected.ts";
import { type CatalogueEntry, fieldsOf, type LeverCatalogue } from "./schema.ts";
import { nearest } from "./suggest.ts";
import type { TomlTable } from "./toml-tree.ts";

export interface LeverOn {
  readonly settings: LeverSettings;
  readonly at: Span;
}

/** Levers that are on by name, with defaults filled in. A lever whose section has errors is left out. */
export function checkLevers(root: TomlTable, catalogue: LeverCatalogue, context: CheckContext): Map<string, LeverOn> {
  const levers = new Map<string, LeverOn>();
  const table = tableAt(root, "levers", "levers", context.errors);
  for (const [name, entry] of table?.entries ?? []) {
    const lever = catalogue.get(name);
    const path = `levers.${name}`;
    if (lever === undefined) {
      const near = nearest(name, [...catalogue.keys()]);
      context.errors.add("lever.unknown", entry.key, path, `there is no lever ${name}`, {
        expected: oneOf([...catalogue.keys()]),
        suggestion: near === null ? null : `levers.${near}`,
      });
      continue;
    }
    const section = table && tableAt(table, name, path, context.errors);
    const settings = section && checkSettings(lever, section, path, context);
    if (settings) levers.set(name, { settings, at: entry.key });
  }
  return levers;
}

/** The settings in `table` with defaults; undefined when some are wrong, which is reported. */
export function checkSettings(
  { settings }: CatalogueEntry,
  table: TomlTable,
  path: string,
  context: CheckContext,
): LeverSettings | undefined {
  const before = context.errors.count;
  checkTable(fieldsOf(settings), table, path, context);
  if (context.errors.count > before) return undefined;
  // Once more as a whole: a lever's schema may relate its settings to each other.
  const whole = checkValue(settings, table, path, context.errors);
  return whole.ok ? (whole.value as LeverSettings) : undefined;
}

/** A lever that some trial of the race switches on. */
export interface PossibleLever {
  readonly name: string;
  readonly at: Span;
}

/** Levers of one group exclude each other in every trial; the later one is reported. */
export function checkGroups(
  possible: readonly PossibleLever[],
  catalogue: LeverCatalogue,
  context: CheckContext,
): void {
  const first = new Map<string, string>();
  for (const { name, at } of possible) {
    const group = catalogue.get(name)?.group;
    if (group === undefined) continue;
    const other = first.get(group);
    if (other === undefined) {
      first.set(group, name);
      continue;
    }
    const message = `${name} and ${other} are both levers of the group ${group}; no trial can have both`;
    context.errors.add("lever.group-conflict", at, `levers.${name}`, message, { expected: `one lever of ${group}` });
  }
}
