/** The state that sentences change: scopes, open proofs, and what was declared so far. */
import type { Range, Reading } from "../../protocol/invariant-report.ts";
import type { CoqScan } from "../model.ts";
import { type Command, type Layout, layoutOf, tokenText } from "./command.ts";
import { type Declared, declaredBy, postulatedBy } from "./declared.ts";
import { collapsed, type Sentence } from "./lexer.ts";
import { rangesIn } from "./positions.ts";
import { Scopes } from "./scopes.ts";
import { whyUnsafe } from "./unsafe.ts";
import { axiomWords, definitionWords, endingWords, inductiveWords, theoremWords, variableWords } from "./words.ts";

interface Draft {
  readonly keyword: string;
  readonly declared: Declared;
  readonly start: number;
  end: number;
  reading: Reading;
  readonly scope: readonly string[];
  ending: { readonly start: number; readonly end: number } | null;
  readonly postulates: boolean;
}

/** Reports of one file beyond this many help nobody. */
const maxProblems = 100;
const shownSentenceUnits = 200;

export class ProofText {
  private readonly path: string;
  private readonly text: string;
  private readonly rangeOf: (start: number, end: number) => Range;
  private readonly scopes = new Scopes();
  private readonly drafts: Draft[] = [];
  /** Open proofs, innermost last; each proves several theorems when they were stated with `with`, none for an obligation. */
  private readonly open: Draft[][] = [];
  private readonly unsafe: CoqScan["unsafe"][number][] = [];
  private readonly problems: CoqScan["problems"][number][] = [];
  private admittedCount = 0;
  private justEnded = false;

  constructor(path: string, text: string) {
    this.path = path;
    this.text = text;
    this.rangeOf = rangesIn(text);
  }

  report(code: string, message: string, start: number, end: number): void {
    if (this.problems.length < maxProblems) this.problems.push({ code, message, range: this.rangeOf(start, end) });
  }

  take(command: Command, sentence: Sentence): void {
    this.takeUnsafe(command, sentence);
    // What follows `Fail` or `Succeed` is undone: it declares nothing and ends nothing.
    if (command.prefixes.has("Fail") || command.prefixes.has("Succeed")) return;
    const hadEnded = this.justEnded;
    this.justEnded = false;
    const { word } = command;
    if (endingWords.has(word)) {
      if (sentence.complete) this.end(command, hadEnded);
    } else if (word === "Proof") this.takeProof(command, sentence);
    else if (word === "Admit") this.admittedCount += 1;
    else if (this.scopes.take(command)) return;
    else this.takeDeclaration(command, sentence);
  }

  get isUnsafe(): boolean {
    return this.unsafe.length > 0;
  }

  finish(): Omit<CoqScan, "requires"> {
    for (const proofs of this.open) {
      for (const draft of proofs) {
        draft.end = this.text.length;
        const { name, start, end } = draft.declared;
        this.report(
          "proof-left-open",
          `The proof of ${name} is never ended with Qed, Defined or Admitted.`,
          start,
          end,
        );
      }
    }
    const axioms = this.drafts.filter((draft) => draft.postulates);
    return {
      kind: "coq",
      path: this.path,
      declarations: this.drafts.map((draft) => ({
        keyword: draft.keyword,
        name: draft.declared.name,
        range: this.rangeOf(draft.declared.start, draft.declared.end),
        whole: this.rangeOf(draft.start, draft.end),
        statement: draft.declared.statement,
        reading: draft.reading,
        scope: draft.scope,
        ending: draft.ending === null ? null : this.rangeOf(draft.ending.start, draft.ending.end),
        postulates: draft.postulates,
      })),
      admittedCount: this.admittedCount,
      axiomCount: axioms.length,
      emptyAxiomCount: axioms.filter((draft) => /^\(*True\)*$/.test(draft.declared.statement)).length,
      unsafe: this.unsafe,
      problems: this.problems,
    };
  }

  takeUnsafe(command: Command, sentence: Sentence): void {
    const why = whyUnsafe(command);
    const first = sentence.tokens[0];
    if (why === null || first === undefined) return;
    const shown = collapsed(this.text, first.start, Math.min(sentence.end, first.start + shownSentenceUnits));
    this.unsafe.push({ sentence: shown, range: this.rangeOf(first.start, sentence.end), why });
  }

