/** What stands at a place of a race file: a section's name, a key, a value, or nothing that has a meaning. */
import {
  type Assignment,
  endOfLine,
  endOfString,
  type Header,
  type Name,
  type Range,
  readNames,
  readStatements,
  type Statement,
  unquote,
} from "./statements.ts";

export type Cursor =
  /** In the brackets of a section. `depth`: how many parts of its path end at or before the cursor's part. */
  | { readonly kind: "header"; readonly header: Header; readonly depth: number; readonly word: Range }
  /** `at`: path of the table that the key belongs to; list indices are digits. */
  | { readonly kind: "key"; readonly at: readonly string[]; readonly word: Name; readonly inline: boolean }
  /** `at`: path of the key whose value this is, or of the place in a list. */
  | { readonly kind: "value"; readonly at: readonly string[]; readonly word: Range; readonly text: string }
  | { readonly kind: "nothing" };

const nothing: Cursor = { kind: "nothing" };

export function cursorAt(text: string, offset: number): Cursor {
  const statements = readStatements(text);
  const at = statements.findLast(({ from }) => from <= offset);
  if (at !== undefined && within(text, at, offset)) {
    return at.kind === "header" ? inHeader(at, offset) : inAssignment(text, at, offset);
  }
  if (inComment(text, offset)) return nothing;
  // An empty line, or the end of a line: a key may begin here, unless something else already stands before it.
  const lineStart = text.lastIndexOf("\n", offset - 1) + 1;
  if (text.slice(lineStart, offset).trim() !== "") return nothing;
  const header = statements.findLast(({ kind, from }) => kind === "header" && from <= offset) as Header | undefined;
  const word = { from: offset, to: offset, text: "" };
  return { kind: "key", at: header?.path.map((name) => name.text) ?? [], word, inline: false };
}

/** Blanks and line ends after an open value belong to it. */
function within(text: string, statement: Statement, offset: number): boolean {
  if (offset <= statement.to) return true;
  if (statement.kind === "header") return !statement.closed && text.slice(statement.to, offset).trim() === "";
  if (statement.value === null) return false;
  const between = text.slice(statement.to, offset);
  return /^[ \t]*$/.test(between);
}

function inComment(text: string, offset: number): boolean {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  for (let at = start; at < offset; at++) {
    const char = text.charAt(at);
    if (char === "#") return true;
    if (char === '"' || char === "'") at = endOfString(text, at) - 1;
  }
  return false;
}

function inHeader(header: Header, offset: number): Cursor {
  if (offset < header.inner.from || (header.closed && offset >= header.to)) return nothing;
  const index = header.path.findIndex(({ to }) => offset <= to);
  const depth = index < 0 ? header.path.length : index + 1;
  return { kind: "header", header, depth, word: header.path[index] ?? { from: offset, to: offset } };
}

function inAssignment(text: string, statement: Assignment, offset: number): Cursor {
  const section = statement.header?.path.map((name) => name.text) ?? [];
  const names = statement.path;
  if (statement.value === null || offset < statement.value) {
    const index = names.findIndex(({ from, to }) => from <= offset && offset <= to);
    const word = names[index];
    if (word === undefined) return nothing;
    return { kind: "key", at: [...section, ...texts(names.slice(0, index))], word, inline: false };
  }
  return inValue(text, statement.value, statement.to, offset, [...section, ...texts(names)]);
}

const texts = (names: readonly Name[]) => names.map(({ text }) => text);

interface Frame {
  readonly kind: "list" | "table";
  readonly path: readonly string[];
  index: number;
  /** Tables: the key that was read and whose value comes next. */
  key: readonly string[] | null;
}

/** Walks the value up to the cursor, remembering which brackets are open. */
function inValue(text: string, from: number, end: number, offset: number, path: readonly string[]): Cursor {
  const frames: Frame[] = [];
  let at = from;
  const valuePath = (): readonly string[] | null => {
    const top = frames.at(-1);
    if (top === undefined) return path;
    if (top.kind === "list") return [...top.path, String(top.index)];
    return top.key === null ? null : [...top.path, ...top.key];
  };
  while (at < end && at <= offset) {
    const char = text.charAt(at);
    const top = frames.at(-1);
    if (char === "#") {
      const line = endOfLine(text, at);
      if (offset > at && offset <= line) return nothing;
      at = line;
    } else if (/\s/.test(char)) at++;
    else if (top?.kind === "table" && top.key === null && /[\w"'-]/.test(char)) {
      const { names, end: nameEnd } = readNames(text, at);
      const index = names.findIndex((name) => name.from <= offset && offset <= name.to);
      const word = names[index];
      if (word) return { kind: "key", at: [...top.path, ...texts(names.slice(0, index))], word, inline: true };
      at = Math.max(nameEnd, at + 1);
      const equals = /^[ \t]*=/.exec(text.slice(at, end));
      if (equals) {
        at += equals[0].length;
        top.key = texts(names);
      }
    } else if (/[[\]{},]/.test(char)) {
      if (offset <= at) break;
      step(char, frames, valuePath() ?? path);
      at++;
    } else {
      const to = char === '"' || char === "'" ? endOfString(text, at) : endOfWord(text, at, end);
      const here = valuePath();
      if (offset <= to) {
        if (here === null) return nothing;
        return { kind: "value", at: here, word: { from: at, to }, text: unquote(text.slice(at, to)) };
      }
      at = to;
    }
  }
  const here = valuePath();
  const word = { from: offset, to: offset, text: "" };
  if (here !== null) return { kind: "value", at: here, word, text: "" };
  return { kind: "key", at: frames.at(-1)?.path ?? path, word, inline: true };
}

function step(bracket: string, frames: Frame[], path: readonly string[]): void {
  const top = frames.at(-1);
  if (bracket === "[") frames.push({ kind: "list", path, index: 0, key: null });
  else if (bracket === "{") frames.push({ kind: "table", path, index: 0, key: null });
  else if (bracket === ",") {
    if (top) {
      top.index++;
      top.key = null;
    }
  } else frames.pop();
}

function endOfWord(text: string, from: number, end: number): number {
  let at = from;
  while (at < end && !/[\s,[\]{}#"'=]/.test(text.charAt(at))) at++;
  return Math.max(at, from + 1);
}
