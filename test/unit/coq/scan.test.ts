import { describe, expect, it } from "vitest";
import { scanProof } from "../../../daemon/invariants/coq/scan.ts";
import { isForeign } from "../../../daemon/invariants/coq/verilog.ts";
import type { CoqScan } from "../../../daemon/invariants/model.ts";

function scan(text: string): CoqScan {
  const found = scanProof("proofs/a.v", text);
  if (found.kind !== "coq") throw new Error("taken for another language");
  return found;
}

/** `name reading` of each declaration, `!` when it postulates, its scope before it. */
function readings(text: string): string[] {
  return scan(text).declarations.map(
    (each) => `${[...each.scope, each.name].join("/")} ${each.reading}${each.postulates ? "!" : ""}`,
  );
}

const cases: readonly (readonly [title: string, text: string, expected: readonly string[]])[] = [
  ["nested comments", "(* (* Lemma x : a. *) Admitted. *) Lemma a : T. Proof. t. Qed.", ["a qed"]],
  ["a string inside a comment", '(* "*)" Axiom bad : F. *) Axiom a : T.', ["a axiom!"]],
  ["a comment inside a string", 'Definition s := "(* Admitted. ". Lemma a : T. Qed.', ["s definition", "a qed"]],
  ["a doubled quote inside a string", 'Definition s := "a""(* b". Axiom a : T.', ["s definition", "a axiom!"]],
  ["(*) opens a comment", "(*) Axiom bad : F. *) Axiom a : T.", ["a axiom!"]],
  ["a comment before the full stop", "Lemma a : T. Qed (* c *) .", ["a qed"]],
  ["no full stop before a comment that touches it", "Lemma a : T. Qed.(* c *) Lemma b : T. Qed.", ["a qed"]],
  ["numbers with a point", "Lemma a : 1.5 < 2.5e-3. Admitted.", ["a admitted"]],
  ["qualified names", "Lemma a : A.B.c = D.e. Qed.", ["a qed"]],
  ["fields", "Lemma a : x.(fld) = y.(B.g). Qed.", ["a qed"]],
  ["three dots that end a tactic", "Lemma a : T. Proof with auto. intros... Qed.", ["a qed"]],
  ["two dots of a notation", 'Notation "[ x ; .. ; y ]" := (f x .. (f y z) ..). Axiom a : T.', ["a axiom!"]],
  ["Time Qed", "Lemma a : T. Time auto. Time Qed.", ["a qed"]],
  ["Fail declares nothing", "Fail Axiom bad : F. Fail Lemma b : T. Succeed Axiom c : F.", []],
  ["Fail ends nothing", "Lemma a : T. Fail Qed. Admitted.", ["a admitted"]],
  ["attributes", '#[local, deprecated(note="x. y")] Axiom a : T. #[export] Lemma b : T. Qed.', ["a axiom!", "b qed"]],
  [
    "attributes of the old kind",
    "Local Program Definition a : T := x. Global Instance b : C. Qed.",
    ["a definition", "b qed"],
  ],
  ["Greek and primed names", "Axiom φ' : ℝ. Lemma ψ₁'' : φ' = φ'. Qed.", ["φ' axiom!", "ψ₁'' qed"]],
  ["letters beyond the first plane", "Axiom 𝕜 : T.", ["𝕜 axiom!"]],
  ["a byte order mark and CRLF", "\ufeffLemma a : T.\r\nProof.\r\nQed.\r\nAxiom b : T.", ["a qed", "b axiom!"]],
  [
    "Proof term",
    "Lemma a : T. Proof I. Lemma b : T. Proof (f x). Axiom c : T.",
    ["a proof-term", "b proof-term", "c axiom!"],
  ],
  ["Proof that is no term", "Lemma a : T. Proof using x. Qed. Lemma b : T. Proof with auto. Qed.", ["a qed", "b qed"]],
  ["a definition that is admitted", "Definition x : T. Admitted.", ["x admitted"]],
  ["a let inside a type is no body", "Definition x : let y := 1 in T. Defined.", ["x defined"]],
  ["nested proofs", "Lemma a : T. Lemma b : U. Admitted. Qed.", ["a qed", "b admitted"]],
  [
    "Theorem with",
    "Theorem a : T with b : match x with y => z end with c : U. Admitted.",
    ["a admitted", "b admitted", "c admitted"],
  ],
  ["a module type's axiom", "Module Type T. Axiom a : False. End T. Axiom b : T.", ["T/a axiom", "b axiom!"]],
  [
    "modules and sections",
    "Module M. Section S. Lemma a : T. Qed. End S. Lemma b : T. Qed. End M. Lemma c : T. Qed.",
    ["M/S/a qed", "M/b qed", "c qed"],
  ],
  ["modules given by an expression", "Module M := N. Module K <: T := F N. Axiom a : T.", ["a axiom!"]],
  [
    "a module whose type fixes a definition",
    "Module M : T with Definition t := nat. Axiom a : T. End M.",
    ["M/a axiom!"],
  ],
  [
    "plural axioms",
    "Axioms (a b : T) (c : U). Parameters x y : V.",
    ["a axiom!", "b axiom!", "c axiom!", "x axiom!", "y axiom!"],
  ],
  [
    "variables of a section",
    "Section S. Variable a : T. Hypotheses (b c : T). Axiom d : T. End S. Hypothesis e : T.",
    ["S/a axiom", "S/b axiom", "S/c axiom", "S/d axiom!", "e axiom!"],
  ],
  [
    "Context",
    "Section S. Context {A : Type}. End S. Context (x : A) `{E : Eq A}.",
    ["S/A axiom", "x axiom!", "E axiom!"],
  ],
  [
    "Declare Instance and Declare Module",
    "Declare Instance i : C nat. Declare Module D : T.",
    ["i axiom!", "D axiom!"],
  ],
  [
    "Instance with and without a body",
    "Instance i : C := x. Instance j : C. Proof. Qed. #[refine] Instance k : C := {}. Qed.",
    ["i definition", "j qed", "k qed"],
  ],
  [
    "Program Instance leaves obligations",
    "Program Instance i : C. Next Obligation. auto. Qed. Lemma a : T. Qed.",
    ["i definition", "a qed"],
  ],
  ["Abort", "Lemma a : T. Abort. Lemma b : T. Lemma c : T. Abort All.", ["a aborted", "b aborted", "c aborted"]],
  ["bullets and braces before an ending", "Lemma a : T /\\ U. split. - auto. - { auto. } Qed.", ["a qed"]],
  ["Goal", "Goal True. exact I. Qed.", ["Unnamed_thm qed"]],
  [
    "inductive types",
    "Inductive a := A with b := B. Record c := { d : T }.",
    ["a definition", "b definition", "c definition"],
  ],
];