  private end(command: Command, hadEnded: boolean): void {
    const word = command.tokens[0];
    if (word === undefined) return;
    const proofs = this.open.pop();
    this.justEnded = true;
    if (proofs === undefined && hadEnded) {
      this.report(
        "proof-ended-twice",
        `${command.word} has no proof to end: the sentence before it ended it.`,
        word.start,
        word.end,
      );
      return;
    }
    const readings = { Qed: "qed", Defined: "defined", Save: "qed", Admitted: "admitted", Abort: "aborted" } as const;
    const reading = readings[command.word as keyof typeof readings];
    if (reading === "admitted" && !this.scopes.inModuleType()) this.admittedCount += Math.max(proofs?.length ?? 0, 1);
    this.close(proofs ?? [], reading, word);
    if (command.word === "Abort" && tokenText(this.text, command.tokens[1]) === "All") {
      for (const outer of this.open.splice(0)) this.close(outer, "aborted", word);
    }
  }

  private close(proofs: readonly Draft[], reading: Reading, word: { start: number; end: number }): void {
    for (const draft of proofs) {
      draft.reading = reading;
      draft.ending = { start: word.start, end: word.end };
      draft.end = word.end;
    }
  }

  /** `Proof.` opens nothing; `Proof term.` proves and ends. */
  private takeProof(command: Command, sentence: Sentence): void {
    const second = tokenText(this.text, command.tokens[1]);
    if (second === "" || second === "with" || second === "using" || second === "Mode" || !sentence.complete) return;
    const word = command.tokens[0];
    const proofs = this.open.pop();
    if (proofs !== undefined && word !== undefined) this.close(proofs, "proof-term", word);
    this.justEnded = true;
  }

  private takeDeclaration(command: Command, sentence: Sentence): void {
    const { word } = command;
    const second = tokenText(this.text, command.tokens[1]);
    if (axiomWords.has(word) || (word === "Declare" && (second === "Instance" || second === "Module"))) {
      this.postulate(command, sentence, !this.scopes.inModuleType());
    } else if (variableWords.has(word)) {
      this.postulate(command, sentence, !this.scopes.inModuleType() && !this.scopes.inSection());
    } else if (word === "Goal" || theoremWords.has(word)) this.add(command, sentence, "open");
    else if (definitionWords.has(word)) this.define(command, sentence);
    else if (inductiveWords.has(word)) this.add(command, sentence, "definition");
    else if (word === "Equations") this.add(command, sentence, second === "?" ? "open" : "definition");
    else if (word === "Derive" || (word === "Add" && /^(?:Parametric )?Morphism/.test(this.twoWords(command)))) {
      this.add(command, sentence, "open");
    } else if (this.opensObligation(word, second)) this.open.push([]);
  }

  private twoWords(command: Command): string {
    return `${tokenText(this.text, command.tokens[1])} ${tokenText(this.text, command.tokens[2])}`;
  }

  private opensObligation(word: string, second: string): boolean {
    return (
      (word === "Obligation" && second !== "Tactic") ||
      ((word === "Next" || word === "Final") && second === "Obligation")
    );
  }

  private define(command: Command, sentence: Sentence): void {
    const { word } = command;
    const layout = layoutOf(command);
    if (layout.body < 0 && (word === "Coercion" || word === "Canonical")) return;
    const measured = word === "Function" && /\{\s*(?:measure|wf)\b/.test(this.head(command, layout));
    // `Program Instance i : C.` leaves obligations, which have sentences of their own.
    const byObligations = word === "Instance" && command.prefixes.has("Program");
    const toProve = (layout.body < 0 && !byObligations) || command.prefixes.has("refine") || measured;
    this.add(command, sentence, toProve ? "open" : "definition", layout);
  }

  private head(command: Command, layout: Layout): string {
    return this.text.slice(command.tokens[0]?.start ?? 0, command.tokens[layout.body]?.start ?? 0);
  }

  private postulate(command: Command, sentence: Sentence, postulates: boolean): void {
    for (const declared of postulatedBy(command)) this.draft(command, sentence, declared, "axiom", postulates);
  }

  private add(command: Command, sentence: Sentence, reading: Reading, layout: Layout = layoutOf(command)): void {
    const several = ![
      "Goal",
      "Instance",
      "Definition",
      "Example",
      "Let",
      "Coercion",
      "Canonical",
      "Derive",
      "Add",
    ].includes(command.word);
    const declared = declaredBy(command, several ? layout : { ...layout, withs: [] });
    const drafts = declared.map((each) => this.draft(command, sentence, each, reading, false));
    if (reading === "open") this.open.push(drafts);
  }

  private draft(
    command: Command,
    sentence: Sentence,
    declared: Declared,
    reading: Reading,
    postulates: boolean,
  ): Draft {
    const draft: Draft = {
      keyword: command.word === "Declare" ? `Declare ${tokenText(this.text, command.tokens[1])}` : command.word,
      declared,
      start: command.tokens[0]?.start ?? 0,
      end: sentence.end,
      reading,
      scope: this.scopes.names(),
      ending: null,
      postulates,
    };
    this.drafts.push(draft);
    return draft;
  }
}
