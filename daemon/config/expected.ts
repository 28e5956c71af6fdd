/** A schema in words: "a whole number from 1 to 64". */
import { z } from "zod";
import { evalProtocolPattern } from "../protocol/trial.ts";

interface JsonSchema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly pattern?: string;
  readonly description?: string;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly exclusiveMaximum?: number;
  readonly minLength?: number;
}

export function describeSchema(schema: z.ZodType): string {
  return describe(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as JsonSchema);
}

function describe(schema: JsonSchema): string {
  if (schema.description !== undefined) return schema.description;
  if (schema.anyOf) return schema.anyOf.map(describe).join(" or ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return oneOf(schema.enum.map((value) => JSON.stringify(value)));
  switch (schema.type) {
    case "integer":
      return withBounds("a whole number", schema, 1);
    case "number":
      return withBounds("a number", schema, 0);
    case "boolean":
      return "true or false";
    case "array":
      return schema.items ? `a list, each entry ${describe(schema.items)}` : "a list";
    case "string":
      if (schema.pattern === evalProtocolPattern.source) return '"chunked" or "strided:S" with S from 1';
      return schema.minLength ? "a text that is not empty" : "a text";
    default:
      return "a table";
  }
}

export function oneOf(names: readonly string[]): string {
  return names.length === 1 ? (names[0] ?? "") : `one of ${names.join(", ")}`;
}

/** `unit`: 1 for whole numbers, for which "greater than 0" is "from 1". */
function withBounds(noun: string, schema: JsonSchema, unit: 0 | 1): string {
  const bound = (value: number | undefined) =>
    value === undefined || Math.abs(value) >= Number.MAX_SAFE_INTEGER ? undefined : value;
  let [low, high] = [bound(schema.minimum), bound(schema.maximum)];
  let [above, below] = [bound(schema.exclusiveMinimum), bound(schema.exclusiveMaximum)];
  if (unit === 1 && above !== undefined) [low, above] = [above + 1, undefined];
  if (unit === 1 && below !== undefined) [high, below] = [below - 1, undefined];
  if (low !== undefined && high !== undefined) return `${noun} from ${low} to ${high}`;
  const parts = [
    above === undefined ? [] : [`greater than ${above}`],
    low === undefined ? [] : [`of at least ${low}`],
    below === undefined ? [] : [`less than ${below}`],
    high === undefined ? [] : [`at most ${high}`],
  ].flat();
  return parts.length === 0 ? noun : `${noun} ${parts.join(" and ")}`;
}
