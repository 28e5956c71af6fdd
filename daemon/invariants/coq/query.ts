/**
 * Questions to Coq about a compiled library: text for a file of its own, which only `Require`s the library (an import
 * would bring its notations and options along), and the reading of what coqc prints.
 */
import { isQualifiedName } from "./lexer.ts";

export interface Question {
  /** Logical name of the library: `Igla.Phi`, or `Phi` with an empty prefix. */
  readonly library: string;
  /** Names inside the library, module path included (`M.a`), each once. */
  readonly names: readonly string[];
  /** Letters and digits that the library could not foresee: answers stand between lines that start with it. */
  readonly nonce: string;
}

export interface Query {
  readonly text: string;
  /** For each line of the text, from 0, the name that it asks about: an error there concerns that name alone. */
  readonly asks: readonly (string | null)[];
}

/** What `Print Assumptions` lists. */
export type PrintedAssumption =
  /** `name` as Coq shortens it: only `About` tells which constant it is. */
  | { readonly kind: "constant"; readonly name: string; readonly type: string }
  | { readonly kind: "section-variable"; readonly name: string; readonly type: string }
  /** A check that was switched off: `name` is what it was switched off for, empty when it is the whole theory. */
  | { readonly kind: "unsafe"; readonly name: string; readonly flag: UnsafeFlag; readonly text: string };

export type UnsafeFlag = "guard" | "positivity" | "universes" | "type-in-type" | "impredicative-set" | "other";

export interface About {
  /** `Constant`, `Inductive`, `Constructor`, ... */
  readonly kind: string;
  /** As Coq expands it; never shortened. */
  readonly qualifiedName: string;
  /** As Coq shortens it. */
  readonly printed: string;
  readonly type: string;
}

export interface Answer extends About {
  readonly assumptions: readonly PrintedAssumption[];
}

/** Options that a library may have set for all who require it, put back to what the reading of answers expects. */
export const plainOptions = [
  'Set Default Proof Mode "Classic".',
  "Unset Printing All.",
  "Set Printing Width 100.",
  "Set Printing Depth 1000.",
] as const;

/** First pass: the assumptions of each name, and what the name stands for. Names that are none are left out. */
export function queryText(question: Question): Query {
  return withMarkers(question, question.names, (name) => {
    const full = `${question.library}.${name}`;
    return [`Print Assumptions ${full}.`, `About ${full}.`];
  });
}

/** Second pass: what the names of the assumptions, as the first pass printed them, stand for. */
export function aboutText(question: Omit<Question, "names">, printed: readonly string[]): Query {
  return withMarkers(question, printed, (name) => [`About ${name}.`]);
}

/** A query that asks each of `names`; the nonce and the name's index go before each block, and after the last one. */
export function withMarkers(
  question: Omit<Question, "names">,
  names: readonly string[],
  ask: (name: string) => readonly string[],
  before: readonly string[] = [],
): Query {
  const lines: string[] = [];
  const asks: (string | null)[] = [];
  const write = (line: string, name: string | null): void => {
    lines.push(line);
    asks.push(name);
  };
  for (const line of [...before, `Require ${question.library}.`, ...plainOptions]) write(line, null);
  names.forEach((name, index) => {
    if (!isQualifiedName(name)) return;
    write(marker(question.nonce, String(index)), null);
    for (const line of ask(name)) write(line, name);
  });
  write(marker(question.nonce, "end"), null);
  return { text: `${lines.join("\n")}\n`, asks };
}

function marker(nonce: string, label: string): string {
  return `Goal True. idtac "${nonce} ${label}". Abort.`;
}

/** The printed block of each name. A block that no marker ends is left out: the prover stopped within it. */
export function blocksOf(stdout: string, nonce: string, names: readonly string[]): Map<string, string[]> {
  const blocks = new Map<string, string[]>();
  let name: string | undefined;
  let lines: string[] = [];
  for (const line of stdout.split(/\r?\n/)) {
    if (!line.startsWith(`${nonce} `)) {
      lines.push(line);
      continue;
    }
    if (name !== undefined) blocks.set(name, lines);
    name = names[Number(line.slice(nonce.length + 1))];
    lines = [];
  }
  return blocks;
}

/** By name. A name that Coq resolved to something outside of the library has no answer. */
export function parseAnswers(stdout: string, question: Question): Map<string, Answer> {
  const answers = new Map<string, Answer>();
  for (const [name, lines] of blocksOf(stdout, question.nonce, question.names)) {
    const length = assumptionLines(lines);
    const about = parseAbout(lines.slice(length));
    if (about === null || about.qualifiedName !== `${question.library}.${name}`) continue;
    answers.set(name, { ...about, assumptions: parseAssumptions(lines.slice(0, length)) });
  }
  return answers;
}

