/** Which libraries a sentence asks for, wherever `Require` stands in it: behind a bullet, a brace, `Succeed`, an attribute. */
import type { Required } from "../model.ts";
import { afterGroup, tokenText } from "./command.ts";
import type { Sentence } from "./lexer.ts";

const withoutMeaning = new Set(["Import", "Export"]);

export function requiredIn(text: string, { tokens }: Sentence): Required[] {
  const at = tokens.findIndex((token) => token.kind === "ident" && tokenText(text, token) === "Require");
  if (at < 0) return [];
  const from = tokenText(text, tokens[at - 2]) === "From" ? tokenText(text, tokens[at - 1]) : "";
  const found: Required[] = [];
  for (let next = at + 1; next < tokens.length; ) {
    const token = tokens[next];
    const word = tokenText(text, token);
    // `Import (notations) A`, `Import -(coercions) A`: categories, no libraries.
    next = word === "(" ? afterGroup(text, tokens, next) : next + 1;
    if (token?.kind === "ident" && !withoutMeaning.has(word)) found.push({ from, name: word });
  }
  return found;
}

/** Whether `library` may be what is asked for: Coq looks for every library whose name ends like this. */
export function mayBe({ from, name }: Required, library: string): boolean {
  const endsSo = library === name || library.endsWith(`.${name}`);
  return endsSo && (from === "" || library === `${from}.${name}` || library.startsWith(`${from}.`));
}
