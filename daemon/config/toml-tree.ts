/** A TOML document as a tree in which every key and every value knows where it stands. */
import type { AST } from "toml-eslint-parser";
import type { ErrorList, Span } from "./config-error.ts";

export interface TomlScalar {
  readonly kind: "scalar";
  readonly at: Span;
  readonly value: string | number | boolean | Date;
}
export interface TomlArray {
  readonly kind: "array";
  readonly at: Span;
  readonly items: readonly TomlValue[];
  /** Written as `[[section]]`. */
  readonly ofSections: boolean;
}
export interface TomlTable {
  readonly kind: "table";
  /** The section's name in its header, or the braces. */
  readonly at: Span;
  readonly entries: ReadonlyMap<string, TomlEntry>;
}
export interface TomlEntry {
  readonly key: Span;
  readonly value: TomlValue;
}
export type TomlValue = TomlScalar | TomlArray | TomlTable;

interface OpenTable extends TomlTable {
  readonly entries: Map<string, TomlEntry>;
}

export function spanOf({ loc }: AST.HasLocs): Span {
  const { start, end } = loc;
  return { line: start.line, column: start.column + 1, endLine: end.line, endColumn: end.column + 1 };
}

/** No race file nests deeper than four; the limit keeps whoever walks the tree from running out of stack. */
const maxDepth = 32;

/** The parser has already refused keys that are defined twice, so every step down finds a table or nothing. */
export function buildTree(program: AST.TOMLProgram, errors: ErrorList): TomlTable {
  const root = openTable({ line: 1, column: 1, endLine: 1, endColumn: 1 });
  for (const node of program.body[0].body) {
    if (tooDeep(node.key, node.key.keys.length, errors)) continue;
    if (node.type === "TOMLKeyValue") addKeyValue(root, node, 1, errors);
    else addSection(root, node, errors);
  }
  return root;
}

function tooDeep(node: AST.HasLocs, depth: number, errors: ErrorList): boolean {
  if (depth <= maxDepth) return false;
  errors.add("toml.syntax", spanOf(node), "", `this is nested more than ${maxDepth} levels deep`);
  return true;
}

function openTable(at: Span): OpenTable {
  return { kind: "table", at, entries: new Map() };
}

const keyName = (key: AST.TOMLBare | AST.TOMLQuoted) => (key.type === "TOMLBare" ? key.name : key.value);

function addSection(root: OpenTable, node: AST.TOMLTable, errors: ErrorList): void {
  const last = node.key.keys.at(-1);
  if (last === undefined) return;
  const parent = descend(root, node.key.keys.slice(0, -1));
  const name = keyName(last);
  const at = spanOf(last);
  if (node.kind === "standard") {
    const known = parent.entries.get(name)?.value;
    // [a.b] may stand before [a]: the table exists, and now gets its own header.
    const section = known?.kind === "table" ? { ...(known as OpenTable), at } : openTable(at);
    parent.entries.set(name, { key: at, value: section });
    for (const entry of node.body) addKeyValue(section, entry, 2, errors);
    return;
  }
  const item = openTable(at);
  for (const entry of node.body) addKeyValue(item, entry, 2, errors);
  const known = parent.entries.get(name)?.value;
  const items = known?.kind === "array" ? [...known.items, item] : [item];
  const key = parent.entries.get(name)?.key ?? at;
  parent.entries.set(name, { key, value: { kind: "array", at: key, items, ofSections: true } });
}

function addKeyValue(table: OpenTable, node: AST.TOMLKeyValue, depth: number, errors: ErrorList): void {
  const last = node.key.keys.at(-1);
  const below = depth + node.key.keys.length;
  if (last === undefined || tooDeep(node.key, below, errors)) return;
  const parent = descend(table, node.key.keys.slice(0, -1));
  parent.entries.set(keyName(last), { key: spanOf(last), value: convert(node.value, below, errors) });
}

function descend(from: OpenTable, keys: readonly (AST.TOMLBare | AST.TOMLQuoted)[]): OpenTable {
  let table = from;
  for (const key of keys) {
    const name = keyName(key);
    const known = table.entries.get(name)?.value;
    const last = known?.kind === "array" ? known.items.at(-1) : known;
    const next = last?.kind === "table" ? (last as OpenTable) : openTable(spanOf(key));
    if (next !== last) table.entries.set(name, { key: spanOf(key), value: next });
    table = next;
  }
  return table;
}

function convert(node: AST.TOMLContentNode, depth: number, errors: ErrorList): TomlValue {
  const at = spanOf(node);
  if (node.type === "TOMLValue") return { kind: "scalar", at, value: node.value };
  const table = openTable(at);
  if (tooDeep(node, depth, errors)) return table;
  if (node.type === "TOMLArray") {
    const items = node.elements.map((element) => convert(element, depth + 1, errors));
    return { kind: "array", at, items, ofSections: false };
  }
  for (const entry of node.body) addKeyValue(table, entry, depth, errors);
  return table;
}

/** The value without positions. A key named `__proto__` becomes an ordinary property. */
export function plain(value: TomlValue): unknown {
  if (value.kind === "scalar") return value.value;
  if (value.kind === "array") return value.items.map(plain);
  return Object.fromEntries([...value.entries].map(([key, entry]) => [key, plain(entry.value)]));
}

/** Where `path` inside `value` stands: the value there, or the nearest thing around it. */
export function locate(value: TomlValue, path: readonly PropertyKey[]): Span {
  let node: TomlValue = value;
  for (const step of path) {
    const next: TomlValue | undefined =
      node.kind === "array"
        ? node.items[Number(step)]
        : node.kind === "table"
          ? node.entries.get(String(step))?.value
          : undefined;
    if (next === undefined) break;
    node = next;
  }
  return node.at;
}

/** A value as the reader wrote it, for messages. */
export function show(value: TomlValue): string {
  if (value.kind === "array") return value.items.length === 0 ? "an empty list" : `a list of ${value.items.length}`;
  if (value.kind === "table") return "a table";
  if (typeof value.value === "string") return `the text ${JSON.stringify(value.value)}`;
  return value.value instanceof Date ? "a date" : String(value.value);
}
