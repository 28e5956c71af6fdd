import { describe, expect, it } from "vitest";
import { codeDocs } from "../../../daemon/invariants/codes.ts";
import { scanProof } from "../../../daemon/invariants/coq/scan.ts";
import type { ProofFacts, TheoremFacts } from "../../../daemon/invariants/facts.ts";
import { type JudgeInput, judgeFolder } from "../../../daemon/invariants/judge.ts";
import { readAssertions } from "../../../daemon/invariants/read-assertions.ts";
import type { FolderReport } from "../../../daemon/protocol/invariant-report.ts";

const path = "assertions/igla_assertions.json";
const proof = `Axiom postulate : forall n : nat, n = n.
Axiom nothing : True.
Lemma helper : forall n : nat, n <= n. Admitted.
Theorem good : forall n : nat, n = n. Proof. reflexivity. Qed.
Definition number := 3.
(* Theorem ghost : True. Proof. exact I. Qed. *)
`;

function theorem(name: string, assumptions: TheoremFacts["assumptions"] = [], rest: Partial<TheoremFacts> = {}) {
  return { name, qualifiedName: `P.${name}`, assumptions, assumesItself: false, vacuity: [], ...rest };
}
const standard = { qualifiedName: "Coq.X.y", type: "T", kind: "standard", declaredIn: null } as const;
const admitted = {
  qualifiedName: "P.helper",
  type: "T",
  kind: "admitted",
  declaredIn: { path: "p.v", name: "helper" },
} as const;

function facts(good: TheoremFacts, rest: Partial<ProofFacts> = {}): ProofFacts {
  const helper = theorem("helper", [], { assumesItself: true });
  return {
    path: "p.v",
    sourceSha256: "now",
    needs: [],
    outcome: { kind: "compiled" },
    declarations: [],
    theorems: { good, helper },
    prover: "coqc 8.16.1",
    elapsedMs: 1,
    checkedAt: 0,
    trustFlags: [],
    deepCheck: null,
    ...rest,
  };
}

interface Case {
  readonly entries: readonly Record<string, unknown>[];
  readonly facts?: ProofFacts;
  readonly metadata?: unknown;
  readonly proofs?: Readonly<Record<string, string>>;
  readonly sources?: Readonly<Record<string, string>>;
}

function judge({ entries, facts: found, metadata, proofs = { "p.v": proof }, sources }: Case): FolderReport {
  const text = JSON.stringify({ _metadata: metadata, invariants: entries }, null, 2);
  const source = readAssertions(path, text);
  const input: JudgeInput = {
    folder: "/f",
    assertions: source === null ? [] : [source],
    scans: Object.entries(proofs).map(([name, content]) => scanProof(name, content)),
    facts: new Map(found === undefined ? [] : [[found.path, found]]),
    sources: new Map(Object.entries(sources ?? Object.fromEntries(Object.keys(proofs).map((name) => [name, "now"])))),
    unknownBecause: (name) => (name === "p.v" ? "no-prover" : "not-asked"),
    prover: { name: "coqc 8.16.1" },
    checking: false,
    unread: () => ({ kind: "missing" }),
  };
  return judgeFolder(input);
}

const entry = (rest: Record<string, unknown> = {}) => ({
  id: "INV-1",
  coq_theorem: "good",
  coq_file: "p.v",
  status: "Proven",
  ...rest,
});

function first(report: FolderReport) {
  const invariant = report.assertionFiles[0]?.invariants[0];
  if (invariant === undefined) throw new Error("no invariant");
  return invariant;
}
const codes = (report: FolderReport): string[] =>
  [
    ...report.assertionFiles.flatMap((file) => [...file.reasons, ...file.invariants.flatMap((one) => one.reasons)]),
    ...report.proofFiles.flatMap((file) => file.reasons),
  ].map(({ code }) => code);

