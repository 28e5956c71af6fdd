/** What the text of a `.v` file declares, admits and postulates. A reading, not a status: only Coq gives that. */
import { withoutMark } from "../byte-order-mark.ts";
import type { ProofScan, Required } from "../model.ts";
import { type Command, readCommand, tokenText } from "./command.ts";
import { mayBeGlued, type OpenEnd, type Sentence, sentences } from "./lexer.ts";
import { ProofText } from "./proof-text.ts";
import { requiredIn } from "./requires.ts";
import { isBinary, isVerilogAt, mayBeVerilog, opensAsVerilog } from "./verilog.ts";

/** A word longer than this says nothing to a reader. */
const longestShown = 120;

/**
 * Never throws, whatever `text` is, and takes time linear in it. A byte order mark is not counted in the positions:
 * neither editors nor Coq count it.
 */
export function scanProof(path: string, text: string): ProofScan {
  const source = withoutMark(text);
  if (isBinary(source) || opensAsVerilog(source)) return { kind: "foreign", path };
  const proofText = new ProofText(path, source);
  let open: OpenEnd | null = null;
  const requires: Required[] = [];
  const cut = sentences(source, (end) => {
    open = end;
  });
  for (const sentence of cut) {
    if (sentence.tokens.some((token, at) => mayBeVerilog(source, token) && isVerilogAt(source, sentence.tokens, at))) {
      return { kind: "foreign", path };
    }
    for (const required of requiredIn(source, sentence)) requires.push(required);
    const command = readCommand(source, sentence);
    if (command.tokens.length > 0) proofText.take(command, sentence);
    if (!sentence.complete && open === null && command.tokens.length > 0)
      reportUnfinished(proofText, command, sentence);
  }
  if (open !== null) reportOpenEnd(proofText, open, source.length);
  if (!proofText.isUnsafe && mayBeGlued(source)) takeHidden(proofText, source);
  return { ...proofText.finish(), requires };
}

/** Sentences that only look like comments: a notation of this file, or of another, decides what Coq makes of them. */
function takeHidden(proofText: ProofText, source: string): void {
  for (const sentence of sentences(source, () => undefined, "code")) {
    proofText.takeUnsafe(readCommand(source, sentence), sentence);
  }
}

function reportUnfinished(proofText: ProofText, command: Command, sentence: Sentence): void {
  const first = sentence.tokens[0];
  const shown = tokenText(command.text, first).slice(0, longestShown);
  proofText.report(
    "sentence-left-open",
    `The sentence that starts with ${shown} has no full stop, or no blank after it.`,
    first?.start ?? 0,
    first?.end ?? 0,
  );
}

function reportOpenEnd(proofText: ProofText, open: OpenEnd, end: number): void {
  const what = open.kind === "comment" ? "This comment" : "This string";
  proofText.report(`${open.kind}-left-open`, `${what} is never closed.`, open.start, Math.min(open.start + 2, end));
}
