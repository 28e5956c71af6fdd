/** Takes a lever out of a race file, with what is written about it and nothing else. */
import { parseRaceFile } from "../../config/parse.ts";
import { levers } from "../../levers/registry.ts";
import { type Range, readStatements, type Statement } from "../race-file/text/statements.ts";
import { pathOf } from "./places.ts";

/** Ranges to be removed, in order; null: it cannot be taken out without a closer look. */
export function switchOff(text: string, id: string): Range[] | null {
  const statements = readStatements(text);
  const lines = text.split("\n");
  const starts = lineStarts(lines);
  const lineOf = (offset: number) => starts.findLastIndex((start) => start <= offset);
  const ranges = blocksOf(statements, id).map(([first, last]) => {
    const block = withComments(lines, lineOf(first.from), lineOf(Math.max(last.from, last.to - 1)), first);
    return { from: starts[block.first] ?? 0, to: starts[block.last + 1] ?? text.length };
  });
  if (ranges.length === 0) return null;
  const after = parseRaceFile(without(text, ranges), "", levers);
  return after.ok && after.config.base.levers[id] === undefined ? ranges : null;
}

function without(text: string, ranges: readonly Range[]): string {
  return ranges.toReversed().reduce((rest, { from, to }) => rest.slice(0, from) + rest.slice(to), text);
}

function lineStarts(lines: readonly string[]): number[] {
  let at = 0;
  return lines.map((line) => {
    const start = at;
    at += line.length + 1;
    return start;
  });
}

/** Statements of the lever, those that follow each other together: first and last of each run. */
function blocksOf(statements: readonly Statement[], id: string): [Statement, Statement][] {
  const blocks: [Statement, Statement][] = [];
  let isInside = false;
  for (const statement of statements) {
    const isOwn = isOf(statement, id);
    const open = blocks.at(-1);
    // Each section is a block of its own: a comment between two of them belongs to one.
    if (isOwn && isInside && open !== undefined && statement.kind === "assignment") open[1] = statement;
    else if (isOwn) blocks.push([statement, statement]);
    isInside = isOwn;
  }
  return blocks;
}

/** The lever itself, its settings, and what varies of them. */
function isOf(statement: Statement, id: string): boolean {
  const path = pathOf(statement);
  if (path[0] === "levers") return path[1] === id;
  return path[0] === "space" && path[1] === "levers" && path[2] === id;
}

/**
 * A comment right above a section belongs to it, unless the file begins with it; one right below its last key does, too,
 * unless it stands right above the next section. Of the blank lines around it those below go along.
 */
function withComments(
  lines: readonly string[],
  from: number,
  to: number,
  { kind }: Statement,
): { readonly first: number; readonly last: number } {
  const is = (line: number, what: RegExp) => what.test(lines[line] ?? "x");
  let [first, last] = [from, to];
  if (kind === "assignment") return { first, last };
  let above = first;
  while (is(above - 1, comment)) above -= 1;
  if (is(above - 1, blank)) first = above;
  let below = last;
  while (is(below + 1, comment)) below += 1;
  if (below + 1 >= lines.length || is(below + 1, blank)) last = below;
  const isApart = first === 0 || is(first - 1, blank);
  while (isApart && last + 1 < lines.length && is(last + 1, blank)) last += 1;
  while (last + 1 === lines.length && is(first - 1, blank)) first -= 1;
  return { first, last };
}

const comment = /^[ \t]*#/;
const blank = /^[ \t]*\r?$/;
