/**
 * Coq's sentences as its own lexer cuts them: nested comments with strings inside, dots that end and dots that do not.
 * One pass, linear in the text; it never throws, whatever the text is.
 */

export type TokenKind = "ident" | "number" | "string" | "symbol";

/** Offsets are UTF-16 units of the text, the end exclusive. An identifier carries its qualification: `A.b.c`. */
export interface Token {
  readonly kind: TokenKind;
  readonly start: number;
  readonly end: number;
}

export interface Sentence {
  readonly tokens: readonly Token[];
  /** Just after the dot; the end of the text when `complete` is false. */
  readonly end: number;
  readonly complete: boolean;
}

/** What was still open when the text ended. */
export interface OpenEnd {
  readonly kind: "comment" | "string";
  readonly start: number;
}

const dot = 0x2e;
const quote = 0x22;
const star = 0x2a;
const openParen = 0x28;
const closeParen = 0x29;
const colon = 0x3a;
const equals = 0x3d;
const greater = 0x3e;

const letter = /^[\p{L}\p{M}\p{N}\p{Pc}]$/u;
const digitOrMark = /^[\p{M}\p{N}]$/u;

function isBlank(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d) || code === 0xa0 || code === 0xfeff;
}

function isAsciiLetter(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || code === 0x5f;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** UTF-16 units of the identifier character at `at`; 0: none stands there. */
function identUnits(text: string, at: number, first: boolean): number {
  const code = text.charCodeAt(at);
  if (isAsciiLetter(code)) return 1;
  if (code < 0x80) return !first && (isDigit(code) || code === 0x27) ? 1 : 0;
  if (Number.isNaN(code) || isBlank(code)) return 0;
  const point = text.codePointAt(at) ?? code;
  const known = point < 0x10000 ? classes[point] : 0;
  const found = known === undefined || known === 0 ? classOf(point) : known;
  return found === 3 || (found === 2 && !first) ? (point < 0x10000 ? 1 : 2) : 0;
}

/** Classes of the characters met so far: 0 not yet asked, 1 of no identifier, 2 not as its first, 3 anywhere in one. */
const classes = new Uint8Array(0x10000);

function classOf(point: number): 1 | 2 | 3 {
  const character = String.fromCodePoint(point);
  const found = !letter.test(character) ? 1 : digitOrMark.test(character) ? 2 : 3;
  if (point < 0x10000) classes[point] = found;
  return found;
}

function identEnd(text: string, start: number): number {
  let at = start + identUnits(text, start, true);
  for (;;) {
    const units = identUnits(text, at, false);
    if (units > 0) at += units;
    else if (text.charCodeAt(at) === dot && identUnits(text, at + 1, true) > 0) at += 1;
    else return at;
  }
}

function numberEnd(text: string, start: number): number {
  let at = start;
  for (;;) {
    const code = text.charCodeAt(at);
    if (isDigit(code) || isAsciiLetter(code)) {
      at += 1;
      continue;
    }
    const next = text.charCodeAt(at + 1);
    const exponent = (text.charCodeAt(at - 1) | 0x20) === 0x65 && (code === 0x2b || code === 0x2d);
    if ((code === dot || exponent) && isDigit(next)) at += 2;
    else return at;
  }
}

/** Just after the closing quote, `""` being a quote inside; -1: it never closes. */
function stringEnd(text: string, start: number): number {
  let at = start + 1;
  for (;;) {
    const close = text.indexOf('"', at);
    if (close < 0) return -1;
    if (text.charCodeAt(close + 1) !== quote) return close + 1;
    at = close + 2;
  }
}

/** Just after the comment that opens at `start`, nested ones and strings inside it minded; -1: it never closes. */
export function commentEnd(text: string, start: number): number {
  let depth = 1;
  let at = start + 2;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    const next = text.charCodeAt(at + 1);
    if (code === quote) {
      at = stringEnd(text, at);
      if (at < 0) return -1;
    } else if (code === openParen && next === star) {
      depth += 1;
      at += 2;
    } else if (code === star && next === closeParen) {
      depth -= 1;
      at += 2;
      if (depth === 0) return at;
    } else at += 1;
  }
  return -1;
}

