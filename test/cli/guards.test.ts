/** Pre-flight on the command line: the same race file with an assertion file beside it. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { needsCoq, prover } from "../prover/coq.ts";
import { tinyRace, Workspace } from "./igla.ts";

let workspace: Workspace;
beforeAll(() => {
  workspace = new Workspace();
  for (const folder of ["assertions", "proofs"]) mkdirSync(join(workspace.folder, folder));
  workspace.write("proofs/a.v", "Theorem gap : forall n : nat, n <= n * n. Admitted.\n");
});
afterAll(() => workspace.close());

const guard = (action: string, id = "INV-8") =>
  workspace.write(
    "assertions/igla_assertions.json",
    JSON.stringify({
      invariants: [
        {
          id,
          coq_theorem: "gap",
          coq_file: "proofs/a.v",
          status: "Proven",
          runtime_check: { action, message: "Rates outside of the band diverge." },
        },
      ],
    }),
  );

const finding = "INV-8: Rates outside of the band diverge. optimizer.lr can be 0.001, outside of [0.002, 0.007].";

describe("igla race beside an assertion file", () => {
  it("abort: no race starts; code, reason, theorem and way out are told", async () => {
    guard("abort");
    const { code, err, out } = await workspace.run("race", "tiny.igla.toml");
    expect(code).toBe(1);
    expect(out).toBe("");
    // Nothing is said of a text on which nothing will be trained.
    expect(err).not.toContain("corpus ");
    expect(err).toContain("error race.guarded tiny.igla.toml:19:7");
    expect(err).toContain(`${finding} Theorem gap in proofs/a.v is Admitted.`);
    expect(err).toContain("way out: Change the key that the message names");
    const { document } = await workspace.json("race", "tiny.igla.toml");
    expect(document.errors).toMatchObject([{ code: "race.guarded", place: "tiny.igla.toml:19:7" }]);
    expect((await workspace.json("status")).document.races).toEqual([]);
  });

  it("hard_penalty: it runs, marked, and ranks behind a race without a penalty", async () => {
    guard("hard_penalty");
    const { code, out, err } = await workspace.run("race", "tiny.igla.toml", "--json");
    expect(code).toBe(0);
    expect(err).toContain(finding);
    expect(err).toContain("penalised: its trials rank behind those of all other races");
    expect(JSON.parse(out).guards).toMatchObject([{ id: "INV-8", outcome: "violated", key: "optimizer.lr" }]);
    const kept = tinyRace({ name: "kept" }).replace("log = [0.001, 0.03]", "log = [0.002, 0.0021]");
    workspace.write("kept.igla.toml", kept);
    const second = await workspace.run("race", "kept.igla.toml", "--json");
    expect(second.err).toContain("invariants: kept INV-8 (Admitted)");
    const { rows } = (await workspace.json("leaderboard")).document;
    const races = rows.map(({ raceId }: { raceId: string }) => raceId);
    expect(races).toEqual([...Array(races.indexOf("r1")).fill("r2"), ...Array(6).fill("r1")]);
    expect(races).toContain("r2");
    expect((await workspace.run("leaderboard")).out).toMatch(/r1-t\d+ .*completed, penalised/);
    expect((await workspace.run("status")).out).toContain("tiny (Every trial has run its course.; breaks INV-8)");
  });

  it("warn: it runs, and the finding stands above the leaderboard", async () => {
    guard("warn");
    const { code, err } = await workspace.run("race", "tiny.igla.toml", "--budget-steps", "100");
    expect(code).toBe(0);
    expect(err).toContain(`tiny.igla.toml:19:7: ${finding}`);
    expect(err).not.toContain("penalised");
  });

  it("a broken assertion file is named with line and column", async () => {
    workspace.write("assertions/igla_assertions.json", '{\n  "invariants": [}');
    const { code, err } = await workspace.run("race", "tiny.igla.toml");
    expect(code).toBe(1);
    expect(err).toContain("error race.bad-assertions");
    expect(err).toContain("assertions/igla_assertions.json:2:18: The JSON is broken here");
  });

  it.skipIf(prover === null)(needsCoq('require = "proven" asks Coq'), { timeout: 60_000 }, async () => {
    guard("warn");
    workspace.write("strict.igla.toml", `${tinyRace({ name: "strict" })}\n[invariants]\nrequire = "proven"\n`);
    const admitted = await workspace.run("race", "strict.igla.toml");
    expect(admitted.code).toBe(1);
    expect(admitted.err).toContain("Coq is asked what guards the race");
    expect(admitted.err).toContain("error race.unproven");
    expect(admitted.err).toMatch(/error race\.unproven strict\.igla\.toml:24:11\n/);
    expect(admitted.err).toContain("assertions/igla_assertions.json:1:16 INV-8: gap in proofs/a.v is Admitted.");
    const command = `igla invariants check ${workspace.folder}`;
    const wayOut = `Run \`${command}\`, mend the proofs that it names, or write require = "none" at strict.igla.toml:24:11.`;
    expect(admitted.err).toContain(`way out: ${wayOut}`);
    expect(admitted.err).not.toContain("corpus ");
    const proof = "intro n. destruct n; [constructor | apply PeanoNat.Nat.le_add_r]. Qed.";
    workspace.write("proofs/a.v", `Require Import Arith.\nTheorem gap : forall n : nat, n <= n * n. ${proof}\n`);
    const proven = await workspace.json("race", "strict.igla.toml", "--budget-steps", "100");
    expect(proven.document.guards).toMatchObject([{ outcome: "violated", theorem: { status: "Proven" } }]);
    expect(proven.code).toBe(0);
  });
});
