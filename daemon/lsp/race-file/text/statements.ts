/**
 * The statements of a TOML text with their places, found at any keystroke: what is broken ends at its line, and the
 * rest is read as if it were whole. Diagnostics come from the real parser; this serves completion, hover and outline.
 */

/** Offsets into the text; `to` is exclusive. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** One part of a dotted name; the range includes its quotes. */
export interface Name extends Range {
  readonly text: string;
}

/** `[a.b]` or `[[a.b]]`; the range is that of its line without comment. */
export interface Header extends Range {
  readonly kind: "header";
  readonly path: readonly Name[];
  /** Between the brackets. */
  readonly inner: Range;
  readonly closed: boolean;
}

/** `a.b = value`, or the beginning of it; the range ends with the value. */
export interface Assignment extends Range {
  readonly kind: "assignment";
  readonly path: readonly Name[];
  /** Where the value begins; null while there is no `=`. */
  readonly value: number | null;
  readonly header: Header | null;
}

export type Statement = Header | Assignment;

const blank = /[ \t]/;
const bareName = /[\w-]/;

export function skipBlanks(text: string, from: number): number {
  let at = from;
  while (blank.test(text.charAt(at))) at++;
  return at;
}

export function endOfLine(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  const line = end < 0 ? text.length : end;
  return line > from && text.charAt(line - 1) === "\r" ? line - 1 : line;
}

/** End of the text in quotes that begins at `from`; an open one ends at its line. */
export function endOfString(text: string, from: number): number {
  const quote = text.charAt(from);
  if (text.startsWith(quote.repeat(3), from)) {
    const close = text.indexOf(quote.repeat(3), from + 3);
    return close < 0 ? endOfLine(text, from) : close + 3;
  }
  const end = endOfLine(text, from);
  for (let at = from + 1; at < end; at++) {
    if (quote === '"' && text.charAt(at) === "\\") at++;
    else if (text.charAt(at) === quote) return at + 1;
  }
  return end;
}

/** The dotted name at `from`, and where it ends. */
export function readNames(text: string, from: number): { readonly names: Name[]; readonly end: number } {
  const names: Name[] = [];
  let at = skipBlanks(text, from);
  while (at < text.length) {
    const start = at;
    const first = text.charAt(at);
    if (first === '"' || first === "'") at = endOfString(text, at);
    else while (bareName.test(text.charAt(at))) at++;
    if (at > start) names.push({ from: start, to: at, text: unquote(text.slice(start, at)) });
    const next = skipBlanks(text, at);
    if (text.charAt(next) !== ".") return { names, end: at };
    at = skipBlanks(text, next + 1);
  }
  return { names, end: at };
}

/** The text without its quotes, an open quote included; escapes are left as they are. */
export function unquote(text: string): string {
  const quote = text.charAt(0);
  if (quote !== '"' && quote !== "'") return text;
  return text.slice(1, text.length > 1 && text.endsWith(quote) ? -1 : undefined);
}

export function readStatements(text: string): Statement[] {
  const statements: Statement[] = [];
  let header: Header | null = null;
  let at = 0;
  while (at < text.length) {
    const start = skipBlanks(text, at);
    const first = text.charAt(start);
    if (first === "[") {
      header = readHeader(text, start);
      statements.push(header);
      at = endOfLine(text, start);
    } else if (first !== "" && first !== "#" && first !== "\r" && first !== "\n") {
      const assignment = readAssignment(text, start, header);
      statements.push(assignment);
      at = endOfLine(text, assignment.to);
    } else at = endOfLine(text, start);
    at = text.charAt(at) === "\r" ? at + 2 : at + 1;
  }
  return statements;
}

function readHeader(text: string, from: number): Header {
  const open = text.charAt(from + 1) === "[" ? 2 : 1;
  const { names, end } = readNames(text, from + open);
  const inner = { from: from + open, to: end };
  let to = skipBlanks(text, end);
  const closed = text.charAt(to) === "]";
  if (closed) to += text.charAt(to + 1) === "]" && open === 2 ? 2 : 1;
  return { kind: "header", path: names, inner, closed, from, to: closed ? to : end };
}

function readAssignment(text: string, from: number, header: Header | null): Assignment {
  const { names, end } = readNames(text, from);
  const equals = skipBlanks(text, end);
  if (text.charAt(equals) !== "=") {
    // Not a key: a stray bracket or number. It reaches to the end of its line, so that nothing is read from within.
    const to = names.length > 0 ? end : endOfLine(text, from);
    return { kind: "assignment", path: names, value: null, header, from, to };
  }
  const value = equals + 1;
  return { kind: "assignment", path: names, value, header, from, to: endOfValue(text, value) };
}

const statementLine = /^[ \t]*(\[{1,2}[^[\],{}\n]*\]{1,2}[ \t]*(#.*)?\r?$|[\w-]+([ \t]*\.[ \t]*[\w-]+)*[ \t]*=)/;

function endOfValue(text: string, from: number): number {
  let [at, depth, last] = [from, 0, from];
  while (at < text.length) {
    const char = text.charAt(at);
    if (char === "\n") {
      const next = text.slice(at + 1, endOfLine(text, at + 1));
      // An open bracket does not swallow the statements below it.
      if (depth === 0 || statementLine.test(next)) return last;
    }
    if (char === "#") {
      at = endOfLine(text, at);
      continue;
    }
    const end = char === '"' || char === "'" ? endOfString(text, at) : at + 1;
    if (char === "[" || char === "{") depth++;
    if (char === "]" || char === "}") depth = Math.max(0, depth - 1);
    if (!/\s/.test(char)) last = end;
    at = end;
  }
  return last;
}
