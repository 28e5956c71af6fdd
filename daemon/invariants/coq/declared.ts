/** The names that one sentence declares, with what it says of each. */
import { afterGroup, type Command, type Layout, tokenText } from "./command.ts";
import { collapsed, type Token } from "./lexer.ts";

export interface Declared {
  readonly name: string;
  /** Of the name; of the command's word when there is no name. */
  readonly start: number;
  readonly end: number;
  readonly statement: string;
}

/** What Coq calls a `Goal`. */
const goalName = "Unnamed_thm";
const unnamed = "(unnamed)";

/** One name, or one for each `with`: theorems, definitions, fixpoints, inductive types. */
export function declaredBy(command: Command, layout: Layout): Declared[] {
  const { text, tokens } = command;
  if (command.word === "Goal") return [withoutName(command, goalName, 1)];
  const found: Declared[] = [];
  const starts = [nameIndex(command), ...layout.withs.map((at) => at + 1)];
  starts.forEach((at, index) => {
    const end = layout.withs[index] ?? tokens.length;
    const token = tokens[at];
    if (token?.kind === "ident" && at < end) found.push(named(text, tokens, at, end));
    else if (index === 0) found.push(withoutName(command, unnamed, 1));
  });
  return found;
}

/** `Axiom a b : T`, `Axioms (a b : T) (c : U)`, `Context {A : Type} (x : A)`, `Declare Instance i : C`. */
export function postulatedBy(command: Command): Declared[] {
  const { text, tokens, word } = command;
  let at = word === "Declare" ? 2 : 1;
  if (tokenText(text, tokens[at]) === "Inline") {
    at += 1;
    if (tokenText(text, tokens[at]) === "(" && tokens[at + 1]?.kind === "number") at = afterGroup(text, tokens, at);
  }
  if (word === "Declare") {
    return tokens[at]?.kind === "ident"
      ? [named(text, tokens, at, tokens.length)]
      : [withoutName(command, unnamed, at)];
  }
  if (tokens[at]?.kind === "ident") return namesBefore(command, at, tokens.length);
  const found: Declared[] = [];
  while (at < tokens.length) {
    const symbol = tokenText(text, tokens[at]);
    if (symbol === "(" || symbol === "{" || symbol === "[") {
      const end = afterGroup(text, tokens, at);
      for (const each of namesBefore(command, at + 1, end - 1)) found.push(each);
      at = end;
    } else at += 1;
  }
  return found;
}

/** Names up to the first colon, all with the type between it and `end`; no colon: a type alone, of something unnamed. */
function namesBefore(command: Command, start: number, end: number): Declared[] {
  const { text, tokens } = command;
  const names: Token[] = [];
  let at = start;
  while (at < end) {
    const token = tokens[at];
    const word = tokenText(text, token);
    if (word === "@" && tokenText(text, tokens[at + 1]) === "{") {
      at = afterGroup(text, tokens, at + 1);
      continue;
    }
    if (word === ":" || word === ":>" || token === undefined) break;
    if (token.kind === "ident") names.push(token);
    at += 1;
  }
  const statement = between(text, tokens, at + 1, end);
  return names.map((token) => ({ name: tokenText(text, token), start: token.start, end: token.end, statement }));
}

function named(text: string, tokens: readonly Token[], at: number, end: number): Declared {
  const token = tokens[at];
  let from = at + 1;
  if (tokenText(text, tokens[from]) === "@" && tokenText(text, tokens[from + 1]) === "{") {
    from = afterGroup(text, tokens, from + 1);
  }
  const first = tokenText(text, tokens[from]);
  if (first === ":" || first === ":>") from += 1;
  return {
    name: tokenText(text, token),
    start: token?.start ?? 0,
    end: token?.end ?? 0,
    statement: between(text, tokens, from, end),
  };
}

function withoutName(command: Command, name: string, from: number): Declared {
  const { text, tokens } = command;
  const word = tokens[0];
  const start = tokenText(text, tokens[from]) === ":" ? from + 1 : from;
  return { name, start: word?.start ?? 0, end: word?.end ?? 0, statement: between(text, tokens, start, tokens.length) };
}

function between(text: string, tokens: readonly Token[], from: number, end: number): string {
  const first = tokens[from];
  const last = tokens[end - 1];
  return first === undefined || last === undefined || from >= end ? "" : collapsed(text, first.start, last.end);
}

/** Where the name stands: after words that belong to the command. */
function nameIndex(command: Command): number {
  const { text, tokens, word } = command;
  const second = tokenText(text, tokens[1]);
  if (word === "Derive" || word === "Add") return lastWordIndex(command);
  if (word === "Canonical" && second === "Structure") return 2;
  if (word === "Let" && (second === "Fixpoint" || second === "CoFixpoint")) return 2;
  if (word === "Declare" || second === "?" || second === ">") return 2;
  return 1;
}

/** `Derive p SuchThat q As name`, `Add Morphism f with signature s as name`. */
function lastWordIndex(command: Command): number {
  const before = tokenText(command.text, command.tokens.at(-2));
  return before === "As" || before === "as" ? command.tokens.length - 1 : command.tokens.length;
}
