/** What a dotted path of a race file is about: a section, a key, a lever, or something that varies. */
import * as z from "zod";
import {
  fieldsOf,
  rungSchema,
  type SectionName,
  sectionDocs,
  sectionSchemas,
  variableSections,
} from "../../config/schema.ts";
import { rangeKinds } from "../../config/space-domain.ts";
import type { Lever } from "../../levers/lever.ts";
import { levers } from "../../levers/registry.ts";
import { type KeyDoc, keyDocs, type SuggestedSpace } from "../../protocol/key-docs.ts";

export interface KeySubject {
  readonly kind: "key";
  /** `optimizer.lr`, `levers.softcap.cap`, `race.rungs.steps`. */
  readonly path: string;
  readonly schema: z.ZodType;
  /** A range worth searching; null for keys that are usually fixed. */
  readonly space: SuggestedSpace | null;
}
export interface LeverSubject {
  readonly kind: "lever";
  readonly path: string;
  readonly lever: Lever;
}
export type Varied = KeySubject | LeverSubject;

export type SectionKey = keyof typeof sectionDocs;

export type Subject =
  | { readonly kind: "section"; readonly name: SectionKey }
  | Varied
  /** `[space."path"]`. */
  | { readonly kind: "dimension"; readonly target: Varied }
  /** `log`, `uniform`, `int`, `choice` or `points` of a dimension. */
  | { readonly kind: "domain"; readonly name: DomainName; readonly target: Varied };

export const domainNames = [...rangeKinds, "choice", "points"] as const;
export type DomainName = (typeof domainNames)[number];

export function isDomainName(name: string): name is DomainName {
  return (domainNames as readonly string[]).includes(name);
}

const isSection = (name: string): name is SectionKey => Object.hasOwn(sectionDocs, name);

/** @param path as the cursor finds it: parts may hold dots (`["space", "optimizer.lr"]`), list indices are digits */
export function subjectAt(path: readonly string[]): Subject | null {
  const [first = "", ...rest] = path;
  if (!isSection(first)) return null;
  if (rest.length === 0) return { kind: "section", name: first };
  if (first === "space") return inSpace(rest.join(".").split("."));
  if (first === "levers") return inLevers(rest);
  const [key = "", ...inner] = rest;
  const schema = field(sectionSchemas[first], key);
  if (schema === undefined) return null;
  const subject = keySubject(`${first}.${key}`, schema);
  if (inner.length === 0) return subject;
  if (first !== "race" || key !== "rungs") return /^\d+$/.test(inner[0] ?? "") && inner.length === 1 ? subject : null;
  const ofRung = field(rungSchema, inner[1] ?? "");
  if (inner.length === 1) return subject;
  return ofRung && inner.length === 2 ? keySubject(`race.rungs.${inner[1]}`, ofRung) : null;
}

function inLevers(rest: readonly string[]): Varied | null {
  const [id = "", setting, ...more] = rest;
  const lever = levers.get(id);
  if (lever === undefined || more.length > 0) return null;
  if (setting === undefined) return { kind: "lever", path: `levers.${id}`, lever };
  const schema = field(lever.settings, setting);
  const path = `levers.${id}.${setting}`;
  return schema ? { kind: "key", path, schema, space: lever.space[setting] ?? docOf(schema)?.space ?? null } : null;
}

function inSpace(parts: readonly string[]): Subject | null {
  const whole = variedAt(parts.join("."));
  if (whole) return { kind: "dimension", target: whole };
  // `[space."levers.x"] choice = [false, { cap = 15 }]`: a key inside the choices is a setting of the lever.
  const at = parts.findIndex(isDomainName);
  if (at < 1) return null;
  const target = variedAt(parts.slice(0, at).join("."));
  const name = parts[at];
  if (target === null || name === undefined || !isDomainName(name)) return null;
  const inner = parts.slice(at + 1).filter((part) => !/^\d+$/.test(part));
  if (inner.length === 0) return { kind: "domain", name, target };
  return target.kind === "lever" ? inLevers([target.lever.id, ...inner]) : null;
}

/** What a path of the space may name: a key that can vary, a lever, or a setting of one. */
export function variedAt(path: string): Varied | null {
  const [section = "", ...rest] = path.split(".");
  if (section === "levers") return rest.length === 0 ? null : inLevers(rest);
  const variable = variableSections.find((name) => name === section);
  const [key = ""] = rest;
  const schema = variable && rest.length === 1 ? field(sectionSchemas[variable], key) : undefined;
  return schema ? keySubject(path, schema) : null;
}

/** Every path that a space can vary, those with a suggested range first. */
export function variablePaths(): Varied[] {
  const keys = variableSections.flatMap((section) =>
    Object.keys(sectionSchemas[section].shape).map((key) => `${section}.${key}`),
  );
  const ofLevers = [...levers.values()].flatMap(({ id, settings }) => [
    `levers.${id}`,
    ...Object.keys(settings.shape).map((key) => `levers.${id}.${key}`),
  ]);
  return [...keys, ...ofLevers].map(variedAt).filter((varied) => varied !== null);
}

/** Fields of the table at `path` by name; null where keys mean nothing. */
export function fieldsAt(path: readonly string[]): ReadonlyMap<string, KeySubject> | null {
  const [first = "", second = "", third, ...more] = path;
  const named = (schema: z.ZodObject, prefix: string) =>
    new Map(
      Object.keys(fieldsOf(schema)).flatMap((name) => {
        const subject = subjectAt([...prefix.split("."), name]);
        return subject?.kind === "key" ? [[name, subject] as const] : [];
      }),
    );
  if (path.length === 1 && Object.hasOwn(sectionSchemas, first))
    return named(sectionSchemas[first as SectionName], first);
  if (first === "race" && second === "rungs" && third !== undefined && more.length === 0) {
    return named(rungSchema, "race.rungs.0");
  }
  if (first === "levers" && third === undefined) {
    const lever = levers.get(second);
    return lever ? named(lever.settings, `levers.${second}`) : null;
  }
  if (first !== "space") return null;
  // Inside the choices of a lever: its settings.
  const [target, ...inner] = path
    .slice(1)
    .join(".")
    .split(/\.(?=choice\.\d+$)/);
  const varied = inner.length === 1 ? variedAt(target ?? "") : null;
  return varied?.kind === "lever" ? named(varied.lever.settings, varied.path) : null;
}

function keySubject(path: string, schema: z.ZodType): KeySubject {
  return { kind: "key", path, schema, space: docOf(schema)?.space ?? null };
}

function field(schema: z.ZodObject, name: string): z.ZodType | undefined {
  const fields = fieldsOf(schema);
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

export function docOf(schema: z.ZodType): KeyDoc | undefined {
  return keyDocs.get(schema);
}

/** The value that holds when the key is left out; undefined when the schema has none. */
export function defaultOf(schema: z.ZodType): unknown {
  const absent = schema.safeParse(undefined);
  return absent.success ? absent.data : undefined;
}

/** Values that can be offered: those of an enumeration, literals, true and false. */
export function valuesOf(schema: z.ZodType): (string | number | boolean)[] {
  let inner = schema;
  while (inner instanceof z.ZodDefault || inner instanceof z.ZodOptional) inner = inner.unwrap() as z.ZodType;
  if (inner instanceof z.ZodEnum) return inner.options;
  if (inner instanceof z.ZodBoolean) return [true, false];
  if (inner instanceof z.ZodLiteral) return [...inner.values] as string[];
  if (inner instanceof z.ZodUnion) return inner.options.flatMap((option) => valuesOf(option as z.ZodType));
  return [];
}
