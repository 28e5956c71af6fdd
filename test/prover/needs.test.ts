import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { findProver, type Prover } from "../../daemon/prover/find-prover.ts";
import { check, keep, removeFolders } from "./check.ts";
import { needsCoq, ProofFolder, prover } from "./coq.ts";

afterEach(removeFolders);

const gap = "Lemma gap : forall n : nat, n <= S n.";
const proven = `${gap} Proof. auto. Qed.\n`;
const admitted = `${gap} Admitted.\n`;
const loops = "Goal True. repeat (pose 1). Abort.\n";

/** The real tools behind a script that sees each call. */
async function wrapped(scripts: Readonly<Record<string, string>>): Promise<Prover> {
  const folder = new ProofFolder({});
  keep(folder);
  const real = prover as Prover;
  const tools = { coqc: real.compile[0], coqdep: real.depend[0], coqchk: real.check[0] };
  for (const [name, tool] of Object.entries(tools)) {
    folder.write(name, `#!/bin/sh\n${scripts[name] ?? ""}\nexec ${tool} "$@"\n`);
    chmodSync(join(folder.folder, name), 0o755);
  }
  const found = await findProver({}, process.platform, join(folder.folder, "coqc"));
  if ("missing" in found) throw new Error(found.wayOut);
  return found;
}

