import { describe, expect, it } from "vitest";
import { parseGlob } from "../../../daemon/invariants/coq/glob.ts";
import { jointPreface, jointText, parseJoint, planOf } from "../../../daemon/invariants/coq/joint.ts";
import type { Answer, PrintedAssumption } from "../../../daemon/invariants/coq/query.ts";

const question = { library: "A.B", nonce: "n", names: ["root", "gap", "M.a", "b"] };
const axiom = (name: string): PrintedAssumption => ({ kind: "constant", name, type: "T" });
const answer = (name: string, assumptions: readonly PrintedAssumption[]): Answer => ({
  kind: "Constant",
  qualifiedName: `A.B.${name}`,
  printed: `B.${name}`,
  type: "P",
  assumptions,
});

describe("which theorems are asked about together", () => {
  const { declarations, references } = parseGlob(
    ["prf 0:3 <> root", "R10:12 Coq.Init.Peano <> plus_n_O thm", "prf 20:22 <> gap", "prf 30:30 M a"]
      .concat(["R40:43 A.B <> root thm", "prf 50:50 <> b", "R60:60 A.B M a thm", "R61:61 A.B <> b thm"])
      .join("\n"),
  );
  it("all but the admitted ones, where no axiom is in sight", () => {
    expect(planOf(question, declarations, references, new Set())).toEqual({
      singly: [],
      jointly: question.names,
      withProofs: false,
    });
  });
  it("those that name another, where one is", () => {
    const plan = { singly: ["root", "gap"], jointly: ["M.a", "b"], withProofs: true };
    expect(planOf(question, declarations, references, new Set(["gap"]))).toEqual(plan);
    const real = [...references, { startByte: 70, library: "Coq.Reals.RIneq", name: "x" }];
    expect(planOf(question, declarations, real, new Set())).toEqual(plan);
  });
  it("one alone is no crowd", () => {
    const alone = { ...question, names: ["root", "M.a"] };
    expect(planOf(alone, declarations, references, new Set(["gap"])).jointly).toHaveLength(2);
    expect(planOf(alone, declarations, references, new Set(["root"]))).toMatchObject({ jointly: [] });
  });
});

describe("assumptions between two bounds", () => {
  const plan = { singly: ["root"], jointly: ["M.a", "b"], withProofs: true };
  const about = (name: string, kind = "Constant") =>
    `B.${name} : P\n\nB.${name} is opaque\nExpands to: ${kind} A.B.${name}\n`;
  interface Printed {
    readonly all: string;
    readonly term?: string;
    readonly proofs?: readonly [string, string];
    readonly kind?: string;
  }
  const read = ({ all, term = "n_with B.M.a (n_with B.b I)", proofs = ["B.root x", "f (B.M.a)"], kind }: Printed) =>
    parseJoint(
      `nn 0\n${about("M.a", kind)}nn 1\n${about("b")}nn end\n` +
        `nj 0\n${all}n_all = ${term}\n     : True\nnj end\n` +
        `np 0\nB.M.a = ${proofs[0]}\n     : P B.root\nnp 1\nB.b = \n${proofs[1]}\n     : P\nnp end\n`,
      question,
      plan,
      new Map([["root", answer("root", [axiom("X.one")])]]),
    );
  const closed = "Closed under the global context\n";
  const one = "Axioms:\nX.one : T\n";
  const two = "Axioms:\nX.one : T\nX.two : T\n";

  it("nothing is assumed by any of them", () => {
    expect([...read({ all: closed })].map(([name, { assumptions }]) => [name, assumptions])).toEqual([
      ["M.a", []],
      ["b", []],
    ]);
  });
  it("a proof that names a theorem assumes what that assumes, through others as well", () => {
    expect([...read({ all: one })]).toEqual([
      ["M.a", answer("M.a", [axiom("X.one")])],
      ["b", answer("b", [axiom("X.one")])],
    ]);
  });
  it("no answer where the bounds do not meet: the statement, a string and a longer name prove nothing", () => {
    expect(read({ all: two }).size).toBe(0);
    for (const proof of ["x", '"B.root"', "B.root2 C.B.root"])
      expect(read({ all: one, proofs: [proof, "y"] }).size).toBe(0);
    expect([...read({ all: one, proofs: ["y", "B.root"] }).keys()]).toEqual(["b"]);
  });
  it("no answer when Coq read another term, said nothing, or switched checks off", () => {
    expect(read({ all: closed, term: "n_with B.M.a I" }).size).toBe(0);
    expect(read({ all: closed, term: "n_with B.b (n_with B.M.a I)" }).size).toBe(0);
    expect(read({ all: "" }).size).toBe(0);
    expect(read({ all: "Axioms:\nf is assumed to be guarded.\n" }).size).toBe(0);
    expect(read({ all: closed, kind: "Notation" }).size).toBe(0);
  });
  it("names with implicit arguments are printed in another way", () => {
    expect(read({ all: closed, term: "n_with (@B.M.a) (n_with B.b I)" }).size).toBe(2);
  });
});

describe("the question", () => {
  it("defines its means before the library, and lets no error in the term fall on one name", () => {
    const plan = { singly: [], jointly: ["M.a", "b"], withProofs: false };
    const { text, asks } = jointText(question, plan);
    expect(text).toContain(
      "Definition n_all : True := n_with (@A.B.M.a) (n_with (@A.B.b) I).\nPrint Assumptions n_all.\n",
    );
    expect(jointPreface("n")).toMatch(/^Definition n_with /);
    expect(text).not.toContain("Print A.B");
    const lines = text.trimEnd().split("\n");
    expect(asks).toHaveLength(lines.length);
    expect(lines.filter((_, index) => asks[index] !== null)).toEqual(["About A.B.M.a.", "About A.B.b."]);
  });
});
