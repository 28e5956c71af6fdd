import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { askableNames, locateText, parseLocated } from "../../../daemon/invariants/coq/askable.ts";
import { parseGlob } from "../../../daemon/invariants/coq/glob.ts";
import {
  aboutText,
  isStandard,
  parseAbouts,
  parseAnswers,
  parseAssumptions,
  queryText,
} from "../../../daemon/invariants/coq/query.ts";
import { scanProof } from "../../../daemon/invariants/coq/scan.ts";
import { parseVacuity, vacuityText } from "../../../daemon/invariants/coq/vacuity.ts";

/** What coqc 8.16.1 printed for the queries about the fixtures' `.v` files, compiled with `-R . Sample`. */
const fixture = (name: string): string => readFileSync(`test/fixtures/coq/${name}`, "utf8");

const nonce = "igla7f3a";
const longName = "a_name_so_long_that_the_printer_breaks_the_line_after_it_and_then_goes_on_with_its_type_below";
const trust = {
  library: "Sample.Trust",
  nonce,
  names: [
    "φ_next",
    "adm'",
    "uses_adm",
    "closed",
    "standard",
    "unguarded",
    "nonpositive",
    "universes",
    "N.O.deep'",
    "in_section",
    "uses_poly",
    longName,
  ],
};

describe("answers of Print Assumptions and About", () => {
  const answers = parseAnswers(fixture("trust-assumptions.txt"), trust);
  const assumed = (name: string): string[] =>
    (answers.get(name)?.assumptions ?? []).map((each) =>
      each.kind === "unsafe" ? `${each.flag} ${each.name}` : each.name,
    );

  it("answers for every name, with what it stands for", () => {
    expect([...answers.keys()]).toEqual(trust.names);
    expect(answers.get("N.O.deep'")).toMatchObject({ kind: "Constant", qualifiedName: "Sample.Trust.N.O.deep'" });
    expect(answers.get("in_section")).toMatchObject({ type: "forall P : Prop, P -> P", assumptions: [] });
  });

  it("tells axioms, admitted lemmas and unsafe flags", () => {
    expect(assumed("closed")).toEqual([]);
    expect(assumed("adm'")).toEqual(["Trust.adm'"]);
    expect(assumed("uses_adm")).toEqual(["Trust.adm'"]);
    expect(assumed("unguarded")).toEqual(["guard Trust.loop"]);
    expect(assumed("nonpositive")).toEqual(["positivity Trust.neg"]);
    expect(assumed("universes")).toEqual(["universes Trust.U"]);
    expect(assumed("N.O.deep'")).toEqual(["Trust.D.a"]);
    expect(assumed("uses_poly")).toEqual(["Trust.poly"]);
  });

  it("keeps types of several lines together, also below a name that fills the line", () => {
    const [, , third] = answers.get("φ_next")?.assumptions ?? [];
    expect(third).toEqual({
      kind: "constant",
      name: "ClassicalDedekindReals.sig_forall_dec",
      type: "forall P : nat -> Prop,\n  (forall n : nat, {P n} + {~ P n}) -> {n : nat | ~ P n} + {forall n : nat, P n}",
    });
    expect(answers.get("standard")?.type).toMatch(/^forall x : .*\n.* = x$/);
    const type = "forall a b c : nat, a + b + c = c + b + a";
    expect(answers.get(longName)).toMatchObject({ type, assumptions: [{ name: `Trust.${longName}`, type }] });
  });

  it("gives no answer for a block that was cut off, or that stands for something else", () => {
    const cut = fixture("trust-assumptions.txt").split("igla7f3a 4")[0] ?? "";
    expect([...parseAnswers(cut, trust).keys()]).toEqual(["φ_next", "adm'", "uses_adm"]);
    const spoofed = fixture("trust-assumptions.txt").replace(
      "Constant Sample.Trust.closed",
      "Constant Other.Trust.closed",
    );
    expect(parseAnswers(spoofed, trust).has("closed")).toBe(false);
    expect(parseAnswers(fixture("trust-assumptions.txt"), { ...trust, nonce: "other" }).size).toBe(0);
  });

  it("expands the names of assumptions; only the expanded name says what is standard", () => {
    const printed = [...new Set([...answers.values()].flatMap((each) => each.assumptions))]
      .flatMap((each) => (each.kind === "constant" ? [each.name] : []))
      .filter((name, index, all) => all.indexOf(name) === index);
    const abouts = parseAbouts(fixture("trust-abouts.txt"), nonce, printed);
    expect([...abouts.keys()]).toEqual(printed);
    expect(abouts.get("Trust.φ")).toEqual({
      kind: "Constant",
      qualifiedName: "Sample.Trust.φ",
      printed: "Trust.φ",
      type: "Rdefinitions.RbaseSymbolsImpl.R",
    });
    const standard = abouts.get("ClassicalDedekindReals.sig_forall_dec")?.qualifiedName ?? "";
    expect(standard).toBe("Coq.Reals.ClassicalDedekindReals.sig_forall_dec");
    expect(isStandard(standard, ["Sample.Trust"])).toBe(true);
    expect(isStandard("Sample.Trust.adm'", ["Sample.Trust"])).toBe(false);
    expect(isStandard("Coq.Fake.lemma", ["Coq.Fake"])).toBe(false);
    expect(isStandard("Coqtail.x", [])).toBe(false);
    expect(isStandard("Stdlib.Reals.x", [])).toBe(true);
  });
});

