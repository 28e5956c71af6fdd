/** Code actions: take the suggested name, take the nearest value, remove what means nothing. */
import { type CodeAction, CodeActionKind, type Diagnostic, type TextEdit } from "vscode-languageserver";
import type { TextDocument } from "vscode-languageserver-textdocument";
import { nearest } from "../../config/suggest.ts";
import type { DiagnosticData } from "./diagnostics.ts";
import { subjectAt, valuesOf } from "./subject.ts";
import { cursorAt } from "./text/cursor.ts";
import {
  type Assignment,
  endOfLine,
  type Name,
  type Range,
  readStatements,
  type Statement,
} from "./text/statements.ts";
import { show } from "./toml-text.ts";

interface Fix {
  readonly title: string;
  readonly edits: readonly (Range & { readonly newText: string })[];
  readonly preferred: boolean;
}

/** The key or section name that a diagnostic is about, and the statement it stands in. */
interface Place {
  readonly statement: Statement;
  readonly name: Name;
  /** In the braces of a value. */
  readonly inline: boolean;
}

const nameless = new Set(["config.unknown-key", "lever.unknown", "space.unknown-path", "space.fixed-path"]);

export function codeActions(document: TextDocument, diagnostics: readonly Diagnostic[]): CodeAction[] {
  const text = document.getText();
  return diagnostics.flatMap((diagnostic) => {
    if (diagnostic.source !== "igla" || !isData(diagnostic.data)) return [];
    const offset = document.offsetAt(diagnostic.range.start);
    return fixesFor(text, String(diagnostic.code), offset, diagnostic.data).map(({ title, edits, preferred }) => ({
      title,
      kind: CodeActionKind.QuickFix,
      diagnostics: [diagnostic],
      isPreferred: preferred,
      edit: { changes: { [document.uri]: edits.map((edit) => toTextEdit(document, edit)) } },
    }));
  });
}

function toTextEdit(document: TextDocument, { from, to, newText }: Fix["edits"][number]): TextEdit {
  return { range: { start: document.positionAt(from), end: document.positionAt(to) }, newText };
}

function isData(data: unknown): data is DiagnosticData {
  return typeof data === "object" && data !== null && "path" in data && "suggestion" in data;
}

export function fixesFor(text: string, code: string, offset: number, { path, suggestion }: DiagnosticData): Fix[] {
  const place = placeAt(text, offset);
  if (code === "config.invalid-value") return nearestValue(text, offset);
  if (place === null) return [];
  if (code === "toml.duplicate-key") return place.statement.kind === "assignment" ? [removal(text, place)] : [];
  if (!nameless.has(code)) return [];
  const better = suggestion === null ? null : takeSuggestion(text, place, path, suggestion);
  return [...(better === null ? [] : [better]), removal(text, place)];
}

function placeAt(text: string, offset: number): Place | null {
  const statement = readStatements(text).findLast(({ from }) => from <= offset);
  if (statement === undefined) return null;
  const own = statement.path.find(({ from, to }) => from <= offset && offset < to);
  if (own) return { statement, name: own, inline: false };
  const cursor = cursorAt(text, offset);
  return cursor.kind === "key" && cursor.inline ? { statement, name: cursor.word, inline: true } : null;
}

function takeSuggestion(text: string, place: Place, path: string, suggestion: string): Fix | null {
  const replace = (newText: string): Fix => {
    const { from, to } = place.name;
    return { title: `Change to ${newText}`, edits: [{ from, to, newText }], preferred: true };
  };
  // The path of a space is one quoted name, or its last part.
  const ofSpace = path.startsWith("space.");
  const own = ofSpace ? path.slice("space.".length) : path;
  if (ofSpace && place.name.text === own && suggestion.includes(".")) return replace(JSON.stringify(suggestion));
  if (!suggestion.includes(".")) return replace(suggestion);
  const section = own.slice(0, own.lastIndexOf(".") + 1);
  const rest = suggestion.slice(section.length);
  if (suggestion.startsWith(section) && !rest.includes(".")) return replace(rest);
  const movable = place.statement.kind === "assignment" && !place.inline && place.statement.path.length === 1;
  return movable ? move(text, place.statement as Assignment, suggestion) : null;
}