/** Units of the symbol at `at`: only those that the scanner must tell apart are longer than one. */
function symbolUnits(text: string, at: number): number {
  const code = text.charCodeAt(at);
  const next = text.charCodeAt(at + 1);
  if (code === colon && (next === equals || next === colon || next === greater)) return 2;
  if (code >= 0xd800 && code <= 0xdbff && next >= 0xdc00 && next <= 0xdfff) return 2;
  return 1;
}

/** Dots from `at` on that stand together. */
function dotRun(text: string, at: number): number {
  let end = at;
  while (text.charCodeAt(end) === dot) end += 1;
  return end - at;
}

/** No symbol of Coq's holds one of these; every other blank it may hold. */
const endsSymbol = ' \t\r\n"';

/** Whether a comment may stand right behind a symbol: Coq would read the bracket as part of one that ends so, as "`(". */
export function mayBeGlued(text: string): boolean {
  return /[^ \t\r\n"]\(\*/.test(text);
}

/**
 * Reads `text` sentence by sentence; `onOpenEnd` is told when it ends inside a comment or a string.
 *
 * @param glued how to read `(*` right behind a symbol or a word: a notation may have made `#(` a symbol, and then what
 *   follows is no comment to Coq
 */
export function* sentences(
  text: string,
  onOpenEnd: (open: OpenEnd) => void,
  glued: "comment" | "code" = "comment",
): Generator<Sentence> {
  let tokens: Token[] = [];
  let at = 0;
  let afterComment = 0;
  const isCode = (): boolean => glued === "code" && at > afterComment && !endsSymbol.includes(text.charAt(at - 1));
  const push = (kind: TokenKind, end: number): void => {
    tokens.push({ kind, start: at, end });
    at = end;
  };
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (isBlank(code)) at += 1;
    else if (code === openParen && text.charCodeAt(at + 1) === star && !isCode()) {
      const end = commentEnd(text, at);
      if (end < 0) {
        onOpenEnd({ kind: "comment", start: at });
        break;
      }
      at = end;
      afterComment = end;
    } else if (code === quote) {
      const end = stringEnd(text, at);
      if (end < 0) {
        onOpenEnd({ kind: "string", start: at });
        break;
      }
      push("string", end);
    } else if (code === dot) {
      const run = dotRun(text, at);
      const after = at + run;
      if ((run === 1 || run === 3) && (after >= text.length || isBlank(text.charCodeAt(after)))) {
        at = after;
        yield { tokens, end: at, complete: true };
        tokens = [];
      } else push("symbol", after);
    } else if (identUnits(text, at, true) > 0) push("ident", identEnd(text, at));
    else if (isDigit(code)) push("number", numberEnd(text, at));
    else push("symbol", at + symbolUnits(text, at));
  }
  if (tokens.length > 0) yield { tokens, end: text.length, complete: false };
}

/** The text of a stretch on one line: comments dropped, blanks collapsed outside of strings. */
export function collapsed(text: string, start: number, end: number): string {
  const stretch = text.slice(start, end);
  const pieces: string[] = [];
  let at = 0;
  let from = 0;
  while (at < stretch.length) {
    const code = stretch.charCodeAt(at);
    if (code === quote) {
      const close = stringEnd(stretch, at);
      at = close < 0 ? stretch.length : close;
    } else if (code === openParen && stretch.charCodeAt(at + 1) === star) {
      pieces.push(stretch.slice(from, at));
      const close = commentEnd(stretch, at);
      at = close < 0 ? stretch.length : close;
      from = at;
    } else at += 1;
  }
  pieces.push(stretch.slice(from));
  return pieces.join(" ").replace(/\s+/g, " ").trim();
}

/** Whether `name` is one identifier, qualified or not, and nothing else: fit to be written into a query. */
export function isQualifiedName(name: string): boolean {
  return identUnits(name, 0, true) > 0 && identEnd(name, 0) === name.length;
}
