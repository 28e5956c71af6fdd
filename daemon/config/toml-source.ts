/** Text to tree. The parser stops at its first error; a race file's author wants to see all of them. */
import { type AST, ParseError, parseTOML } from "toml-eslint-parser";
import type { ErrorList, Span } from "./config-error.ts";
import { buildTree, type TomlTable } from "./toml-tree.ts";

export interface TomlSource {
  readonly tree: TomlTable;
  /** False: parts that could not be read are missing from the tree. */
  readonly whole: boolean;
}

/** Lines `from`..`to` (exclusive, from 0) that hold one statement: a header or a key with its value. */
interface Chunk {
  readonly from: number;
  readonly to: number;
  readonly header: boolean;
}

interface SyntaxFault {
  readonly message: string;
  /** From 1, and from 0. */
  readonly lineNumber: number;
  readonly column: number;
}

/** Each duplicate costs one more parse of the file; a file with more of them is not a race file. */
const maxRounds = 100;

type Attempt = { readonly program: AST.TOMLProgram } | { readonly error: SyntaxFault };

/**
 * Parses `text`. On a syntax error each statement is parsed on its own, those that fail are reported and left
 * out, and so are second definitions of a key; the rest is returned.
 */
export function parseSource(text: string, errors: ErrorList): TomlSource {
  const lines = text.replace(/^\ufeff/, "").split("\n");
  const first = attempt(lines.join("\n"));
  if ("program" in first) return { tree: buildTree(first.program, errors), whole: true };
  const chunks = splitStatements(lines);
  const kept = [...lines];
  const drop = (chunk: Chunk) => {
    // Keys below a header that is left out would land in the section above it.
    const next = chunk.header ? chunks.find(({ header, from }) => header && from > chunk.from) : undefined;
    const to = chunk.header ? (next?.from ?? lines.length) : chunk.to;
    kept.fill("", chunk.from, to);
  };
  for (const chunk of chunks) {
    const tried = attempt(lines.slice(chunk.from, chunk.to).join("\n"));
    if ("program" in tried) continue;
    report(tried.error, chunk.from, lines, errors);
    drop(chunk);
  }
  for (let round = 0; round < maxRounds; round++) {
    const tried = attempt(kept.join("\n"));
    if ("program" in tried) return { tree: buildTree(tried.program, errors), whole: false };
    report(tried.error, 0, lines, errors);
    const line = tried.error.lineNumber - 1;
    drop(chunks.findLast(({ from }) => from <= line) ?? { from: 0, to: lines.length, header: false });
  }
  return {
    tree: { kind: "table", at: { line: 1, column: 1, endLine: 1, endColumn: 2 }, entries: new Map() },
    whole: false,
  };
}

function attempt(text: string): Attempt {
  try {
    return { program: parseTOML(text, { tomlVersion: "1.0.0" }) };
  } catch (error) {
    if (error instanceof ParseError) return { error };
    // The parser recurses; brackets by the thousand exhaust the stack.
    if (error instanceof RangeError) return { error: { message: "Nested too deeply", lineNumber: 1, column: 0 } };
    throw error;
  }
}

function report(error: SyntaxFault, lineOffset: number, lines: readonly string[], errors: ErrorList): void {
  const line = error.lineNumber + lineOffset;
  const rest = (lines[line - 1] ?? "").slice(error.column);
  const width = /^[^\s=,[\]{}#]+/.exec(rest)?.[0].length ?? 1;
  const at: Span = { line, column: error.column + 1, endLine: line, endColumn: error.column + 1 + width };
  if (/multiple times/.test(error.message)) {
    const first = firstDefinition(lines, line - 1, rest.slice(0, width));
    const where = first < 0 ? "" : `; the first definition is in line ${first + 1}`;
    errors.add("toml.duplicate-key", at, "", `${rest.slice(0, width)} is defined twice${where}`);
    return;
  }
  const message = `this is not valid TOML: ${error.message.charAt(0).toLowerCase()}${error.message.slice(1)}`;
  errors.add("toml.syntax", at, "", message);
}

/** Index of the line that defines the key or section of line `second` first; -1 when it is not written the same way. */
function firstDefinition(lines: readonly string[], second: number, key: string): number {
  const above = lines.slice(0, second);
  const text = (line: string | undefined) => line?.replace(/#.*/, "").trim() ?? "";
  if (headerLine.test(lines[second] ?? "")) return above.findIndex((line) => text(line) === text(lines[second]));
  const section = above.findLastIndex((line) => headerLine.test(line));
  return above.findIndex((line, i) => i > section && text(line).replace(/\s*=.*/, "") === key);
}

/** A header, or the beginning of `key =`; also a bare word, which is a key that lacks its `=`. */
const headerLine = /^[ \t]*\[{1,2}[^[\],{}]*\]{0,2}[ \t]*(#.*)?\r?$/;
const keyLine = /^[ \t]*("[^"]*"|'[^']*'|[\w-]+)([ \t]*\.[ \t]*("[^"]*"|'[^']*'|[\w-]+))*[ \t]*=/;
const wordLine = /^[ \t]*(?!(true|false|inf|nan)\b)[A-Za-z_]/;

function splitStatements(lines: readonly string[]): Chunk[] {
  const starts: { from: number; header: boolean }[] = [{ from: 0, header: false }];
  lines.forEach((line, from) => {
    const header = headerLine.test(line);
    if (header || keyLine.test(line) || wordLine.test(line)) starts.push({ from, header });
  });
  return starts.map(({ from, header }, i) => ({ from, header, to: starts[i + 1]?.from ?? lines.length }));
}