/** The key with its value to the section that knows it. */
function move(text: string, statement: Assignment, target: string): Fix | null {
  const section = target.slice(0, target.lastIndexOf("."));
  const key = target.slice(section.length + 1);
  if (statement.value === null) return null;
  const line = `${key} = ${text.slice(statement.value, endOfLine(text, statement.to)).trim()}`;
  const gone = { ...wholeLines(text, statement), newText: "" };
  const statements = readStatements(text);
  const ofSection = statements.filter((other) => {
    const header = other.kind === "header" ? other : other.header;
    return header?.path.map((name) => name.text).join(".") === section;
  });
  if (ofSection.some((other) => other.kind === "assignment" && other.path[0]?.text === key)) return null;
  const last = ofSection.at(-1);
  const at = last ? endOfLine(text, last.to) : text.length;
  const newText = last ? `\n${line}` : `${text.endsWith("\n") ? "" : "\n"}\n[${section}]\n${line}\n`;
  return { title: `Move to [${section}] as ${key}`, edits: [gone, { from: at, to: at, newText }], preferred: true };
}

function removal(text: string, { statement, name, inline }: Place): Fix {
  const title = `Remove ${name.text}`;
  if (inline) return { title, edits: [{ ...inlineEntry(text, statement, name), newText: "" }], preferred: false };
  if (statement.kind === "assignment")
    return { title, edits: [{ ...wholeLines(text, statement), newText: "" }], preferred: false };
  const statements = readStatements(text);
  const after = statements.slice(statements.findIndex(({ from }) => from === statement.from) + 1);
  const end = after.findIndex(({ kind }) => kind === "header");
  const last = (end < 0 ? after : after.slice(0, end)).at(-1) ?? statement;
  const range = { from: wholeLines(text, statement).from, to: wholeLines(text, last).to };
  return {
    title: `Remove the section ${statement.path.map((part) => part.text).join(".")}`,
    edits: [{ ...range, newText: "" }],
    preferred: false,
  };
}

function wholeLines(text: string, { from, to }: Range): Range {
  const end = endOfLine(text, to);
  const next = text.indexOf("\n", end);
  return { from: text.lastIndexOf("\n", from - 1) + 1, to: next < 0 ? text.length : next + 1 };
}

/** `key = value` with the comma beside it. */
function inlineEntry(text: string, statement: Statement, name: Name): Range {
  let at = name.to;
  let depth = 0;
  for (; at < statement.to; at++) {
    const char = text.charAt(at);
    if (depth === 0 && /[,}]/.test(char)) break;
    if (/[[{]/.test(char)) depth++;
    if (/[\]}]/.test(char)) depth--;
  }
  if (text.charAt(at) === ",") return { from: name.from, to: at + (/^,[ \t]*/.exec(text.slice(at))?.[0].length ?? 1) };
  const comma = /,[ \t]*$/.exec(text.slice(0, name.from));
  return { from: name.from - (comma?.[0].length ?? 0), to: text.slice(0, at).trimEnd().length };
}

function nearestValue(text: string, offset: number): Fix[] {
  const cursor = cursorAt(text, offset + 1);
  if (cursor.kind !== "value") return [];
  const subject = subjectAt(cursor.at);
  const values = subject?.kind === "key" ? valuesOf(subject.schema).filter((value) => typeof value === "string") : [];
  const near = nearest(cursor.text, values);
  if (near === null || near === cursor.text) return [];
  const newText = show(near);
  return [{ title: `Change to ${newText}`, edits: [{ ...cursor.word, newText }], preferred: true }];
}
