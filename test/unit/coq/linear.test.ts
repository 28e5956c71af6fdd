import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { scanProof } from "../../../daemon/invariants/coq/scan.ts";

const pieces = [
  "Lemma a : T",
  "Theorem φ",
  " with ",
  "Qed",
  "Admitted",
  "Proof",
  "Axiom (a b : T)",
  "Context {A}",
  "Module ",
  "Module Type T",
  "End ",
  "Section S",
  "(*",
  "*)",
  '"',
  ".",
  ". ",
  "...",
  "\n",
  "\r\n",
  ":=",
  ":",
  "(",
  ")",
  "[",
  "]",
  "{",
  "}",
  "#[",
  "@{",
  "1.5",
  "1:",
  "let ",
  "match ",
  "fix ",
  "Fail ",
  "Program ",
  "Definition ",
  "Instance : ",
  "Abort All",
  "Next Obligation",
  "Declare Module ",
  "module m (",
  "`",
  "\ud835",
  "\u0000",
  "\ufeff",
  "Parameter Inline(",
  "Function {measure",
  "Redirect ",
  "Derive x As ",
];
const text = fc.oneof(
  fc.array(fc.constantFrom(...pieces), { maxLength: 60 }).map((each) => each.join("")),
  fc.array(fc.constantFrom(...pieces), { maxLength: 60 }).map((each) => each.join(" ")),
  fc.string({ unit: "binary", maxLength: 200 }),
);

/** The shorter of two runs, in milliseconds: a pause of the machine is no property of the scanner. */
function elapsedMs(source: string): number {
  const runs = [0, 1].map(() => {
    const start = performance.now();
    scanProof("a.v", source);
    return performance.now() - start;
  });
  return Math.min(...runs);
}

describe("the scanner", () => {
  it("never throws, and no range leaves the text or runs backwards", () => {
    fc.assert(
      fc.property(text, (source) => {
        const found = scanProof("a.v", source);
        if (found.kind !== "coq") return;
        const lines = source.replace(/^\ufeff/, "").split(/\r\n|\n|\r/);
        const ranges = [
          ...found.declarations.flatMap((each) => [each.range, each.whole, each.ending ?? each.range]),
          ...[...found.problems, ...found.unsafe].map((each) => each.range),
        ];
        for (const { start, end } of ranges) {
          expect(start.line < end.line || (start.line === end.line && start.character <= end.character)).toBe(true);
          expect(end.character).toBeLessThanOrEqual((lines[end.line] ?? "").length + 1);
        }
      }),
      { numRuns: 1500 },
    );
  });

  // Quadratic work on texts of this size would take minutes.
  it.each([
    ["lemmas", "Lemma foo (x : nat) : forall y, x + y = y + x (* c *). Proof. intros; ring. Qed.\n"],
    ["Greek", "Lemma φφφ : ∀ ψ, ψ = λ ψ. Qed.\n"],
    ["open comments", "(* "],
    ["brackets", "("],
    ["dots", "."],
    ["open modules", "Module A. "],
    ["ends of nothing", "End A. "],
    ["open lemmas", "Lemma a : T. "],
    ["attributes", "#[a "],
    ["axioms of one sentence", "Axiom (a : T) "],
    ["theorems of one sentence", "Lemma a : T with "],
    ["quotes", '"" '],
    ["module words", "  module "],
  ])("reads 2 MB of %s in time", (_title, piece) => {
    expect(elapsedMs(piece.repeat(Math.ceil(2_000_000 / piece.length)))).toBeLessThan(3000);
  });

  it("reads 5 MB of proofs in well under two seconds", () => {
    const piece = "Lemma foo (x : nat) : forall y, x + y = y + x (* c *). Proof. intros; ring. Qed.\n";
    expect(elapsedMs(piece.repeat(Math.ceil(5_000_000 / piece.length)))).toBeLessThan(2000);
  });
});
