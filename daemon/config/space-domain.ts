/** The domain of one dimension: a list of choices or a range, checked against the schema of the key that it varies. */
import { z } from "zod";
import type { Domain, PointValue } from "../search/samplers/space.ts";
import { type CheckContext, checkValue } from "./check-table.ts";
import { describeSchema, oneOf } from "./expected.ts";
import { checkSettings } from "./lever-section.ts";
import type { CatalogueEntry } from "./schema.ts";
import { plain, show, type TomlValue } from "./toml-tree.ts";

export const rangeKinds = ["log", "uniform", "int"] as const;
export type RangeKind = (typeof rangeKinds)[number];

/** What a dimension varies: a value with this schema, or whether and how a lever is on. */
export type Target =
  | { readonly kind: "value"; readonly schema: z.ZodType }
  | { readonly kind: "lever"; readonly entry: CatalogueEntry };

const boundsSchema = z.tuple([z.number(), z.number()]).describe("two numbers: [low, high]");
const pointsSchema = z.number().int().min(1).max(1000);

export function readChoice(path: string, body: TomlValue, target: Target, context: CheckContext): Domain | undefined {
  const { errors } = context;
  if (body.kind !== "array" || body.items.length === 0) {
    const code = body.kind === "array" ? "space.empty-choice" : "config.wrong-type";
    errors.add(code, body.at, `${path}.choice`, `${path}.choice cannot be ${show(body)}`, {
      expected: `a list of values, each ${target.kind === "lever" ? "true, false or a table of settings" : describeSchema(target.schema)}`,
    });
    return undefined;
  }
  const values: PointValue[] = [];
  const seen = new Set<string>();
  const before = errors.count;
  for (const item of body.items) {
    const text = JSON.stringify(plain(item));
    if (seen.has(text)) errors.add("space.bad-value", item.at, path, `${path}.choice has ${show(item)} twice`);
    seen.add(text);
    const value =
      target.kind === "lever"
        ? leverChoice(path, item, target.entry, context)
        : keyChoice(path, item, target.schema, context);
    if (value !== undefined) values.push(value);
  }
  return errors.count > before ? undefined : { kind: "choice", values };
}

function keyChoice(path: string, item: TomlValue, schema: z.ZodType, { errors }: CheckContext): PointValue | undefined {
  const parsed = schema.safeParse(plain(item));
  if (parsed.success && parsed.data !== undefined) return parsed.data as PointValue;
  errors.add("space.bad-value", item.at, path, `${path} cannot take ${show(item)}`, {
    expected: describeSchema(schema),
  });
  return undefined;
}

function leverChoice(
  path: string,
  item: TomlValue,
  entry: CatalogueEntry,
  context: CheckContext,
): PointValue | undefined {
  if (item.kind === "table") return checkSettings(entry, item, path, context) && (plain(item) as PointValue);
  const value = item.kind === "scalar" ? item.value : undefined;
  const complete = entry.settings.safeParse({}).success;
  if (value === false || (value === true && complete)) return value;
  const expected = complete ? "true, false or a table of settings" : "false or a table of settings";
  context.errors.add("space.bad-value", item.at, path, `${path} cannot take ${show(item)}`, { expected });
  return undefined;
}

export function readRange(
  path: string,
  kind: RangeKind,
  body: TomlValue,
  pointsNode: TomlValue | undefined,
  target: Target,
  { errors }: CheckContext,
): Domain | undefined {
  if (target.kind === "lever") {
    const expected = `choice = [true, false], or a range for one of its settings: ${oneOf(Object.keys(target.entry.settings.shape).map((name) => `${path}.${name}`))}`;
    errors.add("space.bad-domain", body.at, path, `${path} is a lever: on or off, not a range`, { expected });
    return undefined;
  }
  const bounds = checkValue(boundsSchema, body, `${path}.${kind}`, errors);
  const points = pointsNode
    ? checkValue(pointsSchema, pointsNode, `${path}.points`, errors)
    : { ok: true, value: null };
  if (!bounds.ok || !points.ok) return undefined;
  const [low, high] = bounds.value as [number, number];
  const fault = rangeFault(kind, low, high);
  if (fault !== null) {
    errors.add("space.bad-range", body.at, `${path}.${kind}`, `${path}.${kind}: ${fault}`, {
      expected: kind === "log" ? "two positive numbers, the smaller one first" : "two numbers, the smaller one first",
    });
    return undefined;
  }
  if (!rangeFits(path, kind, low, high, body, target.schema, errors)) return undefined;
  return { kind, low, high, points: points.value as number | null };
}

function rangeFault(kind: RangeKind, low: number, high: number): string | null {
  if (kind === "log" && !(low > 0 && high > 0)) return "a logarithmic range needs positive bounds";
  if (kind === "int" && !(Number.isSafeInteger(low) && Number.isSafeInteger(high))) return "the bounds are not whole";
  return low < high ? null : `${low} does not lie below ${high}`;
}

/** Both bounds must pass the key's schema; so must a number between whole ones, unless the range is of those. */
function rangeFits(
  path: string,
  kind: string,
  low: number,
  high: number,
  body: TomlValue,
  schema: z.ZodType,
  errors: CheckContext["errors"],
): boolean {
  const at = (i: number) => (body.kind === "array" ? body.items[i]?.at : undefined) ?? body.at;
  const expected = describeSchema(schema);
  let fits = true;
  for (const [i, bound] of [low, high].entries()) {
    if (schema.safeParse(bound).success) continue;
    errors.add("space.bad-value", at(i), `${path}.${kind}`, `${path} cannot take ${bound}`, { expected });
    fits = false;
  }
  const between = low + (high - low) * 0.381966;
  if (fits && kind !== "int" && !schema.safeParse(between).success) {
    const message = `${path} takes only certain values between ${low} and ${high}`;
    errors.add("space.bad-value", body.at, `${path}.${kind}`, message, { expected: `int or choice; ${expected}` });
    fits = false;
  }
  return fits;
}
