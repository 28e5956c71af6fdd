/** Keys that a table does not have yet, with their defaults. */
import { describeSchema } from "../../config/expected.ts";
import { levers } from "../../levers/registry.ts";
import { type Candidate, type Candidates, literal, placeholder } from "./candidate.ts";
import { dimensionBody, sectionCandidates, suggested } from "./complete-header.ts";
import { describeDomain, describeKey, describeLever, describeSubject } from "./markdown.ts";
import {
  type DomainName,
  defaultOf,
  domainNames,
  fieldsAt,
  type KeySubject,
  valuesOf,
  variablePaths,
  variedAt,
} from "./subject.ts";
import type { Cursor } from "./text/cursor.ts";
import { readStatements, skipBlanks } from "./text/statements.ts";
import { show } from "./toml-text.ts";

type KeyCursor = Extract<Cursor, { kind: "key" }>;

export function keyCandidates(text: string, cursor: KeyCursor): Candidates {
  const { word, inline } = cursor;
  const hasValue = text.charAt(skipBlanks(text, word.to)) === "=";
  const present = inline ? inlineKeys(text, word.from) : sectionKeys(text, cursor);
  present.delete(word.text);
  const keys = ofTable(cursor.at)
    .filter(({ label }) => !present.has(label))
    .map((key) => ({ ...key, insert: hasValue ? key.name : `${key.name} = ${key.value}` }));
  const lineStart = text.lastIndexOf("\n", word.from - 1) + 1;
  const beginsLine = !inline && !hasValue && text.slice(lineStart, word.from).trim() === "";
  return { range: word, candidates: [...keys, ...(beginsLine ? sectionCandidates(text) : [])] };
}

/** A key, and its value as a snippet. */
type KeyCandidate = Omit<Candidate, "insert"> & { readonly name: string; readonly value: string };

function ofTable(at: readonly string[]): KeyCandidate[] {
  const fields = fieldsAt(at);
  if (fields !== null) return [...fields].map(([name, subject]) => ofField(name, subject));
  if (at.length === 1 && at[0] === "levers") {
    return [...levers.values()].map((lever) => {
      const { id, title } = lever;
      return { label: id, name: id, value: "{ $1 }", kind: "lever", detail: title, markdown: describeLever(lever) };
    });
  }
  if (at[0] !== "space") return [];
  return at.length === 1 ? ofSpace() : ofDimension(at.slice(1).join("."));
}

function ofField(name: string, subject: KeySubject): KeyCandidate {
  const { schema } = subject;
  const absent = defaultOf(schema);
  const detail = absent === undefined ? describeSchema(schema) : `default ${show(absent)}`;
  return { label: name, name, value: valueSnippet(subject), kind: "key", detail, markdown: describeKey(subject) };
}

function valueSnippet({ path, schema }: KeySubject): string {
  if (path === "race.rungs") return ladderSnippet;
  if (path === "race.rungs.keep") return `"${placeholder(1, "1/3")}"`;
  if (path === "race.seeds") return `[${placeholder(1, "43, 44, 45")}]`;
  const values = valuesOf(schema);
  const absent = defaultOf(schema);
  const strings = values.every((value) => typeof value !== "number") && values.length > 1;
  if (strings && path !== "race.lanes") {
    const ordered = [...values].sort((a, b) => Number(b === absent) - Number(a === absent));
    return `\${1|${ordered.map((value) => show(value)).join(",")}|}`;
  }
  if (absent === undefined) return describeSchema(schema).includes("text") ? '"$1"' : "$1";
  const shown = placeholder(1, typeof absent === "string" ? absent : show(absent));
  return typeof absent === "string" ? `"${shown}"` : shown;
}

/** One rung of a ladder as a snippet; its places are numbered from `first`. */
export function rungSnippet(first: number, steps: number, isLast = false): string {
  const keep = isLast ? "" : `, keep = "${placeholder(first + 1, "1/3")}"`;
  return `{ steps = ${placeholder(first, String(steps))}${keep} }`;
}

export const ladderSnippet = `[\n  ${rungSnippet(1, 100)},\n  ${rungSnippet(3, 300)},\n  ${rungSnippet(5, 900, true)},\n]`;

function ofSpace(): KeyCandidate[] {
  return variablePaths().map((target) => ({
    label: `"${target.path}"`,
    name: `"${target.path}"`,
    value: `{ ${dimensionBody(target)} }`,
    kind: "dimension",
    detail: suggested(target) ?? "varies between configurations",
    markdown: describeSubject({ kind: "dimension", target }),
    order: suggested(target) === null ? 2 : 1,
  }));
}

/** The kinds of range; the suggested one first and with its bounds. */
function ofDimension(path: string): KeyCandidate[] {
  const target = variedAt(path);
  if (target === null) return [];
  const space: Readonly<Record<string, unknown>> =
    target.kind === "lever" ? { choice: [true, false] } : (target.space ?? {});
  const kinds = target.kind === "lever" ? (["choice"] as const) : domainNames;
  return kinds.map((name) => {
    const hinted = Object.hasOwn(space, name);
    const value = hinted ? literal(show(space[name])) : emptyDomain[name];
    const markdown = hinted ? describeSubject({ kind: "domain", name, target }) : describeDomain(name);
    const detail = hinted ? `suggested ${show(space[name])}` : "";
    return { label: name, name, value, kind: "key", detail, markdown, order: hinted ? 0 : 1 };
  });
}

const bounds = `[${placeholder(1, "low")}, ${placeholder(2, "high")}]`;
const emptyDomain: Readonly<Record<DomainName, string>> = {
  log: bounds,
  uniform: bounds,
  int: bounds,
  choice: "[$1]",
  points: placeholder(1, "3"),
};

function sectionKeys(text: string, { word, at }: KeyCursor): Set<string> {
  const statements = readStatements(text);
  const before = statements.findLast(({ kind, from }) => kind === "header" && from < word.from);
  const present = new Set<string>();
  for (const statement of statements) {
    if (statement.kind !== "assignment" || statement.from === word.from) continue;
    const section = statement.header?.path.map((name) => name.text) ?? [];
    const same = statement.header === before || statement.header?.from === before?.from;
    const path = [...section, ...statement.path.map((name) => name.text)];
    if (same && path.length === at.length + 1) present.add(path.at(-1) ?? "");
  }
  return present;
}

/** Keys between the braces around `offset`, on its line: inline tables do not span lines. */
function inlineKeys(text: string, offset: number): Set<string> {
  const lineStart = text.lastIndexOf("\n", offset - 1) + 1;
  const open = text.lastIndexOf("{", offset - 1);
  const rest = /^[^}\n]*/.exec(text.slice(offset))?.[0] ?? "";
  const inside = text.slice(Math.max(open + 1, lineStart), offset) + rest;
  return new Set([...inside.matchAll(/([\w-]+)[ \t]*=/g)].map((match) => match[1] ?? ""));
}
