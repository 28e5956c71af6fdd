/** Files that end in `.v` and are not Coq: nothing is said of them. */
import { sentences, type Token } from "./lexer.ts";

const directive = /^`(?:define|include|timescale|default_nettype|ifdef|ifndef|resetall|celldefine|undef)\b/;
const verilogLine =
  /^[ \t]*(?:(?:module|macromodule|primitive|interface|package)[ \t]+[A-Za-z_\\][\w$]*[ \t]*[(;#]|end(?:module|primitive)\b|`(?:define|include|timescale|default_nettype|ifdef|ifndef)\b)/m;
const unitWords = new Set(["module", "macromodule", "primitive"]);

/** Neither Coq nor anything else that is text: NUL bytes stand in it. */
export function isBinary(text: string): boolean {
  return text.includes("\0");
}

/** Text that opens with a comment of C's kind, and has a line that only Verilog has. Coq has no such comments. */
export function opensAsVerilog(text: string): boolean {
  return /^\s*\/[/*]/.test(text) && verilogLine.test(text);
}

/** `module name (`, `endmodule` or a directive at the start of a line, outside of Coq's comments and strings. */
export function isVerilogAt(text: string, tokens: readonly Token[], at: number): boolean {
  const token = tokens[at];
  if (token === undefined || !startsLine(text, token.start)) return false;
  const word = text.slice(token.start, Math.min(token.end, token.start + 16));
  if (word === "endmodule" || word === "endprimitive") return true;
  if (word === "`") return directive.test(text.slice(token.start, token.start + 24));
  if (!unitWords.has(word)) return false;
  const next = tokens[at + 2];
  return tokens[at + 1]?.kind === "ident" && next !== undefined && "(;#".includes(text.slice(next.start, next.end));
}

function startsLine(text: string, start: number): boolean {
  let at = start - 1;
  while (at >= 0 && (text[at] === " " || text[at] === "\t")) at -= 1;
  return at < 0 || text[at] === "\n" || text[at] === "\r";
}

/** Whether the content of a `.v` file is Verilog or no text at all. Linear; for editors that must pick a language. */
export function isForeign(text: string): boolean {
  if (isBinary(text) || opensAsVerilog(text)) return true;
  for (const { tokens } of sentences(text, () => undefined)) {
    if (tokens.some((token, at) => mayBeVerilog(text, token) && isVerilogAt(text, tokens, at))) return true;
  }
  return false;
}

/** A cheap test before the exact one: the first letter decides for nearly every token. */
export function mayBeVerilog(text: string, token: Token): boolean {
  const first = text.charCodeAt(token.start);
  return first === 0x6d || first === 0x65 || first === 0x60 || first === 0x70;
}