describe("what Print Assumptions prints besides", () => {
  it("reads section variables and the theory's own flags", () => {
    expect(
      parseAssumptions(["Section Variables:", "p", ": P", "Axioms:", "a : T", "Theory:", "Set is impredicative"]),
    ).toMatchObject([
      { kind: "section-variable", name: "p", type: "P" },
      { kind: "constant", name: "a" },
      { kind: "unsafe", flag: "impredicative-set" },
    ]);
    expect(parseAssumptions(["Theory:", "Type hierarchy is collapsed (logic is inconsistent)"])).toMatchObject([
      { kind: "unsafe", flag: "type-in-type", name: "" },
    ]);
  });

  it("takes a line that it does not know for unsafe: silence would call the theorem proven", () => {
    expect(parseAssumptions(["Axioms:", "x relies on definitional UIP."])).toMatchObject([
      { kind: "unsafe", flag: "other", name: "x" },
    ]);
    expect(parseAssumptions(["Something never seen"])).toMatchObject([{ kind: "unsafe", flag: "other" }]);
  });
});

describe("queries", () => {
  it("require without importing, and know which line asks about which name", () => {
    const query = queryText({ library: "A.B", names: ["M.x'", "bad name", 'q". Drop', "y"], nonce: "n" });
    const lines = query.text.trimEnd().split("\n");
    expect(lines).toContain("Require A.B.");
    expect(query.text).not.toMatch(/Import|bad name|Drop/);
    expect(lines.map((line, index) => [line, query.asks[index]]).filter(([, name]) => name !== null)).toEqual([
      ["Print Assumptions A.B.M.x'.", "M.x'"],
      ["About A.B.M.x'.", "M.x'"],
      ["Print Assumptions A.B.y.", "y"],
      ["About A.B.y.", "y"],
    ]);
    expect(aboutText({ library: "A.B", nonce: "n" }, ["B.z"]).text).toContain("\nAbout B.z.\n");
  });
});

describe("names that can be asked", () => {
  const scan = scanProof("functor.v", fixture("functor.v"));
  if (scan.kind !== "coq") throw new Error("the fixture is Coq");
  const names = askableNames(parseGlob(fixture("functor.glob")).declarations, scan);
  const question = { library: "Sample.Func", nonce, names };

  it("are theorems and axioms outside of module types", () => {
    expect(names).toEqual(["F.in_functor", "refused", "kept", "M.inner'", longName]);
  });

  it("include examples and instances that have a proof, not what is given by a term", () => {
    const found = scanProof("a.v", "Example e : T. Proof. auto. Qed. Definition d : T := x. Instance i : C. Qed.");
    if (found.kind !== "coq") throw new Error("this is Coq");
    const glob = parseGlob("def 8:8 <> e\ndef 44:44 <> d\ninst 64:64 <> i\nind 1:1 <> T\n");
    expect(askableNames(glob.declarations, found)).toEqual(["e", "i"]);
  });

  it("are told by Locate from those that a functor or Fail left behind", () => {
    expect(parseLocated(fixture("located.txt"), question)).toEqual(["kept", "M.inner'", longName]);
    expect(parseLocated(fixture("located.txt"), { ...question, library: "Other.Func" })).toEqual([]);
    expect(locateText(question).text).toContain("\nLocate Term Sample.Func.M.inner'.\n");
  });
});

describe("vacuity", () => {
  const names = [
    "is_true",
    "computes_to_true",
    "both_true",
    "implies_true",
    "reflexive",
    "restates_hypothesis",
    "true_disjunct",
    "restates_axiom",
    "restates_quantified",
    "computation",
    "good",
    "witness",
    "law",
  ];
  const suspects = names.map((name) => ({ name, projectAxioms: [] }));

  it("reads what Coq found, and says nothing where it found nothing", () => {
    const found = parseVacuity(fixture("vacuous-vacuity.txt"), nonce, suspects);
    expect(names.map((name) => found.get(name)?.[0]?.reason ?? null)).toEqual([
      "true",
      "true",
      "true",
      "implies-true",
      "reflexive",
      "restates-hypothesis",
      "true-disjunct",
      "restates-axiom",
      "restates-axiom",
      "closed-computation",
      null,
      null,
      null,
    ]);
    expect(found.get("restates_axiom")?.[0]?.note).toContain("Sample.Vacuous.pos");
  });

  it("reads an axiom's name that fills the line", () => {
    const found = parseVacuity(`n 0\nrestates-axiom\n${longName}\nn end\n`, "n", [{ name: "a", projectAxioms: [] }]);
    expect(found.get("a")?.[0]?.note).toContain(longName);
  });

  it("tries the project's axioms under a limit, and looks for computations only without them", () => {
    const { text } = vacuityText(
      { library: "A", nonce: "n" },
      [
        { name: "x", projectAxioms: ["A.p", "no name"] },
        { name: "y", projectAxioms: [] },
      ],
      2,
    );
    const [x = "", y = ""] = text.split("\n").filter((line) => line.includes("type of (@A."));
    expect(x).toContain("timeout 2 (igla_restates t (@A.p)");
    expect(x).not.toMatch(/no name|igla_closed/);
    expect(y).toContain("timeout 2 (igla_closed t;");
    expect(text.indexOf("Ltac igla_true")).toBeLessThan(text.indexOf("Require A."));
  });
});