describe.skipIf(prover === null)(needsCoq("what a file needs"), { timeout: 60_000 }, () => {
  it.each([
    ["a bullet", "Lemma far : 3 <= 4. Proof. - Require Import B. apply gap. Qed."],
    ["braces", "Lemma far : 3 <= 4. Proof. { Require B. apply B.gap. } Qed."],
    ["a selector", "Lemma far : 3 <= 4. Proof. 1: { Time Require B. apply B.gap. } Qed."],
    ["Succeed", "Succeed Require B. Require Export B. Lemma far : 3 <= 4. Proof. apply gap. Qed."],
    ["attributes", "#[] Require Import B. Lemma far : 3 <= 4. Proof. apply gap. Qed."],
    ["categories", "Require Import -(notations) B. Lemma far : 3 <= 4. Proof. apply gap. Qed."],
  ])("behind %s a Require counts: a change there is not missed", async (_, text) => {
    const folder = new ProofFolder({ "A.v": `${text}\n`, "B.v": proven });
    const first = await check(folder);
    expect(first.status("A.v", "far"), JSON.stringify(first.of("A.v").outcome)).toBe("Proven");
    expect(first.of("A.v").needs.map(({ path }) => path)).toEqual(["B.v"]);
    folder.write("B.v", admitted);
    expect((await check(folder)).status("A.v", "far")).toBe("Conditional");
  });

  it("a library that only Coq knows to be loaded is named, and nothing that rests on it is kept", async () => {
    // A coqdep that says nothing, and a text whose only Require is hidden from the scanner.
    const folder = new ProofFolder({ "A.v": "Lemma a : 1 = 1. Proof. reflexivity. Qed.\n", "B.v": proven });
    const hides = await wrapped({
      coqc: `for last; do :; done
case "$last" in */A.v) printf 'Require B. Lemma far : 3 <= 4. Proof. apply B.gap. Qed.' > "$last"; sleep 1;; esac`,
    });
    const { of } = await check(folder, { prover: hides });
    expect(of("A.v").needs.map(({ path }) => path)).toEqual(["B.v"]);
    const again = await check(folder, { prover: hides });
    expect(again.of("A.v").checkedAt).not.toBe(of("A.v").checkedAt);
    expect(again.of("B.v").checkedAt).toBe(of("B.v").checkedAt);
  });

  it("an axiom whose meaning Coq does not tell is none of the standard library, whatever it looks like", async () => {
    const folder = new ProofFolder({
      _CoqProject: "-R x X\n",
      "x/Coq.v": "Axiom bad : False.\n",
      "x/m.v": "Require X.Coq.\nTheorem t : 1 = 2. Proof. destruct X.Coq.bad. Qed.\n",
    });
    const silent = await wrapped({
      coqc: 'for last; do :; done; grep -q "Print Assumptions" "$last" || case "$last" in */Igla_query_*) : > "$last";; esac',
    });
    const { of, status } = await check(folder, { prover: silent });
    expect(of("x/m.v").theorems.t?.assumptions).toMatchObject([{ qualifiedName: "Coq.bad", kind: "project-axiom" }]);
    expect(status("x/m.v", "t")).toBe("Conditional");
  });

  it("one file that coqdep cannot read does not take the needs of the others away", async () => {
    const folder = new ProofFolder({
      _CoqProject: "-R . P\n",
      "one.v": proven,
      "two.v": "From P Require Import one.\nLemma far : 3 <= 4. Proof. apply gap. Qed.\n",
      "half.v": 'From P Require Import one two "\n',
      "user.v": "Require Import P.half.\n",
      "zero.v": "Require Import P.two.\nLemma last : 3 <= 4. Proof. exact far. Qed.\n",
    });
    const { of, status } = await check(folder);
    expect(of("half.v").outcome.kind).toBe("failed");
    expect(of("user.v").outcome).toEqual({ kind: "dependency", path: "half.v" });
    expect(status("zero.v", "last")).toBe("Proven");
    expect(of("zero.v").needs.map(({ path }) => path)).toEqual(["two.v", "one.v"]);
    folder.write("one.v", admitted);
    expect((await check(folder)).status("zero.v", "last")).toBe("Conditional");
  });

  it("without any answer of coqdep the text is enough", async () => {
    const folder = new ProofFolder({
      "A.v": "Require Import B.\nLemma far : 3 <= 4. Proof. apply gap. Qed.\n",
      "B.v": proven,
    });
    const mute = await wrapped({ coqdep: "exit 1" });
    expect((await check(folder, { prover: mute })).status("A.v", "far")).toBe("Proven");
    folder.write("B.v", admitted);
    expect((await check(folder, { prover: mute })).status("A.v", "far")).toBe("Conditional");
  });

  it("a name that only looks like a file of the folder breaks nothing", async () => {
    const { of, status } = await check({
      _CoqProject: "-Q x X\n",
      // Coq's own Le, not X.Le, which does not compile; and a circle of names that is none.
      "x/A.v": "Require Import Coq.Arith.Le.\nFrom Coq Require Import Lt.\nLemma a : 1 = 1. Proof. reflexivity. Qed.\n",
      "x/B.v": "Require Import Le.\nLemma b : 1 = 1. Proof. reflexivity. Qed.\n",
      "x/Le.v": "Lemma wrong : 1 = 2. Proof. reflexivity. Qed.\n",
    });
    expect(of("x/Le.v").outcome.kind).toBe("failed");
    expect([status("x/A.v", "a"), of("x/B.v").outcome.kind]).toEqual(["Proven", "compiled"]);
  });

  it("files that need each other are told so by Coq", async () => {
    const { of } = await check({ "a.v": "Require b.\n", "b.v": "Require a.\n", "c.v": "Require a.\n" });
    expect(["a.v", "b.v", "c.v"].map((path) => of(path).outcome.kind).sort()).not.toContain("compiled");
  });
});

describe.skipIf(prover === null)(needsCoq("what is not known"), { timeout: 60_000 }, () => {
  const uses = (name: string) => `Require Import ${name}.\nLemma a : 1 = 1. Proof. reflexivity. Qed.\n`;

  it("a file whose need took too long is not known, and is asked again", async () => {
    const folder = new ProofFolder({ "slow.v": loops, "next.v": uses("slow"), "last.v": uses("next") });
    const { of } = await check(folder, { limits: { buildMs: 1500 } });
    const held = { kind: "held-up", path: "slow.v", because: "timeout" };
    expect([of("next.v").outcome, of("last.v").outcome]).toEqual([held, held]);
    const again = await check(folder, { limits: { buildMs: 1500 } });
    expect(again.of("last.v").checkedAt).not.toBe(of("last.v").checkedAt);
  });

  it("a need that was refused leaves its users unknown; one that fails makes them broken", async () => {
    const { of } = await check({
      "bad.v": 'Redirect "out" Check nat.\n',
      "next.v": uses("bad"),
      "wrong.v": "Lemma wrong : 1 = 2. Proof. reflexivity. Qed.\n",
      "after.v": uses("wrong"),
      "last.v": uses("after"),
    });
    expect(of("next.v").outcome).toEqual({ kind: "held-up", path: "bad.v", because: "refused" });
    expect(of("last.v").outcome).toEqual({ kind: "dependency", path: "wrong.v" });
  });
});

