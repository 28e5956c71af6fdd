/**
 * `[space."<path>"]`: what varies between configurations. The path is that of a key (`optimizer.lr`), of a lever
 * (`levers.softcap`: true, false or a table of settings), or of a setting of a lever (`levers.softcap.cap`). One of
 *   log = [low, high]       uniform in the logarithm
 *   uniform = [low, high]
 *   int = [low, high]       whole numbers, both bounds included
 *   choice = [a, b, ...]
 * says how; `points = n` says how many values the grid sampler takes from a range. Every value that can be drawn
 * must pass the key's own schema.
 */
import type { z } from "zod";
import type { Dimension } from "../search/samplers/space.ts";
import { type CheckContext, tableAt } from "./check-table.ts";
import type { Span } from "./config-error.ts";
import { fieldsOf, type LeverCatalogue, sectionSchemas, validPaths, variableSections } from "./schema.ts";
import { rangeKinds, readChoice, readRange, type Target } from "./space-domain.ts";
import { nearestPath } from "./suggest.ts";
import { show, type TomlTable, type TomlValue } from "./toml-tree.ts";

/** A dimension and where its parts stand. */
export interface PlacedDimension extends Dimension {
  readonly key: Span;
  /** Of the range or of the list of choices. */
  readonly at: Span;
}

const kinds = [...rangeKinds, "choice"] as const;
type Kind = (typeof kinds)[number];

export function checkSpace(root: TomlTable, catalogue: LeverCatalogue, context: CheckContext): PlacedDimension[] {
  const table = tableAt(root, "space", "space", context.errors);
  const dimensions = new Map<string, PlacedDimension>();
  for (const { path, key, value } of table ? flattenSpace(table, "") : []) {
    const target = resolve(path, key, catalogue, context);
    if (target === undefined) continue;
    const dimension = readDimension(path, key, value, target, context);
    if (dimension === undefined) continue;
    if (dimensions.has(path)) {
      context.errors.add("toml.duplicate-key", key, `space.${path}`, `${path} is in the space twice`);
    } else dimensions.set(path, dimension);
  }
  return [...dimensions.values()];
}

interface Located {
  readonly path: string;
  readonly key: Span;
  readonly value: TomlValue;
}

/** `[space."a.b"]`, `[space.a.b]` and `[space.a] b = {...}` mean the same: tables of tables are prefixes of paths. */
export function flattenSpace(table: TomlTable, prefix: string): Located[] {
  return [...table.entries].flatMap(([name, { key, value }]) => {
    const path = prefix + name;
    const isPrefix =
      value.kind === "table" &&
      value.entries.size > 0 &&
      [...value.entries].every(([inner, entry]) => entry.value.kind === "table" && !isKind(inner));
    return isPrefix ? flattenSpace(value, `${path}.`) : [{ path, key, value }];
  });
}

function isKind(name: string): name is Kind {
  return (kinds as readonly string[]).includes(name);
}

/** What a path names. */
function resolve(path: string, key: Span, catalogue: LeverCatalogue, { errors }: CheckContext): Target | undefined {
  const [section = "", name = "", setting, ...rest] = path.split(".");
  if (section === "levers" && rest.length === 0) {
    const entry = catalogue.get(name);
    if (entry && setting === undefined) return { kind: "lever", entry };
    const schema = entry && setting !== undefined ? ownField(entry.settings, setting) : undefined;
    if (schema) return { kind: "value", schema };
  }
  const known = Object.hasOwn(sectionSchemas, section)
    ? sectionSchemas[section as keyof typeof sectionSchemas]
    : undefined;
  const schema = known && setting === undefined ? ownField(known, name) : undefined;
  const variable = variableSections.find((candidate) => candidate === section);
  if (schema && variable) return { kind: "value", schema };
  const full = `space.${path}`;
  if (schema) {
    errors.add("space.fixed-path", key, full, `${path} is the same for all trials of a race`, {
      expected: "a key of model, optimizer, schedule or levers",
    });
    return undefined;
  }
  const paths = validPaths(catalogue).filter((valid) => !/^(data|race|invariants)\./.test(valid));
  const suggestion = nearestPath(path.slice(path.lastIndexOf(".") + 1), path.slice(0, path.lastIndexOf(".")), paths);
  errors.add("space.unknown-path", key, full, `${path} is not the path of a key or of a lever`, { suggestion });
  return undefined;
}

function ownField(schema: z.ZodObject, name: string): z.ZodType | undefined {
  const fields = fieldsOf(schema);
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

function readDimension(
  path: string,
  key: Span,
  value: TomlValue,
  target: Target,
  context: CheckContext,
): PlacedDimension | undefined {
  const full = `space.${path}`;
  const kind = domainKind(full, key, value, context);
  if (kind === undefined || value.kind !== "table") return undefined;
  const body = value.entries.get(kind)?.value;
  if (body === undefined) return undefined;
  const points = value.entries.get("points")?.value;
  const domain =
    kind === "choice" ? readChoice(full, body, target, context) : readRange(full, kind, body, points, target, context);
  return domain && { path, domain, key, at: body.at };
}

/** The one kind of domain that the table names; undefined after a report. */
function domainKind(path: string, key: Span, value: TomlValue, { errors }: CheckContext): Kind | undefined {
  const bad = (at: Span, message: string) =>
    errors.add("space.bad-domain", at, path, message, { expected: `one of ${kinds.join(", ")}` });
  if (value.kind !== "table") {
    bad(value.at, `${path} cannot be ${show(value)}`);
    return undefined;
  }
  const [kind, second] = [...value.entries.keys()].filter(isKind);
  const before = errors.count;
  for (const [name, entry] of value.entries) {
    const known = isKind(name) || (name === "points" && kind !== "choice");
    if (!known) bad(entry.key, `${path}.${name} is not a known key here`);
    if (name === second) bad(entry.key, `${path} has both ${kind} and ${second}`);
  }
  if (kind === undefined && errors.count === before) bad(key, `${path} does not say which values it takes`);
  return errors.count > before ? undefined : kind;
}
