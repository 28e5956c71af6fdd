import { execFileSync } from "node:child_process";
import { chmodSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { scanProof } from "../../daemon/invariants/coq/scan.ts";
import { judgeFolder } from "../../daemon/invariants/judge.ts";
import { findProver } from "../../daemon/prover/find-prover.ts";
import { readProofBytes } from "../../daemon/prover/read-folder.ts";
import { check, keep, removeFolders } from "./check.ts";
import { needsCoq, ProofFolder, prover } from "./coq.ts";

afterEach(removeFolders);

describe.skipIf(prover === null)(needsCoq("what the real Coq says"), { timeout: 60_000 }, () => {
  it("proven, proven from standard axioms, admitted, conditional, axiom", async () => {
    const { of, status } = await check({
      "a.v": `Require Import Reals.
Theorem plain : forall n : nat, n + 0 = n. Proof. intro n. rewrite <- plus_n_O. reflexivity. Qed.
Theorem square : forall x : R, (0 <= x * x)%R. Proof. intro x. apply Rle_0_sqr. Qed.
Lemma gap : forall n : nat, n <= n * n. Admitted.
Lemma rests : 2 <= 2 * 2. Proof. apply gap. Qed.
Axiom big : forall n : nat, n < 100.
Lemma postulated : 7 < 100. Proof. apply big. Qed.
Module M. Lemma inside : forall n : nat, n <= S n. Proof. auto. Qed. End M.
Section S. Variable n : nat. Lemma ofSection : n = n + 0. Proof. apply plus_n_O. Qed. End S.
`,
    });
    expect(of("a.v").outcome).toEqual({ kind: "compiled" });
    const names = ["plain", "square", "gap", "rests", "big", "postulated", "M.inside", "ofSection"];
    expect(names.map((name) => status("a.v", name))).toEqual([
      "Proven",
      "ProvenStd",
      "Admitted",
      "Conditional",
      "Admitted",
      "Conditional",
      "Proven",
      "Proven",
    ]);
    const [gap] = of("a.v").theorems.rests?.assumptions ?? [];
    expect(gap).toMatchObject({ kind: "admitted", declaredIn: { path: "a.v", name: "gap" } });
    expect(of("a.v").theorems.postulated?.assumptions[0]?.kind).toBe("project-axiom");
  });

  it("an admission two files away", async () => {
    const { of, status } = await check({
      "p/_CoqProject": "-R . Far\n",
      "p/one.v": "Lemma gap : forall n : nat, n <= n * n. Admitted.\n",
      "p/two.v": "Require Import Far.one.\nLemma mid : 3 <= 3 * 3. Proof. apply gap. Qed.\n",
      "p/three.v": "From Far Require Import two.\nLemma far : 3 <= 3 * 3. Proof. exact mid. Qed.\n",
    });
    expect(status("p/three.v", "far")).toBe("Conditional");
    expect(of("p/three.v").theorems.far?.assumptions).toMatchObject([
      { qualifiedName: "Far.one.gap", kind: "admitted", declaredIn: { path: "p/one.v", name: "gap" } },
    ]);
    const needs = ["p/two.v", "p/one.v"].map((path) => ({ path, sha256: of(path).sourceSha256 }));
    expect(of("p/three.v").needs).toEqual(needs);
    expect(of("p/one.v").needs).toEqual([]);
  });

  it("each theorem's own assumptions, though several are asked about together", async () => {
    const { of } = await check({
      "j.v": `Axiom a1 : forall n : nat, n < 100.
Axiom a2 : forall n : nat, n < 200.
Lemma first : 1 < 100. Proof. apply a1. Qed.
Lemma second : 2 < 200. Proof. apply a2. Qed.
Lemma plain : 1 <= 1. Proof. auto. Qed.
Lemma onFirst : 1 < 100 /\\ 1 <= 1. Proof. split. exact first. exact plain. Qed.
Lemma onPlain : 1 <= 1 /\\ 1 <= 1. Proof. split; exact plain. Qed.
Lemma onBoth : 1 < 100 /\\ 2 < 200. Proof. split. exact first. exact second. Qed.
Lemma onAll : 1 < 100 /\\ 2 < 200. Proof. exact onBoth. Qed.
Lemma named : let unused := first in 1 <= 1. Proof. exact plain. Qed.
`,
    });
    const assumed = (name: string) => of("j.v").theorems[name]?.assumptions.map((one) => one.qualifiedName.slice(2));
    expect(Object.fromEntries(Object.keys(of("j.v").theorems).map((name) => [name, assumed(name)?.sort()]))).toEqual({
      a1: [],
      a2: [],
      first: ["a1"],
      second: ["a2"],
      plain: [],
      onFirst: ["a1"],
      onPlain: [],
      onBoth: ["a1", "a2"],
      onAll: ["a1", "a2"],
      named: [],
    });
  });

  it("polymorphic, implicit, and what a notation would have read as something else", async () => {
    const { status } = await check({
      "n.v": `Polymorphic Lemma poly (A B : Type) : A -> B -> A. Proof. exact (fun x _ => x). Qed.
Lemma implicit {A : Type} (x : A) : x = x. Proof. reflexivity. Qed.
Lemma gap : 1 = 2. Admitted.
Definition hidden : 1 = 2. Proof. exact gap. Qed.
Lemma strict : forall n : nat, n + 0 = n. Proof. intro n. rewrite <- plus_n_O. reflexivity. Qed.
Notation "( @ x )" := I (only parsing).
Notation "x 'hidden'" := I (at level 9, only parsing).
Global Set Printing Implicit.
Global Set Printing Universes.
`,
    });
    const names = ["poly", "implicit", "gap", "hidden", "strict"];
    expect(names.map((name) => status("n.v", name))).toEqual(["Proven", "Proven", "Admitted", "Conditional", "Proven"]);
  });

  it("an axiom that borrows the name of the standard library is the project's", async () => {
    const { of, status } = await check({
      _CoqProject: "-R x Coq.Fake\n",
      "x/spoof.v":
        "Module Reals. Axiom completeness : False. End Reals.\nLemma bad : 1 = 2. Proof. destruct Reals.completeness. Qed.\n",
    });
    expect(status("x/spoof.v", "bad")).toBe("Conditional");
    expect(of("x/spoof.v").theorems.bad?.assumptions[0]?.kind).toBe("project-axiom");
  });

  it("two files of one name for Coq lend each other nothing", async () => {
    const { of, status } = await check({
      _CoqProject: "-R one L\n-R two L\n-R user U\n",
      "one/m.v": "Axiom bad : False.\nTheorem t : 1 = 2. Proof. destruct bad. Qed.\n",
      "two/m.v": "Theorem t : 1 + 1 = 2. Proof. reflexivity. Qed.\n",
      "user/u.v": "From L Require m.\nTheorem u : 1 + 1 = 2. Proof. apply m.t. Qed.\n",
    });
    expect(of("one/m.v").outcome).toEqual({ kind: "crashed", detail: expect.stringContaining("two/m.v L.m, too") });
    expect(of("two/m.v").outcome.kind).toBe("crashed");
    expect(of("user/u.v").outcome.kind).toBe("held-up");
    expect(status("one/m.v", "t")).toBeUndefined();
  });

  it.each([
    ["two names of one folder", "-R lib Mine\n-R lib Coq\n", "lib/sub/ax.v"],
    ["a folder below one that is mapped later", "-R lib/sub Mine\n-R lib Coq\n", "lib/sub/ax.v"],
  ])("%s: the last one is the name, and an axiom stays the project's", async (_, maps, path) => {
    const { of, status } = await check({
      _CoqProject: `${maps}-R src Main\n`,
      [path]: "Axiom bad : False.\n",
      "src/m.v": "From Coq Require sub.ax.\nTheorem t : 1 = 2. Proof. destruct sub.ax.bad. Qed.\n",
    });
    expect(of(path).theorems.bad?.qualifiedName).toBe("Coq.sub.ax.bad");
    expect(status("src/m.v", "t")).toBe("Conditional");
    expect(of("src/m.v").theorems.t?.assumptions[0]).toMatchObject({ kind: "project-axiom", declaredIn: { path } });
  });

  it("a folder that Coq would take for the user's own libraries has no name but the project's", async () => {
    const { of } = await check({
      _CoqProject: "-R . A\n",
      ".local/share/coq/Coq/ax.v": "Axiom bad : False.\n",
      "slow.v": "Goal True. do 2000000 idtac. exact I. Qed.\n",
      "src/m.v": "Require A.slow.\nRequire Coq.ax.\nTheorem t : 1 = 2. Proof. destruct Coq.ax.bad. Qed.\n",
    });
    expect(of("src/m.v").outcome.kind).not.toBe("compiled");
    expect(of("src/m.v").theorems).toEqual({});
  });

  it("checks that were switched off are assumptions", async () => {
    const { of, status } = await check({
      "g.v":
        "Unset Guard Checking.\nFixpoint f (n : nat) : False := f n.\nLemma bad : False. Proof. exact (f 0). Qed.\n",
    });
    expect(status("g.v", "bad")).toBe("Conditional");
    expect(of("g.v").theorems.bad?.assumptions[0]?.kind).toBe("unsafe");
  });

  it("statements that say nothing, and a computation that is a legitimate witness", async () => {
    const { of } = await check({
      "v.v": `Theorem yes : True. Proof. exact I. Qed.
Theorem same : forall n : nat, n = n. Proof. reflexivity. Qed.
Theorem given : forall P : Prop, P -> P. Proof. auto. Qed.
Theorem four : 2 + 2 = 4. Proof. reflexivity. Qed.
Axiom big : forall n : nat, n < 100.
Theorem again : forall n : nat, n < 100. Proof. exact big. Qed.
Theorem real : forall n m : nat, n + m = m + n. Proof. intros n m. induction n as [|n IH]; simpl. apply plus_n_O. rewrite IH. apply plus_n_Sm. Qed.
`,
    });
    const kinds = Object.values(of("v.v").theorems).map(({ name, vacuity }) => [name, vacuity[0]?.reason]);
    expect(Object.fromEntries(kinds)).toEqual({
      yes: "true",
      same: "reflexive",
      given: "restates-hypothesis",
      four: "closed-computation",
      big: undefined,
      again: "restates-axiom",
      real: undefined,
    });
  });

  it("a file that fails, how far it was accepted, and what needs it", async () => {
    const { of } = await check({
      _CoqProject: "-R . F\n",
      "bad.v":
        "(* Ελληνικά *)\nLemma ok : 1 = 1. Proof. reflexivity. Qed.\nLemma λx : 1 = 2. Proof. reflexivity. Qed.\n",
      "needs.v": "Require Import F.bad.\nLemma a : 1 = 1. Proof. exact ok. Qed.\n",
    });
    const { outcome } = of("bad.v");
    expect(outcome).toMatchObject({ kind: "failed", acceptedUpToLine: 2 });
    // Coq counts bytes, the editor UTF-16 units.
    const line = "Lemma λx : 1 = 2. Proof. reflexivity. Qed.";
    const start = outcome.kind === "failed" ? outcome.place?.range.start : undefined;
    expect(start).toEqual({ line: 2, character: line.indexOf("reflexivity") });
    expect(of("needs.v").outcome).toEqual({ kind: "dependency", path: "bad.v" });
  });

  it("what coqc says names paths of the folder, not of the place where it was compiled", async () => {
    const { folder, of } = await check({ "p/open.v": "Lemma a : 1 = 1. Proof.\n", "ill.v": "Lemma b : 1 = x.\n" });
    const messageOf = (path: string) => {
      const { outcome } = of(path);
      return outcome.kind === "failed" ? outcome.message : outcome.kind;
    };
    expect(messageOf("p/open.v")).toMatch(/ p\/open\.v\b/);
    expect(messageOf("p/open.v") + messageOf("ill.v")).not.toContain(folder.cache);
    expect(of("ill.v").outcome).toMatchObject({ place: { path: "ill.v", range: { start: { line: 0 } } } });
  });

  it("a long line before an error takes no long time", async () => {
    const text = `Check nat. (* fine *)\n(* "${". (* ".repeat(80_000)}"\n*)\nCheck nope.\n`;
    const started = performance.now();
    const { of } = await check({ "long.v": text });
    expect(of("long.v").outcome).toMatchObject({ kind: "failed", acceptedUpToLine: 1 });
    expect(performance.now() - started).toBeLessThan(6000);
  });

  it("a byte order mark, CRLF and Greek compile; Verilog is left alone", async () => {
    const { facts, status } = await check({
      "crlf.v": "Lemma a : 1 = 1.\r\nProof.\r\nreflexivity.\r\nQed.\r\n",
      "greek.v": "Lemma φ' : forall ν : nat, ν + 0 = ν. Proof. intro ν. rewrite <- plus_n_O. reflexivity. Qed.\n",
      "chip.v": "module top(input clk, output reg q);\nalways @(posedge clk) q <= ~q;\nendmodule\n",
    });
    expect(status("crlf.v", "a")).toBe("Proven");
    expect(status("greek.v", "φ'")).toBe("Proven");
    expect([...facts.keys()]).not.toContain("chip.v");
  });

  it("files of one name in two folders are two files", async () => {
    const { of, status } = await check({
      "a/x.v": "Lemma one : 1 + 0 = 1. Proof. reflexivity. Qed.\n",
      "b/x.v": "Lemma one : 1 = 2. Admitted.\n",
    });
    expect([status("a/x.v", "one"), status("b/x.v", "one")]).toEqual(["Proven", "Admitted"]);
    expect(of("a/x.v").sourceSha256).not.toBe(of("b/x.v").sourceSha256);
  });

  it("names that every object has are names like others", async () => {
    const proof = "forall n : nat, n + 0 = n. Proof. induction n; simpl; congruence. Qed.";
    const text = `Module Type T. Parameter toString : nat. End T. Theorem __proto__ : ${proof} Theorem valueOf : ${proof}\n`;
    const { folder, facts, status } = await check({ "a.v": text });
    expect([status("a.v", "__proto__"), status("a.v", "valueOf")]).toEqual(["Proven", "Proven"]);
    const scan = scanProof("a.v", text);
    const found = judgeFolder({
      folder: folder.folder,
      assertions: [],
      scans: [scan],
      facts,
      sources: new Map([["a.v", facts.get("a.v")?.sourceSha256 ?? ""]]),
      unknownBecause: () => "not-asked",
      prover: { name: "coqc" },
      checking: false,
      unread: () => ({ kind: "missing" }),
    });
    const theorems = found.proofFiles.flatMap((file) => file.theorems);
    expect(theorems.map(({ name, status: one }) => [name, one])).toEqual([
      ["toString", "Admitted"],
      ["__proto__", "Proven"],
      ["valueOf", "Proven"],
    ]);
  });

  it("theorems of functors and failed sentences do not hide the others", async () => {
    const { status } = await check({
      "m.v": `Module Type T. Axiom a : False. End T.
Module F (X : T). Lemma inF : 1 = 2. Proof. destruct X.a. Qed. End F.
Fail Lemma nope : undefined.
Example shown : forall n : nat, n <= n. Proof. auto. Qed.
`,
    });
    expect(status("m.v", "shown")).toBe("Proven");
  });
});

describe.skipIf(prover === null)(needsCoq("a proof file is a program"), { timeout: 60_000 }, () => {
  it("one that runs for ever is ended, and is not known rather than broken", async () => {
    const { of } = await check({ "loop.v": "Goal True. repeat (pose 1). Abort.\n" }, { limits: { buildMs: 1500 } });
    expect(of("loop.v").outcome).toEqual({ kind: "timeout", limitMs: 1500, during: "build" });
  });

  it("one that prints without end is ended", async () => {
    const text = 'Ltac go := idtac "0123456789012345678901234567890123456789"; go.\nGoal True. go. Abort.\n';
    const { of } = await check({ "print.v": text }, { limits: { outputBytes: 200_000 } });
    expect(of("print.v").outcome).toMatchObject({ kind: "crashed" });
  });

  it("a notation that makes a comment out of nothing writes no file", async () => {
    const place = new ProofFolder({});
    const text = `Notation "#( x )" := x (at level 0, x at level 200).
Notation "* x" := x (at level 39, x at level 39, only parsing).
Check #(* 1 ).
Redirect "${place.folder}/out" Print nat.
(* *) Check 1 *).
`;
    keep(place);
    const { of } = await check({ "r.v": text });
    expect(readdirSync(place.folder)).toEqual([]);
    expect(of("r.v").outcome).toMatchObject({ kind: "refused", sentence: expect.stringContaining("Redirect") });
  });

  it.each(['Redirect "out" Check nat.', 'Declare ML Module "x".', "Load other.", 'Cd "/tmp".'])(
    "%s is refused with the reason",
    async (sentence) => {
      const { of } = await check({ "r.v": `${sentence}\n` });
      expect(of("r.v").outcome).toMatchObject({ kind: "refused" });
    },
  );

  it("an aborted check ends its provers", async () => {
    const aborter = new AbortController();
    setTimeout(() => aborter.abort(), 500);
    const { facts } = await check({ "loop.v": "Goal True. repeat (pose 1). Abort.\n" }, { signal: aborter.signal });
    expect(facts.size).toBe(0);
  });
});

describe.skipIf(prover === null)(needsCoq("the cache"), { timeout: 60_000 }, () => {
  const files = {
    _CoqProject: "-R . C\n",
    "one.v": "Lemma base : forall n : nat, n <= S n. Proof. auto. Qed.\n",
    "two.v": "Require Import C.one.\nLemma top : 1 <= 2. Proof. apply base. Qed.\n",
  };

  it("answers again without Coq, and forgets what a change reaches", async () => {
    const folder = new ProofFolder(files);
    const first = await check(folder);
    const second = await check(folder);
    expect(second.of("two.v")).toEqual(first.of("two.v"));
    folder.write("one.v", files["one.v"].replace("Proof. auto. Qed.", "Admitted."));
    const third = await check(folder);
    expect(third.status("two.v", "top")).toBe("Conditional");
    folder.write("one.v", files["one.v"]);
    expect((await check(folder)).of("two.v").checkedAt).toBe(first.of("two.v").checkedAt);
    expect((await check(folder, { again: true })).of("two.v").checkedAt).not.toBe(first.of("two.v").checkedAt);
  });

  it.skipIf(process.platform === "win32")("a pipe or a link in a proof's place is not opened", async () => {
    const folder = new ProofFolder({ "a.v": "Lemma a : 1 = 1. Proof. reflexivity. Qed.\n" });
    execFileSync("mkfifo", [join(folder.folder, "pipe.v")]);
    symlinkSync("a.v", join(folder.folder, "link.v"));
    expect(await readProofBytes(folder.folder, "pipe.v")).toBeNull();
    expect(await readProofBytes(folder.folder, "link.v")).toBeNull();
    expect((await readProofBytes(folder.folder, "a.v"))?.length).toBe(42);
    folder.remove();
  });

  it("a damaged entry is asked again", async () => {
    const folder = new ProofFolder(files);
    await check(folder);
    const facts = join(folder.cache, "facts");
    for (const entry of readdirSync(facts, { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) writeFileSync(join(entry.parentPath, entry.name), '{"key": 1, "fac');
    }
    expect((await check(folder)).status("two.v", "top")).toBe("Proven");
  });
});

describe("finding the prover", () => {
  const script = (text: string): string => {
    const folder = new ProofFolder({ coqc: `#!/bin/sh\n${text}\n` });
    keep(folder);
    chmodSync(join(folder.folder, "coqc"), 0o755);
    return join(folder.folder, "coqc");
  };

  it.skipIf(process.platform === "win32")("none, too old, no program, one that hangs up", async () => {
    const find = (setting: string, PATH = "") => findProver({ PATH }, process.platform, setting);
    const results = await Promise.all([
      find(""),
      find("", "relative:also/relative"),
      find("coqc"),
      find("/nowhere/coqc"),
      find(script('echo "The Coq Proof Assistant, version 8.4pl6"')),
      find(script("kill -SEGV $$")),
      find(script("exit 3")),
    ]);
    for (const result of results) {
      expect(result).toMatchObject({ missing: "no-prover", wayOut: expect.stringContaining("Install Coq") });
    }
    const causes = results.map((result) => ("missing" in result ? result.cause : "found"));
    expect(causes.slice(0, 2)).toEqual([null, null]);
    const words = [
      "is not an absolute path",
      "cannot be executed",
      "is version 8.4pl6",
      "did not tell",
      "did not tell",
    ];
    for (const [i, cause] of causes.slice(2).entries()) {
      expect(cause).toContain(words[i]);
      // The way out is another sentence.
      expect(cause).toMatch(/\.$/);
      expect(cause).not.toContain("Install");
    }
  });

  it.skipIf(process.platform === "win32")(
    "a prover that fails in the middle is no verdict about the proof",
    async () => {
      const path = script('case "$1" in --version) echo "version 8.16.1";; *) kill -SEGV $$;; esac');
      const found = await findProver({}, process.platform, path);
      if ("missing" in found) throw new Error(found.wayOut);
      const { of } = await check({ "a.v": "Lemma a : 1 = 1. Proof. reflexivity. Qed.\n" }, { prover: found });
      expect(of("a.v").outcome.kind).toBe("crashed");
    },
  );
});
