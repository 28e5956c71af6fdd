/** JSON to a tree with positions, and its errors in words. */
import { type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";

export interface JsonError {
  /** A sentence. */
  readonly message: string;
  /** UTF-16 units. */
  readonly offset: number;
  readonly length: number;
}

/** By the parser's own names, which no reader needs to know. They follow "The JSON is broken here: ". */
const words: Readonly<Record<ReturnType<typeof printParseErrorCode>, string>> = {
  InvalidSymbol: "this is no word of JSON; keys and texts stand in double quotes, other words are true, false and null",
  InvalidNumberFormat: "this is no number as JSON writes one",
  PropertyNameExpected: "a key in double quotes is missing before this, or the comma before it is one too many",
  ValueExpected: "a value is missing before this, or the comma before it is one too many",
  ColonExpected: "a colon is missing between the key and its value",
  CommaExpected: "a comma is missing between this and what stands before it",
  CloseBraceExpected: "a closing } is missing",
  CloseBracketExpected: "a closing ] is missing",
  EndOfFileExpected: "the JSON has ended before this; take away what follows",
  InvalidCommentToken: "JSON has no comments; take this one away",
  UnexpectedEndOfComment: "a comment is never closed, and JSON has none",
  UnexpectedEndOfString: "the closing double quote of a text is missing",
  UnexpectedEndOfNumber: "a digit is missing at the end of this number",
  InvalidUnicode: "four hexadecimal digits should follow \\u",
  InvalidEscapeCharacter: 'only " \\ / b f n r t and u may follow a backslash in a text',
  InvalidCharacter: "a text may not hold line ends, tabs and other control characters; write \\n or \\t",
  "<unknown ParseErrorCode>": "this cannot be read",
};

/** Broken JSON gives what can be read of it. Never throws. */
export function parseJson(text: string): { readonly root: Node | undefined; readonly errors: readonly JsonError[] } {
  const errors: ParseError[] = [];
  try {
    const root = parseTree(text, errors, { allowTrailingComma: false, disallowComments: true });
    const worded = errors.map(({ error, offset, length }) => {
      const what = text.trim() === "" ? "the file is empty" : words[printParseErrorCode(error)];
      return { message: `The JSON is broken here: ${what}.`, offset, length };
    });
    return { root, errors: worded };
  } catch (error) {
    // The parser calls itself for each level.
    if (!(error instanceof RangeError)) throw error;
    return {
      root: undefined,
      errors: [{ message: "The JSON is nested too deeply to be read.", offset: 0, length: 1 }],
    };
  }
}