describe("reading Coq as text", () => {
  it.each(cases)("%s", (_title, text, expected) => {
    expect(readings(text)).toEqual(expected);
  });

  it("counts what is admitted and postulated", () => {
    const found = scan(
      "Lemma a : T. Admitted. Theorem b : T with c : T. Admitted. Program Definition f : T := _. Admit Obligations. " +
        "Next Obligation. Admitted. (* Admitted. *) Axiom t : True. Axiom u : (True). Parameter x y : nat. " +
        "Module Type S. Axiom z : True. Lemma w : T. Admitted. End S.",
    );
    expect(found).toMatchObject({ admittedCount: 5, axiomCount: 4, emptyAxiomCount: 2, problems: [] });
  });

  it("gives ranges in the editor's units, and the statement on one line", () => {
    const text = "\ufeff(* φ *) Lemma φ' (n : nat) :\r\n  n = (* c *)\r\n  𝕜 n.\r\nProof.\r\nQed.";
    const [found] = scan(text).declarations;
    expect(found).toMatchObject({
      statement: "(n : nat) : n = 𝕜 n",
      range: { start: { line: 0, character: 14 }, end: { line: 0, character: 16 } },
      whole: { start: { line: 0, character: 8 }, end: { line: 4, character: 3 } },
      ending: { start: { line: 4, character: 0 }, end: { line: 4, character: 3 } },
    });
    expect(scan("Lemma a : forall x, x = x. Qed.").declarations[0]?.statement).toBe("forall x, x = x");
  });
});

describe("what the text alone shows to be wrong", () => {
  const codes = (text: string): string[] => scan(text).problems.map((problem) => problem.code);

  it.each([
    ["Lemma a : T. Qed. Admitted.", ["proof-ended-twice"]],
    ["Lemma a : T. Proof. auto.", ["proof-left-open"]],
    ["Lemma a : T. Proof. auto. Qed", ["sentence-left-open", "proof-left-open"]],
    ["Lemma a : T. Qed. (* open (* inner *)", ["comment-left-open"]],
    ['Lemma a : T. Qed. Definition s := "open.', ["string-left-open"]],
    ["Lemma a : T. Qed. (* the end *)", []],
  ] as const)("%s", (text, expected) => {
    expect(codes(text)).toEqual(expected);
  });

  it("reads a proof left open as open, up to the end of the text", () => {
    const [found] = scan("Lemma a : T.\nProof.\n").declarations;
    expect(found).toMatchObject({ reading: "open", ending: null, whole: { end: { line: 2, character: 0 } } });
  });
});

describe("sentences that may not run", () => {
  it.each([
    'Redirect "out" Print nat.',
    'Time Redirect "out" Print nat.',
    'Fail Redirect "out" Print nat.',
    'Extraction "f.ml" x.',
    "Recursive Extraction Library Foo.",
    "Separate Extraction x.",
    'Cd "/tmp".',
    'Declare ML Module "x".',
    "Load foo.",
    "Drop.",
    'Add LoadPath "x".',
    'Add Rec LoadPath "x" as Y.',
    'Print Universes "f.dot".',
  ])("%s", (text) => {
    expect(scan(`Lemma a : T. Qed. ${text}`).unsafe).toMatchObject([
      { sentence: text, range: { start: { character: 18 } } },
    ]);
  });

  it.each([
    "(* Load foo. *)",
    "Extraction Language Haskell.",
    "Add Ring r : t.",
    "Declare Scope s.",
    'Definition a := "Drop.".',
  ])("%s may run", (text) => {
    expect(scan(text).unsafe).toEqual([]);
  });
});

describe("files that are not Coq", () => {
  it.each([
    "module counter (input clk, output reg q);\n  always @(*) q = clk;\nendmodule\n",
    "// Theorem: none. Lemma foo.\nmodule top;\nendmodule\n",
    "`timescale 1ns / 1ps\nmodule a #(parameter W = 4) (input x);\nendmodule",
    "/* it's \"odd */\n`define X 1\n",
    '(* keep *) module top(input a);\ninitial $display("x. y");\nendmodule',
    "Lemma a : T.\0",
  ])("%#", (text) => {
    expect(scanProof("a.v", text)).toEqual({ kind: "foreign", path: "a.v" });
    expect(isForeign(text)).toBe(true);
  });

  it.each([
    "",
    "(* module a (x);\nendmodule *)\nLemma a : T. Qed.",
    'Definition v := "\nendmodule\n".',
    "Definition x := module a b.",
  ])("Coq: %j", (text) => {
    expect(scanProof("a.v", text).kind).toBe("coq");
    expect(isForeign(text)).toBe(false);
  });
});