describe.skipIf(prover === null)(needsCoq("what lies elsewhere"), { timeout: 60_000 }, () => {
  it("a folder beside the project's, and one below it without a project file", async () => {
    const user = "Lemma far : 3 <= 4. Proof. apply gap. Qed.\n";
    const { status } = await check({
      "main/_CoqProject": "-R . Main\n-Q ../vendor Vendor\n",
      "main/A.v": `From Vendor Require Import B.\n${user}`,
      "vendor/B.v": proven,
      "plain/C.v": `Require Import sub.B.\n${user}`,
      "plain/sub/B.v": admitted,
    });
    expect([status("main/A.v", "far"), status("plain/C.v", "far")]).toEqual(["Proven", "Conditional"]);
    expect([status("vendor/B.v", "gap"), status("plain/sub/B.v", "gap")]).toEqual(["Proven", "Admitted"]);
  });

  it("an installed library that changes makes what was found out old", async () => {
    const place = new ProofFolder({});
    keep(place);
    const installed = join(place.folder, "theories");
    mkdirSync(installed);
    const library = join(installed, "x.vo");
    writeFileSync(library, "1");
    const other = await wrapped({ coqc: `case "$1" in -where) echo ${installed}; exit;; esac` });
    const folder = new ProofFolder({ "B.v": proven });
    const first = await check(folder, { prover: other });
    expect((await check(folder, { prover: other })).of("B.v").checkedAt).toBe(first.of("B.v").checkedAt);
    writeFileSync(library, "12");
    const second = await check(folder, { prover: other });
    expect(second.of("B.v").checkedAt).not.toBe(first.of("B.v").checkedAt);
    rmSync(library);
    expect((await check(folder, { prover: other })).of("B.v").checkedAt).not.toBe(second.of("B.v").checkedAt);
  });

  it("nothing is kept when the prover does not say where its libraries are", async () => {
    const other = await wrapped({ coqc: 'case "$1" in -where) exit 1;; esac' });
    const folder = new ProofFolder({ "B.v": proven });
    const first = await check(folder, { prover: other });
    expect((await check(folder, { prover: other })).of("B.v").checkedAt).not.toBe(first.of("B.v").checkedAt);
  });
});

describe.skipIf(prover === null)(needsCoq("the deep check"), { timeout: 60_000 }, () => {
  const folder = () => new ProofFolder({ "B.v": proven });

  it("accepts what is proven", async () => {
    const { of } = await check(folder(), { deep: true });
    expect(of("B.v").deepCheck).toMatchObject({ verdict: "accepted" });
  });

  it("a rejection is kept, and no status stands against it", async () => {
    const rejects = await wrapped({ coqchk: 'echo "Fatal Error: Type error: universe inconsistency" >&2; exit 1' });
    const given = folder();
    const { of } = await check(given, { deep: true, prover: rejects });
    expect(of("B.v").deepCheck).toEqual({ verdict: "rejected", detail: expect.stringContaining("universe") });
    expect((await check(given, { prover: rejects })).of("B.v").deepCheck?.verdict).toBe("rejected");
  });

  it.each([
    ["killed", "kill -SEGV $$"],
    ["out of memory", "echo Fatal error: out of memory >&2; exit 2"],
  ])("one that was %s says nothing, and is asked again", async (_, script) => {
    const fails = await wrapped({ coqchk: script });
    const given = folder();
    const first = await check(given, { deep: true, prover: fails });
    expect(first.of("B.v").deepCheck?.verdict).toBe("crashed");
    expect((await check(given, { prover: fails })).of("B.v").deepCheck).toBeNull();
  });
});
