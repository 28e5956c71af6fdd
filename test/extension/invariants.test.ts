/** The invariants view, badges, status item and the text of assumptions: what a report looks like in the editor. */
import { describe, expect, test } from "vitest";
import { codeDocs } from "../../daemon/invariants/codes.ts";
import { scanProof } from "../../daemon/invariants/coq/scan.ts";
import type { ProofFacts, TheoremFacts } from "../../daemon/invariants/facts.ts";
import { judgeFolder } from "../../daemon/invariants/judge.ts";
import { readAssertions } from "../../daemon/invariants/read-assertions.ts";
import type { FolderReport, UnknownReason } from "../../daemon/protocol/invariant-report.ts";
import { badges } from "../../extension/proofs/badges.ts";
import { proverState } from "../../extension/proofs/prover-state.ts";
import { findTheorem, linkOf } from "../../extension/proofs/targets.ts";
import { theoremText } from "../../extension/proofs/theorem-text.ts";
import { english } from "../../extension/translate.ts";
import { buildRows, type InvariantRow, truthIcon } from "../../extension/views/invariants-model.ts";
import { claimTooltip } from "../../extension/views/invariants-tooltip.ts";

const proof = `Axiom bound : forall n : nat, n < 100.
Theorem good : forall n : nat, n + 0 = n. Proof. trivial. Qed.
Theorem leaning : forall n : nat, n < 100. Proof. apply bound. Qed.
`;
const claims = JSON.stringify({
  _metadata: { admitted_budget: { max: 0, used: 1 } },
  invariants: [
    { id: "A", name: "sound", coq_theorem: "good", coq_file: "P.v", status: "Proven" },
    { id: "B", name: "too much", coq_theorem: "leaning", coq_file: "P.v", status: "Proven" },
    { id: "C", name: "too little", coq_theorem: "good", coq_file: "P.v", status: "Admitted" },
    { id: "D", name: "gone", coq_theorem: "absent", coq_file: "P.v", status: "Proven" },
    { id: "E", name: "later", coq_theorem: "later", coq_file: "Later.v", status: "wip" },
  ],
});

const theorem = (name: string, more: Partial<TheoremFacts> = {}): TheoremFacts => ({
  name,
  qualifiedName: `P.${name}`,
  assumptions: [],
  assumesItself: false,
  vacuity: [],
  ...more,
});
const facts: ProofFacts = {
  path: "P.v",
  sourceSha256: "now",
  needs: [],
  outcome: { kind: "compiled" },
  declarations: [],
  theorems: {
    bound: theorem("bound", { assumesItself: true }),
    good: theorem("good"),
    leaning: theorem("leaning", {
      assumptions: [
        {
          qualifiedName: "P.bound",
          type: "forall n : nat, n < 100 (* *) x",
          kind: "project-axiom",
          declaredIn: { path: "P.v", name: "bound" },
        },
      ],
    }),
  },
  prover: "coqc 8.16.1",
  elapsedMs: 300,
  checkedAt: 0,
  trustFlags: [],
  deepCheck: null,
};

function report(options: { known?: ProofFacts | null; sha256?: string; why?: UnknownReason; wayOut?: string } = {}) {
  const { known = facts, sha256 = "now", why = "not-asked", wayOut } = options;
  return judgeFolder({
    folder: "/w",
    assertions: [readAssertions("igla_assertions.json", claims)].flatMap((one) => one ?? []),
    scans: [scanProof("P.v", proof)],
    facts: new Map(known === null ? [] : [["P.v", known]]),
    sources: new Map([["P.v", sha256]]),
    unknownBecause: () => why,
    prover: wayOut === undefined ? { name: "coqc 8.16.1" } : { missing: why, wayOut },
    checking: why === "pending",
    unread: () => ({ kind: "missing" }),
  });
}

const labels = (rows: readonly InvariantRow[]) => rows.map(({ label, description }) => `${label}: ${description}`);
const groupsOf = (one: FolderReport) => buildRows([one], english);
const claimRows = (one: FolderReport) =>
  groupsOf(one).flatMap(({ rows }) => rows.flatMap((row) => (row.kind === "claim" ? [row] : [])));