describe("the status of a theorem: the worst that applies", () => {
  it.each([
    ["Proven", theorem("good")],
    ["ProvenStd", theorem("good", [standard])],
    ["Conditional", theorem("good", [standard, admitted])],
    ["Conditional", theorem("good", [{ ...standard, kind: "project-axiom" }])],
    ["Conditional", theorem("good", [{ ...standard, kind: "unsafe" }])],
    ["Admitted", theorem("good", [standard], { assumesItself: true })],
  ] as const)("%s", (status, known) => {
    const invariant = first(judge({ entries: [entry()], facts: facts(known) }));
    expect(invariant.status).toBe(status);
    expect(invariant.evidence).toMatchObject({ level: "coqc", prover: "coqc 8.16.1" });
  });

  it("text alone never gives a good one, whatever the proof ends with", () => {
    const invariant = first(judge({ entries: [entry()] }));
    expect(invariant).toMatchObject({ status: null, verdict: "unknown", evidence: { level: "text" } });
    expect(invariant.marks).toEqual([{ kind: "unknown", reason: "no-prover" }]);
  });

  it("text alone gives a bad one", () => {
    const report = judge({ entries: [entry({ coq_theorem: "helper" })] });
    expect(first(report)).toMatchObject({ status: "Admitted", verdict: "over-claim", evidence: { level: "text" } });
  });

  it.each(["timeout", "crashed", "refused"] as const)("%s is not known, not broken", (kind) => {
    const place = { path: "p.v", range: { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } } };
    const outcomes = {
      timeout: { kind, limitMs: 1, during: "build" },
      crashed: { kind, detail: "" },
      refused: { kind, sentence: "", place, why: "" },
    } as const;
    const found = facts(theorem("good"), { outcome: outcomes[kind] as ProofFacts["outcome"] });
    const invariant = first(judge({ entries: [entry()], facts: found }));
    expect(invariant).toMatchObject({ status: null, verdict: "unknown", marks: [{ kind: "unknown", reason: kind }] });
  });

  it("a changed text is stale, and a proof that was taken out of it counts at once", () => {
    const known = facts(theorem("good"), { sourceSha256: "before" });
    const same = first(judge({ entries: [entry()], facts: known }));
    expect(same.status).toBe("Proven");
    expect(same.marks).toEqual([{ kind: "stale" }]);
    const changed = proof.replace("Proof. reflexivity. Qed.", "Admitted.");
    const now = first(judge({ entries: [entry()], facts: known, proofs: { "p.v": changed } }));
    expect(now).toMatchObject({ status: "Admitted", verdict: "over-claim" });
  });

  describe("a file that this one needs", () => {
    const needs = [{ path: "base.v", sha256: "base" }];
    const known = facts(theorem("good"), { needs });
    const proofs = { "p.v": proof, "base.v": "" };
    const at = (base: string, found = known) =>
      judge({ entries: [entry()], facts: found, proofs, sources: { "p.v": "now", "base.v": base } });

    it("as it was checked: nothing is stale", () => {
      expect(first(at("base")).marks).toEqual([]);
      expect(at("base").proofFiles[0]).toMatchObject({ path: "p.v", stale: false });
    });

    it("changed or gone: all that was found out here is stale", () => {
      const gone = judge({ entries: [entry()], facts: known });
      for (const report of [at("changed"), gone]) {
        expect(first(report)).toMatchObject({ status: "Proven", marks: [{ kind: "stale" }] });
        expect(report.proofFiles[0]).toMatchObject({ path: "p.v", stale: true, debt: { unusedAxioms: null } });
      }
    });

    it("repaired: what did not compile because of it is not known, rather than broken", () => {
      const broken = facts(theorem("good"), { needs, outcome: { kind: "dependency", path: "base.v" } });
      expect(first(at("base", broken)).status).toBe("Broken");
      const report = at("repaired", broken);
      expect(first(report)).toMatchObject({ status: null, verdict: "unknown" });
      expect(codes(report)).not.toContain("does-not-compile");
    });
  });

  it("what needs a file that could not be checked is not known, and says why", () => {
    const outcome = { kind: "held-up", path: "base.v", because: "refused" } as const;
    const report = judge({ entries: [entry()], facts: facts(theorem("good"), { outcome }) });
    expect(first(report)).toMatchObject({ status: null, verdict: "unknown" });
    expect(report.proofFiles[0]).toMatchObject({ compile: { kind: "unchecked", reason: "refused" } });
    expect(report.proofFiles[0]?.reasons.map(({ message }) => message).join()).toContain("base.v");
  });

  it("coqchk has the last word where it rejects, none where it gave no answer, and none about a changed text", () => {
    const withDeep = (verdict: "rejected" | "timeout", sourceSha256 = "now") =>
      judge({
        entries: [entry()],
        facts: facts(theorem("good"), { sourceSha256, deepCheck: { verdict, detail: "because" } }),
      });
    expect(first(withDeep("rejected"))).toMatchObject({ status: "Broken", verdict: "broken" });
    expect(first(withDeep("rejected")).reasons.map(({ code }) => code)).toContain("deep-check-failed");
    expect(withDeep("rejected").proofFiles[0]?.theorems.map(({ status }) => status)).not.toContain("Proven");
    expect(first(withDeep("timeout"))).toMatchObject({ status: "Proven", evidence: { level: "coqc" } });
    expect(
      withDeep("timeout")
        .proofFiles[0]?.reasons.map(({ message }) => message)
        .join(),
    ).toContain("because");
    expect(first(withDeep("rejected", "before")).status).not.toBe("Broken");
  });

  it("each file has its own reason for not being known", () => {
    const report = judge({ entries: [entry()], proofs: { "p.v": proof, "q.v": proof }, sources: {} });
    const reasons = report.proofFiles.map(({ compile }) => (compile.kind === "unchecked" ? compile.reason : null));
    expect(reasons).toEqual(["no-prover", "not-asked"]);
    expect(report.proofFiles[1]?.theorems[3]?.marks).toEqual([{ kind: "unknown", reason: "not-asked" }]);
  });

  it("the comment's theorem does not exist", () => {
    expect(first(judge({ entries: [entry({ coq_theorem: "ghost" })] })).status).toBe("Broken");
  });
});

