/** What a sentence is: its prefixes taken off, its command found, its colons and binders located. */
import type { Sentence, Token } from "./lexer.ts";

export interface Command {
  readonly text: string;
  /** From the command's own word on: selectors, bullets, attributes and control words are off. */
  readonly tokens: readonly Token[];
  /** The command's word; empty when it is none. */
  readonly word: string;
  /** Words and attributes before it: `Fail`, `Time`, `Program`, `refine`, ... */
  readonly prefixes: ReadonlySet<string>;
}

const controlWords = new Set(["Time", "Instructions", "Fail", "Succeed", "Timeout", "Redirect"]);
const legacyAttributes = new Set([
  "Local",
  "Global",
  "Polymorphic",
  "Monomorphic",
  "Cumulative",
  "NonCumulative",
  "Private",
  "Program",
]);
const bulletsAndBraces = new Set(["-", "+", "*", "{", "}"]);

export function tokenText(text: string, token: Token | undefined): string {
  return token === undefined ? "" : text.slice(token.start, token.end);
}

/** Index after the bracket that closes the one at `open`; the length when none does. */
export function afterGroup(text: string, tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let at = open; at < tokens.length; at += 1) {
    const symbol = tokens[at]?.kind === "symbol" ? tokenText(text, tokens[at]) : "";
    if (symbol === "(" || symbol === "[" || symbol === "{") depth += 1;
    else if (symbol === ")" || symbol === "]" || symbol === "}") {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return tokens.length;
}

/** Skips bullets, braces and goal selectors such as `2:` and `[name]:`. */
function afterFocus(text: string, tokens: readonly Token[]): number {
  let at = 0;
  for (;;) {
    const token = tokens[at];
    const word = tokenText(text, token);
    if (token?.kind === "symbol" && bulletsAndBraces.has(word)) at += 1;
    else if (token?.kind === "number" && tokenText(text, tokens[at + 1]) === ":") at += 2;
    else if (isNamedGoal(text, tokens, at)) at += 4;
    else return at;
  }
}

/** `[name]:` */
function isNamedGoal(text: string, tokens: readonly Token[], at: number): boolean {
  const [open, , close, colon] = [0, 1, 2, 3].map((step) => tokenText(text, tokens[at + step]));
  return open === "[" && tokens[at + 1]?.kind === "ident" && close === "]" && colon === ":";
}

function attributesAt(text: string, tokens: readonly Token[], at: number, into: Set<string>): number {
  const end = afterGroup(text, tokens, at + 1);
  for (const token of tokens.slice(at + 2, end)) if (token.kind === "ident") into.add(tokenText(text, token));
  return end;
}

export function readCommand(text: string, sentence: Sentence): Command {
  const { tokens } = sentence;
  const prefixes = new Set<string>();
  let at = afterFocus(text, tokens);
  for (;;) {
    const word = tokenText(text, tokens[at]);
    if (word === "#" && tokenText(text, tokens[at + 1]) === "[") at = attributesAt(text, tokens, at, prefixes);
    else if (controlWords.has(word)) {
      prefixes.add(word);
      at += word === "Timeout" || word === "Redirect" ? 2 : 1;
    } else if (legacyAttributes.has(word) && tokens[at + 1]?.kind === "ident") {
      prefixes.add(word);
      at += 1;
    } else break;
  }
  const rest = at === 0 ? tokens : tokens.slice(at);
  return { text, tokens: rest, word: rest[0]?.kind === "ident" ? tokenText(text, rest[0]) : "", prefixes };
}

/** Where the parts of a declaration stand, as indices of tokens; -1: there is none. */
export interface Layout {
  /** First `:` outside of brackets. */
  readonly colon: number;
  /** First `:=` outside of brackets that belongs to the sentence itself, not to a `let`, a `fix` or a `with Definition`. */
  readonly body: number;
  /** Each `with` that starts another declaration of the same sentence. */
  readonly withs: readonly number[];
}

export function layoutOf(command: Command): Layout {
  const { text, tokens } = command;
  let depth = 0;
  let bindings = 0;
  let matches = 0;
  let colon = -1;
  let body = -1;
  const withs: number[] = [];
  for (let at = 1; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (token === undefined || token.kind === "string" || token.kind === "number") continue;
    const word = token.end - token.start <= 5 ? tokenText(text, token) : "";
    if (word === "(" || word === "[" || word === "{") depth += 1;
    else if (word === ")" || word === "]" || word === "}") depth -= 1;
    else if (depth !== 0) continue;
    else if (word === "let" || word === "fix" || word === "cofix")
      bindings += word === "let" && isLetFix(command, at) ? 0 : 1;
    else if (word === "match") matches += 1;
    else if (word === "with") {
      if (matches > 0) matches -= 1;
      else if (isModuleConstraint(command, at)) bindings += 1;
      else withs.push(at);
    } else if ((word === ":" || word === ":>") && colon < 0 && body < 0) colon = at;
    else if (word === ":=") {
      if (bindings > 0) bindings -= 1;
      else if (body < 0) body = at;
    }
  }
  return { colon, body, withs };
}

/** `let fix f x := ...`: one `:=` for both words. */
function isLetFix(command: Command, at: number): boolean {
  const next = tokenText(command.text, command.tokens[at + 1]);
  return next === "fix" || next === "cofix";
}

/** `with Definition t := nat` and `with Module M := N`, after a module's type. */
function isModuleConstraint(command: Command, at: number): boolean {
  const next = tokenText(command.text, command.tokens[at + 1]);
  return next === "Definition" || next === "Module";
}