describe("the view", () => {
  test("groups claims by verdict, worst first, with claim and truth before the name", () => {
    const groups = groupsOf(report());
    expect(labels(groups)).toEqual([
      "Claims more than Coq says: 1",
      "Cites what is broken: 1",
      "Better than claimed: 1",
      "Nothing claimed yet: 1",
      "As claimed: 1",
      "Budget: 1",
      "Proof files: 1",
    ]);
    expect(labels(groups.flatMap(({ rows }) => rows))).toEqual([
      "B: Proven → Conditional · too much",
      "D: Proven → Broken · gone",
      "C: Admitted → Proven · too little",
      "E: wip → Broken · later",
      "A: Proven → Proven · sound",
      "igla_assertions.json: assumed 1 of 0",
      "P.v: compiles, axioms: 1",
    ]);
  });

  test("pending, stale, read and verified never look alike, and only the last is filled", () => {
    const icon = (one: FolderReport) => {
      const row = claimRows(one).find(({ label }) => label === "A");
      return row === undefined ? "" : truthIcon(row.invariant).id;
    };
    const icons = [
      icon(report()),
      icon(report({ sha256: "changed" })),
      icon(report({ known: null, why: "pending" })),
      icon(report({ known: null, why: "untrusted", wayOut: "Trust it." })),
    ];
    expect(icons).toEqual(["pass-filled", "history", "loading~spin", "circle-outline"]);
    const hollow = claimRows(report({ known: null, why: "untrusted", wayOut: "Trust it." }));
    for (const { icon: drawn } of hollow) expect(drawn.id).toBe("circle-outline");
  });

  test("row ids stay when a verdict changes, so that VS Code keeps the selection", () => {
    const ids = (one: FolderReport) =>
      claimRows(one)
        .map(({ id }) => id)
        .sort();
    expect(ids(report())).toEqual(ids(report({ known: null, why: "pending" })));
    expect(new Set(ids(report())).size).toBe(5);
  });

  test("the tooltip shows what is claimed, why it fails, and hides nothing of a hostile text behind Markdown", () => {
    const row = claimRows(report()).find(({ label }) => label === "B");
    if (row === undefined) throw new Error("no row");
    const text = claimTooltip({ ...row.invariant, description: "[x](command:evil)" }, english);
    expect(text).toContain("claimed: **Proven** · truth: **Conditional**");
    expect(text).toContain("Axioms of this project: `P.bound`");
    expect(text).toContain("coqc 8.16.1, 0.3 s, sha now");
    expect(text).not.toContain("[x](command");
  });
});

describe("proof files", () => {
  const icons = (
    theorems: Readonly<Record<string, TheoremFacts>>,
    text = "Theorem t : forall n, n + 0 = n. Qed.\n",
  ) => {
    const one = judgeFolder({
      folder: "/w",
      assertions: [],
      scans: [scanProof("Q.v", text)],
      facts: new Map([["Q.v", { ...facts, path: "Q.v", theorems }]]),
      sources: new Map([["Q.v", "now"]]),
      unknownBecause: () => "not-asked",
      prover: { name: "coqc 8.16.1" },
      checking: false,
      unread: () => ({ kind: "missing" }),
    });
    const rows = groupsOf(one).flatMap((group) => group.rows);
    return rows.map(({ label, icon: { id, colour } }) => `${label} ${id} ${colour}`);
  };
  const elsewhere = (kind: "project-axiom" | "admitted") => [
    { qualifiedName: "P.bound", type: "nat", kind, declaredIn: { path: "P.v", name: "bound" } },
  ];

  test("have a filled check only where nothing of another file is left to prove either", () => {
    expect(icons({ t: theorem("t") })).toEqual(["Q.v pass-filled testing.iconPassed"]);
    for (const kind of ["project-axiom", "admitted"] as const) {
      const leaning = icons({ t: theorem("t", { assumptions: elsewhere(kind) }) });
      expect(leaning, kind).toEqual(["Q.v color-mode list.warningForeground"]);
    }
  });

  test("that compile without an answer for a theorem, or without a theorem, are not proven", () => {
    expect(icons({})).toEqual(["Q.v check descriptionForeground"]);
    expect(icons({}, "Definition d := 1.\n")).toEqual(["Q.v check descriptionForeground"]);
  });
});

describe("badges", () => {
  test("a mark only where Coq has said it of the present text", () => {
    expect(badges([report()], english)).toEqual(
      new Map([
        [
          "/w/igla_assertions.json",
          { badge: "!", tooltip: "Claims beyond what Coq says: 2", colour: "list.errorForeground" },
        ],
        ["/w/P.v", { badge: "A", tooltip: "Admitted proofs: 0, axioms: 1", colour: "list.warningForeground" }],
      ]),
    );
    const clean = judgeFolder({
      folder: "/w",
      assertions: [],
      scans: [scanProof("Q.v", "Theorem good : forall n : nat, n + 0 = n. Proof. trivial. Qed.\n")],
      facts: new Map([["Q.v", { ...facts, path: "Q.v" }]]),
      sources: new Map([["Q.v", "now"]]),
      unknownBecause: () => "not-asked",
      prover: { name: "coqc 8.16.1" },
      checking: false,
      unread: () => ({ kind: "missing" }),
    });
    expect(badges([clean], english).get("/w/Q.v")?.badge).toBe("✓");
    const unchecked = {
      ...clean,
      proofFiles: clean.proofFiles.map((file) => ({
        ...file,
        theorems: file.theorems.map((one) => ({ ...one, evidence: { ...one.evidence, level: "text" as const } })),
      })),
    };
    expect(badges([unchecked], english).has("/w/Q.v")).toBe(false);
  });
});