describe("what is reported", () => {
  const known = facts(theorem("good"));
  const broken = facts(theorem("good"), {
    outcome: { kind: "failed", message: "no", place: null, acceptedUpToLine: 3 },
  });
  const refused = facts(theorem("good"), {
    outcome: {
      kind: "refused",
      sentence: 'Redirect "out" Check nat.',
      place: { path: "p.v", range: { start: { line: 2, character: 0 }, end: { line: 2, character: 25 } } },
      why: "Redirect writes a file.",
    },
  });
  const empty = theorem("good", [], { vacuity: [{ reason: "true", note: "The statement is True." }] });
  const cases: [string, Case][] = [
    ["over-claim", { entries: [entry()], facts: facts(theorem("good", [admitted])) }],
    ["over-claim", { entries: [entry()], facts: facts(empty) }],
    ["vacuous", { entries: [entry({ status: "Admitted" })], facts: facts(empty) }],
    ["under-claim", { entries: [entry({ status: "Admitted" })], facts: known }],
    ["proven-in-fact", { entries: [entry({ status: "wip" })], facts: known }],
    ["cites-missing-file", { entries: [entry({ coq_file: "q.v" })] }],
    ["planned-file", { entries: [entry({ coq_file: "q.v", status: "wip" })] }],
    ["cites-missing-theorem", { entries: [entry({ coq_theorem: "bad" })] }],
    ["cites-definition", { entries: [entry({ coq_theorem: "number" })] }],
    ["does-not-compile", { entries: [entry()], facts: broken }],
    ["refused", { entries: [entry()], facts: refused }],
    [
      "deep-check-failed",
      { entries: [entry()], facts: facts(theorem("good"), { deepCheck: { verdict: "rejected", detail: "no" } }) },
    ],
    ["not-coq", { entries: [entry()], proofs: { "p.v": "module top(input a);\nendmodule\n" } }],
    ["admitted-name-unknown", { entries: [entry({ admitted_theorems: ["gone"] })] }],
    [
      "admitted-not-listed",
      {
        entries: [entry({ admitted_theorems: ["good"], status: "Admitted" })],
        facts: facts(theorem("good", [admitted])),
      },
    ],
    ["budget-exceeded", { entries: [entry()], metadata: { admitted_budget: { max: 2 } } }],
    ["count-disagrees", { entries: [entry({ admitted_count: 4 })] }],
    ["duplicate-id", { entries: [entry(), entry({ coq_theorem: "helper" })] }],
    ["shared-theorem", { entries: [entry(), entry({ id: "INV-2" })] }],
    [
      "theorem-of-other",
      { entries: [entry({ coq_theorem: "inv2_x" }), entry({ id: "INV-2", coq_theorem: "helper" })] },
    ],
    [
      "same-basename",
      { entries: [entry()], proofs: { "p.v": proof, "a/p.v": "" }, sources: { "p.v": "1", "a/p.v": "2" } },
    ],
    ["unknown-status", { entries: [entry({ status: "verified" })] }],
    ["empty-axiom", { entries: [entry()] }],
    ["unused-axiom", { entries: [entry()], facts: known }],
    ["unchecked", { entries: [entry()] }],
    ["weakened-checks", { entries: [entry()], facts: facts(theorem("good"), { trustFlags: ["-type-in-type"] }) }],
    ["proof-left-open", { entries: [entry()], proofs: { "p.v": "Lemma a : 1 = 1. Proof. reflexivity." } }],
  ];
  it.each(cases)("%s", (code, given) => {
    const report = judge(given);
    expect(codes(report)).toContain(code);
    for (const one of codes(report)) expect(Object.keys(codeDocs)).toContain(one);
  });

  it("nothing, when everything is as claimed and all of it is used", () => {
    const text = "Theorem good : forall n : nat, n = n. Proof. reflexivity. Qed.\n";
    expect(codes(judge({ entries: [entry()], facts: known, proofs: { "p.v": text } }))).toEqual([]);
  });

  it("a refused file: the sentence and the reason, where it stands, and no verdict about its theorems", () => {
    const report = judge({ entries: [entry()], facts: refused });
    const [reason] = report.proofFiles[0]?.reasons.filter(({ code }) => code === "refused") ?? [];
    expect(reason).toMatchObject({ severity: "warning", place: { path: "p.v", range: { start: { line: 2 } } } });
    expect(reason?.message).toBe('Not run: Redirect "out" Check nat. Redirect writes a file.');
    expect(report.proofFiles[0]?.compile).toEqual({ kind: "unchecked", reason: "refused" });
    expect(first(report)).toMatchObject({ status: null, verdict: "unknown", evidence: { level: "text" } });
  });

  it("beside a claim, Coq's complaint stands without the hypotheses before it", () => {
    const place = { path: "p.v", range: { start: { line: 3, character: 0 }, end: { line: 3, character: 4 } } };
    const related = (message: string) => {
      const outcome = { kind: "failed", message, place, acceptedUpToLine: 3 } as const;
      return first(judge({ entries: [entry()], facts: facts(theorem("good"), { outcome }) })).reasons[0]?.related[0];
    };
    const long = 'In environment\nstep, bpb\' : N\nH :\n  (warmup <? step) = false\nUnable to unify\n  "false"';
    expect(related(long)).toEqual({ message: 'Unable to unify\n  "false"', place });
    expect(related("In environment\nn : nat")?.message).toBe("In environment\nn : nat");
    expect(related("Syntax error.")?.message).toBe("Syntax error.");
  });

  it("a name means the theorem of its module, else that of the top level; an unclear one is never the better one", () => {
    const two = `Theorem good : forall n : nat, n = n. Admitted.
Module A. Theorem good : forall n : nat, n = n. Admitted. End A.
Module B. Theorem good : forall n : nat, n = n. Proof. reflexivity. Qed. End B.
Module C. Theorem only : forall n : nat, n = n. Admitted. End C.
Module D. Theorem only : forall n : nat, n = n. Proof. reflexivity. Qed. End D.
`;
    const known = facts(theorem("good"), {
      theorems: {
        good: theorem("good", [], { assumesItself: true }),
        "B.good": theorem("good"),
        "D.only": theorem("only"),
      },
    });
    const of = (name: string) => {
      const { status, verdict, theoremPlace } = first(
        judge({ entries: [entry({ coq_theorem: name })], facts: known, proofs: { "p.v": two } }),
      );
      return [status, verdict, theoremPlace?.range.start.line];
    };
    expect(of("good")).toEqual(["Admitted", "over-claim", 0]);
    expect(of("p.good")).toEqual(["Admitted", "over-claim", 0]);
    // Coq was not asked about A's, and what it said of others is not taken for it.
    expect(of("A.good")).toEqual(["Admitted", "over-claim", 1]);
    expect(of("B.good")).toEqual(["Proven", "matches", 2]);
    expect(of("only")).toEqual(["Admitted", "over-claim", 3]);
    expect(of("D.only")).toEqual(["Proven", "matches", 4]);
  });

  it("a name that says a module which is not there means no theorem of another one", () => {
    const text = `Theorem good : forall n : nat, n = n. Proof. reflexivity. Qed.
Module Weak. Theorem bound : forall n : nat, n = n. Proof. reflexivity. Qed. End Weak.
Module Strong. End Strong.
`;
    const theorems = {
      good: { ...theorem("good"), qualifiedName: "Igla.Bounds.good" },
      "Weak.bound": { ...theorem("bound"), qualifiedName: "Igla.Bounds.Weak.bound" },
    };
    const of = (name: string, entryFile: object = {}) => {
      const report = judge({
        entries: [entry({ coq_theorem: name, ...entryFile })],
        facts: facts(theorem("good"), { theorems }),
        proofs: { "p.v": text },
      });
      return [first(report).status, first(report).verdict, ...codes(report)];
    };
    const missing = ["Broken", "broken", "cites-missing-theorem"];
    expect(of("Strong.bound")).toEqual(missing);
    expect(of("Gone.good")).toEqual(missing);
    expect(of("Gone.good", { coq_file: null })).toEqual(missing);
    for (const name of [
      "good",
      "p.good",
      "Igla.Bounds.good",
      "p::good",
      "Weak.bound",
      "Igla.Bounds.Weak.bound",
      "bound",
    ]) {
      expect([name, ...of(name)]).toEqual([name, "Proven", "matches"]);
    }
  });

  it("of several theorems that are cited the worst counts; prose behind a name is none", () => {
    const text = `Theorem good : forall n : nat, n = n. Proof. reflexivity. Qed.
Theorem fair : forall n : nat, n = n. Proof. reflexivity. Qed.
Module M. Theorem bad : forall n : nat, n = n. Admitted. End M.
`;
    const of = (name: string) => {
      const theorems = { good: theorem("good"), fair: theorem("fair") };
      const known = facts(theorem("good"), { theorems });
      const report = judge({ entries: [entry({ coq_theorem: name })], facts: known, proofs: { "p.v": text } });
      return [first(report).status, first(report).reasons[0]?.message.replace(/.*declares no /, "") ?? ""];
    };
    for (const both of ["good, M.bad", "M.bad; good", "good and bad", "good / bad & fair", "good + fair, M.bad"]) {
      expect([both, of(both)[0]]).toEqual([both, "Admitted"]);
    }
    expect(of("good, fair")).toEqual(["Proven", ""]);
    expect(of("good, no_such")).toEqual(["Broken", "no_such."]);
    for (const prose of ["good, see the notes", "good (not bad)", "good and proud of it", "good; formerly bad"]) {
      expect([prose, ...of(prose)]).toEqual([prose, "Proven", ""]);
    }
  });

  it("what a section takes for given stands before the statement", () => {
    const text = `Section S. Variable n : nat. Hypothesis H : n = 2.
Theorem good : 2 = n. Proof. symmetry. exact H. Qed.
Hypothesis later : n = 3. End S.
Section T. Theorem free : 1 = 1. Proof. reflexivity. Qed. End T.
`;
    const report = judge({ entries: [entry()], facts: facts(theorem("good")), proofs: { "p.v": text } });
    const full = "(* its section assumes n : nat; H : n = 2 *) 2 = n";
    expect(first(report).statement).toBe(full);
    const theorems = report.proofFiles.flatMap((file) => file.theorems);
    const said = new Map(theorems.map(({ name, statement }) => [name, statement]));
    expect([said.get("good"), said.get("free")]).toEqual([full, "1 = 1"]);
  });

  it("of several theorems that a name may mean, the worst counts", () => {
    const text = `Module A. Theorem good : forall n : nat, n = n. Proof. reflexivity. Qed. End A.
Module B. Theorem good : forall n : nat, n = n. Proof. reflexivity. Qed. End B.
`;
    const axiom = { qualifiedName: "p.bad", type: "False", kind: "project-axiom", declaredIn: null } as const;
    const of = (theorems: Readonly<Record<string, TheoremFacts>>) => {
      const known = facts(theorem("good"), { theorems });
      const { status, verdict } = first(judge({ entries: [entry()], facts: known, proofs: { "p.v": text } }));
      return [status, verdict];
    };
    expect(of({ "A.good": theorem("good", [axiom]), "B.good": theorem("good") })).toEqual([
      "Conditional",
      "over-claim",
    ]);
    expect(of({ "A.good": theorem("good"), "B.good": theorem("good", [axiom]) })).toEqual([
      "Conditional",
      "over-claim",
    ]);
    expect(of({ "B.good": theorem("good") })).toEqual([null, "unknown"]);
    expect(of({ "A.good": theorem("good"), "B.good": theorem("good") })).toEqual(["Proven", "matches"]);
  });

  it("a proof that the text leaves open is called so, and not a file that was compiled in vain", () => {
    const open = { "p.v": "Theorem good : 1 = 1. Proof.\n" };
    const before = { sourceSha256: "before" };
    const byText: Partial<Case>[] = [
      {},
      { facts: { ...known, ...before } },
      { facts: { ...broken, ...before } },
      { facts: { ...known, ...before, deepCheck: { verdict: "rejected", detail: "no" } } },
    ];
    for (const found of byText) {
      const { status, reasons } = first(judge({ entries: [entry()], proofs: open, ...found }));
      expect({ status, reasons }).toMatchObject({ status: "Broken", reasons: [{ code: "proof-left-open" }] });
      expect(reasons[0]?.message).toBe("INV-1 claims Proven, but the proof of good is never ended.");
    }
    const asked = first(judge({ entries: [entry()], facts: broken, proofs: open }));
    expect(asked.reasons).toMatchObject([{ code: "does-not-compile" }]);
  });

  it("a path with blanks and brackets is no prose where the file is there", () => {
    const odd = "proofs (old)/a b.v";
    const report = judge({ entries: [entry({ coq_file: odd })], proofs: { [odd]: proof }, sources: { [odd]: "now" } });
    expect(first(report)).toMatchObject({ proofPath: odd, theoremPlace: { path: odd } });
    expect(codes(report)).not.toContain("path-outside");
  });

  it("budget counts axioms like admitted proofs", () => {
    const report = judge({ entries: [entry()], metadata: { admitted_budget: { max: 9, used: 3 } } });
    expect(report.assertionFiles[0]?.budget).toEqual({ max: 9, used: 3, counted: 3 });
    expect(codes(report)).not.toContain("budget-exceeded");
  });

  it("an over-claim stands on the value, points at the theorem and its assumption, and can be mended", () => {
    const invariant = first(judge({ entries: [entry()], facts: facts(theorem("good", [admitted])) }));
    const [reason] = invariant.reasons;
    expect(reason?.place).toEqual(invariant.claimPlace);
    expect(reason?.related.map(({ place }) => [place.path, place.range.start.line])).toEqual([
      ["p.v", 3],
      ["p.v", 2],
    ]);
    expect(reason?.fixes[0]?.edits).toEqual([{ range: invariant.claimPlace?.range, newText: '"Admitted"' }]);
  });

  it("who cites a theorem stands beside it", () => {
    const [file] = judge({ entries: [entry(), entry({ id: "INV-2" })] }).proofFiles;
    expect(file?.theorems.find(({ name }) => name === "good")?.usedBy).toEqual(["INV-1", "INV-2"]);
    expect(file?.debt).toMatchObject({ axioms: 2, admitted: 1, emptyAxioms: 1 });
  });
});