/** By name as printed. A name that could not be asked has no entry. */
export function parseAbouts(stdout: string, nonce: string, printed: readonly string[]): Map<string, About> {
  const abouts = new Map<string, About>();
  for (const [name, lines] of blocksOf(stdout, nonce, printed)) {
    const about = parseAbout(lines);
    if (about !== null) abouts.set(name, about);
  }
  return abouts;
}

/** Lines of the block that belong to `Print Assumptions`: `About` starts at the last line of `name :` before a blank one. */
function assumptionLines(lines: readonly string[]): number {
  if (lines[0] === "Closed under the global context") return 1;
  const expands = lines.findIndex((line) => line.startsWith("Expands to:"));
  let at = lines.slice(0, Math.max(expands, 0)).indexOf("");
  while (at > 0 && !aboutHead.test(lines[at] ?? "")) at -= 1;
  return Math.max(at, 0);
}

/** Universes stand behind the name of what is polymorphic. */
const aboutHead = /^(\S+?)(?:@\{[^}]*\})? :(?: (.*))?$/;
const expansion = /^Expands to: (\w+)\s+(\S+)/m;

function parseAbout(lines: readonly string[]): About | null {
  const [, kind, qualifiedName] = expansion.exec(lines.join("\n")) ?? [];
  const end = lines.indexOf("");
  const [, printed, type = ""] = aboutHead.exec(lines[0] ?? "") ?? [];
  if (kind === undefined || qualifiedName === undefined || printed === undefined || end < 1) return null;
  return { kind, qualifiedName, printed, type: typeOf([type, ...lines.slice(1, end)]) };
}

/** What `Print Assumptions` printed: headings, entries at the margin, the rest of their types indented below. */
export function parseAssumptions(lines: readonly string[]): PrintedAssumption[] {
  const found: PrintedAssumption[] = [];
  let heading = "Axioms:";
  for (let at = 0; at < lines.length; ) {
    let end = at + 1;
    // A section variable's type goes on at the margin, after its colon.
    while (end < lines.length && /^[\s:]/.test(lines[end] ?? "")) end += 1;
    const entry = lines.slice(at, end);
    at = end;
    const first = entry[0] ?? "";
    if (/^[A-Z][A-Za-z ]*:$/.test(first)) heading = first;
    else if (first !== "" && first !== "Closed under the global context") found.push(assumptionOf(heading, entry));
  }
  return found;
}

function assumptionOf(heading: string, entry: readonly string[]): PrintedAssumption {
  const text = typeOf(entry);
  const [, name, said] = /^(\S+)\s+((?:is assumed to be|relies on) .*)$/s.exec(text) ?? [];
  if (said !== undefined && name !== undefined) return { kind: "unsafe", name, flag: flagOf(said), text };
  if (heading === "Theory:") return { kind: "unsafe", name: "", flag: flagOf(text), text };
  const [, constant, type] = /^([^\s@]+)(?:@\{[^}]*\})?\s*:\s*(.*)$/s.exec(text) ?? [];
  // A line of a form that is not known weakens the theorem: silence would call it proven.
  if (constant === undefined || type === undefined) return { kind: "unsafe", name: "", flag: "other", text };
  const kind = heading === "Section Variables:" ? "section-variable" : "constant";
  return { kind, name: constant, type };
}

function flagOf(said: string): UnsafeFlag {
  if (/guarded/.test(said)) return "guard";
  if (/positive/.test(said)) return "positivity";
  if (/hierarchy is collapsed/i.test(said)) return "type-in-type";
  if (/unsafe hierarchy|unsafe universe/i.test(said)) return "universes";
  return /impredicative/i.test(said) ? "impredicative-set" : "other";
}

/** Lines as printed, the indentation that all but the first share taken off. */
function typeOf(lines: readonly string[]): string {
  const [first = "", ...rest] = lines;
  const indents = rest.filter((line) => line.trim() !== "").map((line) => /^ */.exec(line)?.[0].length ?? 0);
  const shared = indents.length === 0 ? 0 : indents.reduce((least, each) => Math.min(least, each));
  return [first, ...rest.map((line) => line.slice(shared))].join("\n").trim();
}

const standardRoots = new Set(["Coq", "Corelib", "Stdlib"]);

/**
 * Whether a name, expanded, belongs to the standard library. A project may give its own files the name `Coq.X`: a name
 * under one of `projectLibraries` is the project's whatever its root.
 */
export function isStandard(qualifiedName: string, projectLibraries: readonly string[]): boolean {
  if (projectLibraries.some((library) => qualifiedName.startsWith(`${library}.`))) return false;
  const root = qualifiedName.split(".", 1)[0] ?? "";
  return root !== qualifiedName && standardRoots.has(root);
}