describe("the badge of an assertion file", () => {
  const badge = (text: string, statusOf: string | null, known: ProofFacts = facts) => {
    const one = judgeFolder({
      folder: "/w",
      assertions: [readAssertions("a.json", text)].flatMap((source) => source ?? []),
      scans: [scanProof("P.v", proof)],
      facts: new Map([["P.v", known]]),
      sources: new Map([["P.v", "now"]]),
      unknownBecause: () => "not-asked",
      prover: { name: "coqc 8.16.1" },
      checking: false,
      unread: () => ({ kind: "missing" }),
    });
    expect(one.assertionFiles[0]?.invariants.map(({ verdict }) => verdict)).toEqual([statusOf]);
    return badges([one], english).get("/w/a.json")?.badge;
  };
  const entry = (theoremName: string, status: string) =>
    JSON.stringify({ invariants: [{ id: "A", coq_theorem: theoremName, coq_file: "P.v", status }] });

  test("is no check mark where an honest claim says that something is left to prove", () => {
    expect(badge(entry("good", "Proven"), "matches")).toBe("✓");
    expect(badge(entry("leaning", "Admitted"), "matches")).toBe("A");
    expect(badge(entry("leaning", "wip"), "open")).toBe("A");
    expect(badge(entry("leaning", "Proven"), "over-claim")).toBe("!");
  });

  test("is none where Coq knows it better than the claim", () => {
    expect(badge(entry("good", "Admitted"), "under-claim")).toBeUndefined();
  });
});

describe("the status item", () => {
  test("does not say checked of what has changed since, or of what Coq gave no answer on", () => {
    const clean = { ...report(), assertionFiles: [] };
    expect(proverState([clean], english).text).toBe("Checked by Coq");
    for (const one of [
      report({ sha256: "changed" }),
      report({ known: null }),
      report({ known: null, why: "timeout" }),
    ]) {
      const { text, detail } = proverState([{ ...one, assertionFiles: [] }], english);
      expect(text).toBe("Files not checked by Coq: 1 of 1");
      expect(detail).toBe("coqc 8.16.1");
    }
  });

  test("says who was asked, what runs, and why nobody could be asked", () => {
    expect(proverState([report()], english)).toMatchObject({
      text: "Claims beyond what Coq says: 2",
      isWarning: true,
    });
    expect(proverState([report({ known: null, why: "pending" })], english)).toMatchObject({
      text: "Coq is checking",
      isBusy: true,
    });
    const missing = proverState([report({ known: null, why: "no-prover", wayOut: "Install Coq." })], english);
    expect(missing).toEqual({ text: "Not checked by Coq", detail: "Install Coq.", isBusy: false, isWarning: true });
    expect(proverState([], english).text).toBe("No claims here");
  });
});

describe("what a theorem assumes", () => {
  test("is found by line or name, and shown as Coq, comments intact", () => {
    const one = report();
    const row = claimRows(one).find(({ label }) => label === "B");
    const link = linkOf(row);
    expect(link).toEqual({ path: "/w/P.v", line: 2, name: "leaning" });
    const found = link && findTheorem([one], link);
    expect(found?.theorem.name).toBe("leaning");
    const text = found === null ? "" : theoremText(found.theorem, english);
    expect(text).toContain("(* leaning: Conditional *)");
    expect(text).toContain("Theorem leaning : forall n : nat, n < 100.");
    expect(text).toContain("P.bound : forall n : nat, n < 100");
    expect(findTheorem([one], { path: "/w/P.v", name: "nothing" })).toBeNull();
    // The text has moved since the link was made, and another theorem stands there now.
    expect(findTheorem([one], { path: "/w/P.v", name: "good", line: 2 })?.theorem.name).toBe("good");
    // Claims may write a name as Coq qualifies it.
    expect(findTheorem([one], { path: "/w/P.v", name: "P.good", line: 1 })?.theorem.name).toBe("good");
    const good = findTheorem([one], { path: "/w/P.v", name: "good" });
    expect(good === null ? "" : theoremText(good.theorem, english)).toContain("it assumes nothing");
  });
});

test("a button above the editor hands over a URI, whose path is not the file's on every system", () => {
  const uri = { scheme: "file", path: "/c:/w/P.v", fsPath: "c:\\w\\P.v" };
  expect(linkOf(uri as never)).toEqual({ path: "c:\\w\\P.v" });
  expect(linkOf({ path: "/w/a/../P.v", name: "good" })).toEqual({ path: "/w/P.v", name: "good" });
});

test("every code has a title and a paragraph", () => {
  for (const [code, { title, text }] of Object.entries(codeDocs)) {
    expect(code).toMatch(/^[a-z-]+$/);
    expect(title.length).toBeGreaterThan(5);
    expect(text.length).toBeGreaterThan(30);
  }
});
