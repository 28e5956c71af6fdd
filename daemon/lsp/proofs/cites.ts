/** Where the numbers of a race file come from: comments of the form `# cites: INV-8`, and numbers without one. */
import { rangesIn } from "../../invariants/coq/positions.ts";
import type { Range } from "../../protocol/invariant-report.ts";
import { type Assignment, endOfLine, endOfString, readStatements, skipBlanks } from "../race-file/text/statements.ts";

export interface Cite {
  /** An invariant's id, a theorem's name, or a paper in words. */
  readonly name: string;
  readonly range: Range;
  /** What the comment stands beside or above; null where it stands alone. */
  readonly value: Range | null;
}

export interface Cites {
  readonly cites: readonly Cite[];
  /** Numbers without a source: each value's range. */
  readonly uncited: readonly Range[];
}

/** Sections whose numbers shape the result. */
const telling = /^(model|optimizer|schedule|levers|space)(\.|$)/;
const comment = /^#\s*cites:\s*(.*)$/i;

export function readCites(text: string): Cites {
  const rangeOf = rangesIn(text);
  const cites: Cite[] = [];
  const uncited: Range[] = [];
  const own = new Set<number>();
  for (const statement of readStatements(text)) {
    if (statement.kind !== "assignment" || statement.value === null) continue;
    const inside = commentsIn(text, statement.from, statement.to);
    const above = commentAbove(text, statement.from);
    const found = [...(above === null ? [] : [above]), ...inside];
    const value = rangeOf(skipBlanks(text, statement.value), statement.to);
    for (const at of found) {
      own.add(at);
      const beside = at > statement.value && at < statement.to ? rangeOf(...lineBefore(text, at)) : value;
      cites.push(...namesAt(text, at).map(({ name, from, to }) => ({ name, range: rangeOf(from, to), value: beside })));
    }
    if (found.length === 0 && isTelling(text, statement)) uncited.push(value);
  }
  for (const at of commentsIn(text, 0, text.length)) {
    if (own.has(at)) continue;
    cites.push(...namesAt(text, at).map(({ name, from, to }) => ({ name, range: rangeOf(from, to), value: null })));
  }
  return { cites, uncited };
}

function isTelling(text: string, { header, path, value, to }: Assignment): boolean {
  const section = [...(header?.path ?? []), ...path].map((name) => name.text).join(".");
  return telling.test(section) && /^[[{\s]*[+-]?\d/.test(text.slice(value ?? to, to));
}

/** Offsets of the comments that cite, from one offset to the end of the line of another; quotes hide no comment. */
function commentsIn(text: string, from: number, to: number): number[] {
  const found: number[] = [];
  const end = endOfLine(text, to);
  for (let at = from; at < end; at++) {
    const char = text.charAt(at);
    if (char === '"' || char === "'") at = Math.max(at, endOfString(text, at) - 1);
    else if (char === "#") {
      const lineEnd = endOfLine(text, at);
      if (comment.test(text.slice(at, lineEnd))) found.push(at);
      at = lineEnd;
    }
  }
  return found;
}

/** In a value of several lines: what stands before the comment on its line, without the comma. */
function lineBefore(text: string, at: number): [from: number, to: number] {
  const start = text.lastIndexOf("\n", at) + 1;
  const from = skipBlanks(text, start);
  return [from, from + text.slice(from, at).replace(/[\s,]+$/, "").length];
}

/** A comment that has the line above to itself. */
function commentAbove(text: string, from: number): number | null {
  const line = text.lastIndexOf("\n", from - 1);
  if (line < 0) return null;
  const start = text.lastIndexOf("\n", line - 1) + 1;
  const above = text.slice(start, endOfLine(text, start));
  const at = start + above.length - above.trimStart().length;
  return comment.test(above.trim()) ? at : null;
}

function namesAt(text: string, at: number): { readonly name: string; readonly from: number; readonly to: number }[] {
  const line = text.slice(at, endOfLine(text, at));
  const list = comment.exec(line)?.[1] ?? "";
  let from = at + line.length - list.length;
  return list.split(",").flatMap((part) => {
    const start = from + part.length - part.trimStart().length;
    const name = part.trim();
    from += part.length + 1;
    return name === "" ? [] : [{ name, from: start, to: start + name.length }];
  });
}
