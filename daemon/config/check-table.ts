/** Checks keys and values of one table against a schema, each key on its own, so that all errors are found. */
import { z } from "zod";
import type { ConfigErrorCode, ErrorList, Span } from "./config-error.ts";
import { describeSchema, oneOf } from "./expected.ts";
import { nearest, nearestPath } from "./suggest.ts";
import { locate, plain, show, type TomlEntry, type TomlTable, type TomlValue } from "./toml-tree.ts";

export interface CheckContext {
  readonly errors: ErrorList;
  /** Every valid dotted path, for suggestions. */
  readonly paths: readonly string[];
}

export interface CheckedTable {
  /** Values of the valid keys, defaults included. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Keys whose value could not be read. */
  readonly invalid: ReadonlySet<string>;
}

/** The table at `name`; undefined when it is absent or not a table, which is reported. */
export function tableAt(root: TomlTable, name: string, path: string, errors: ErrorList): TomlTable | undefined {
  const entry = root.entries.get(name);
  if (entry === undefined || entry.value.kind === "table") return entry?.value as TomlTable | undefined;
  const repeated = entry.value.kind === "array" && entry.value.ofSections;
  const message = repeated ? `${path} is a section, not a list of sections` : `${path} cannot be ${show(entry.value)}`;
  errors.add("config.wrong-type", repeated ? entry.key : entry.value.at, path, message, {
    expected: `a section [${path}]`,
  });
  return undefined;
}

/** @param section dotted path of the table */
export function checkTable(
  fields: Readonly<Record<string, z.ZodType>>,
  table: TomlTable | undefined,
  section: string,
  context: CheckContext,
): CheckedTable {
  const values: Record<string, unknown> = {};
  const invalid = new Set<string>();
  for (const [key, entry] of table?.entries ?? []) {
    if (!Object.hasOwn(fields, key)) unknownKey(key, entry, section, Object.keys(fields), context);
  }
  for (const [key, schema] of Object.entries(fields)) {
    const entry = table?.entries.get(key);
    if (entry === undefined) {
      const absent = schema.safeParse(undefined);
      if (absent.success && absent.data !== undefined) values[key] = absent.data;
      continue;
    }
    const checked = checkValue(schema, entry.value, `${section}.${key}`, context.errors);
    if (checked.ok) values[key] = checked.value;
    else invalid.add(key);
  }
  return { values, invalid };
}

function unknownKey(
  key: string,
  entry: TomlEntry,
  section: string,
  known: readonly string[],
  { errors, paths }: CheckContext,
): void {
  errors.add("config.unknown-key", entry.key, `${section}.${key}`, `${section}.${key} is not a known key`, {
    expected: known.length === 0 ? "no keys here" : oneOf(known),
    suggestion: nearestPath(key, section, paths),
  });
}

export type CheckedValue = { readonly ok: true; readonly value: unknown } | { readonly ok: false };

/** Reports every issue of `value` at the place inside it that causes it. */
export function checkValue(schema: z.ZodType, value: TomlValue, path: string, errors: ErrorList): CheckedValue {
  const parsed = schema.safeParse(plain(value));
  if (parsed.success) return { ok: true, value: parsed.data };
  for (const issue of parsed.error.issues) reportIssue(issue, schema, value, path, errors);
  return { ok: false };
}

function reportIssue(
  issue: z.core.$ZodIssue,
  schema: z.ZodType,
  value: TomlValue,
  path: string,
  errors: ErrorList,
): void {
  const at = locate(value, issue.path);
  const node = nodeAt(value, issue.path);
  const full = issue.path.reduce<string>(
    (p, step) => p + (typeof step === "number" ? `[${step}]` : `.${String(step)}`),
    path,
  );
  const inner = schemaAt(schema, issue.path);
  if (issue.code === "unrecognized_keys") {
    unknownInner(issue.keys, node, inner, full, errors);
    return;
  }
  const expected = describeSchema(inner);
  const message = node === undefined ? `${full} is missing` : `${full} cannot be ${show(node)}`;
  errors.add(node === undefined ? "config.missing-key" : codeOf(issue), at, full, message, { expected });
}

function unknownInner(
  keys: readonly string[],
  node: TomlValue | undefined,
  schema: z.ZodType,
  path: string,
  errors: ErrorList,
): void {
  const known = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
  for (const key of keys) {
    const at: Span | undefined = node?.kind === "table" ? node.entries.get(key)?.key : undefined;
    if (at === undefined) continue;
    const suggestion = nearest(key, known);
    errors.add("config.unknown-key", at, `${path}.${key}`, `${path}.${key} is not a known key`, {
      expected: oneOf(known),
      suggestion,
    });
  }
}

function codeOf(issue: z.core.$ZodIssue): ConfigErrorCode {
  if (issue.code === "invalid_type") return "config.wrong-type";
  if (issue.code === "too_small" || issue.code === "too_big") return "config.out-of-range";
  return "config.invalid-value";
}

function nodeAt(value: TomlValue, path: readonly PropertyKey[]): TomlValue | undefined {
  let node: TomlValue | undefined = value;
  for (const step of path) {
    if (node?.kind === "array") node = node.items[Number(step)];
    else if (node?.kind === "table") node = node.entries.get(String(step))?.value;
    else return undefined;
  }
  return node;
}

/** The schema of the value at `path` inside values of `schema`. */
function schemaAt(schema: z.ZodType, path: readonly PropertyKey[]): z.ZodType {
  let inner = unwrap(schema);
  for (const step of path) {
    if (inner instanceof z.ZodArray) inner = unwrap(inner.element as z.ZodType);
    else if (inner instanceof z.ZodObject)
      inner = unwrap((inner.shape[String(step)] as z.ZodType | undefined) ?? inner);
  }
  return inner;
}

function unwrap(schema: z.ZodType): z.ZodType {
  let inner = schema;
  while (inner instanceof z.ZodDefault || inner instanceof z.ZodOptional) inner = inner.unwrap() as z.ZodType;
  return inner;
}
