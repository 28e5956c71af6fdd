import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { needsCoq, prover } from "../prover/coq.ts";
import { Workspace } from "./igla.ts";

/** Root is stopped by no permission, so it looks as nobody; that needs a repository that others may read. */
const isRoot = process.getuid?.() === 0;
const nobody = { uid: 65534, gid: 65534 };
const dist = fileURLToPath(new URL("../../dist/igla.js", import.meta.url));
const canBeOther = !isRoot || spawnSync(process.execPath, [dist, "--version"], nobody).status === 0;

let workspace: Workspace;
beforeAll(() => {
  workspace = new Workspace();
  for (const folder of ["fine", "over", "empty"]) mkdirSync(join(workspace.folder, folder));
  const proof = `Theorem good : forall n : nat, n + 0 = n. Proof. intro n. rewrite <- plus_n_O. reflexivity. Qed.
Theorem gap : forall n : nat, n <= n * n. Admitted.
`;
  const claims = (status: string) =>
    JSON.stringify({
      invariants: [
        { id: "INV-1", coq_theorem: "good", coq_file: "a.v", status: "Proven" },
        { id: "INV-2", coq_theorem: "gap", coq_file: "a.v", status },
      ],
    });
  for (const [folder, status] of [
    ["fine", "Admitted"],
    ["over", "Proven"],
  ] as const) {
    workspace.write(`${folder}/a.v`, proof);
    workspace.write(`${folder}/igla_assertions.json`, claims(status));
  }
});
afterAll(() => workspace.close());

describe.skipIf(prover === null)(needsCoq("igla invariants check"), () => {
  it("exit 0 when every claim holds, with filled marks", async () => {
    const { code, out } = await workspace.run("invariants", "check", "fine");
    expect(code).toBe(0);
    expect(out).toMatch(/INV-1\s+Proven\s+● Proven\s+good/);
    expect(out).toMatch(/INV-2\s+Admitted\s+● Admitted/);
    expect(out).toContain("2 as claimed · 0 claimed beyond what Coq says");
  });

  it("exit 1 on an over-claim, with file, line and column of the word", async () => {
    const { code, document } = await workspace.json("invariants", "check", "over");
    expect(code).toBe(1);
    expect(document.summary).toEqual({ invariants: 2, matches: 1, overClaims: 1, underClaims: 0, open: 0, unknown: 0 });
    const [good, gap] = document.invariants;
    expect(good).toMatchObject({ id: "INV-1", claimed: "Proven", status: "Proven", theorem: "good", file: "a.v" });
    expect(good.evidence).toMatchObject({ level: "coqc", sourceSha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(gap).toMatchObject({ status: "Admitted", verdict: "over-claim", assumptions: [], marks: [] });
    expect(gap.reasons[0]).toMatchObject({ code: "over-claim", severity: "error", place: gap.place });
    expect(gap.reasons[0].related[0].place).toMatchObject({ path: "a.v", range: { start: { line: 1 } } });
  });
});

describe("igla init", () => {
  it("writes a folder whose claims the text does not contradict, once", async () => {
    const first = await workspace.json("init", "starter");
    expect(first.code).toBe(0);
    expect(first.document.files).toContain("assertions/igla_assertions.json");
    const { code, document } = await workspace.json("invariants", "check", "starter", "--no-coq");
    expect(code).toBe(0);
    expect(document.summary.invariants).toBeGreaterThan(5);
    const again = await workspace.run("init", "starter");
    expect(again.code).toBe(1);
    expect(again.err).toContain("Already there: race.igla.toml");
  });
});

describe("igla invariants check without a prover", () => {
  it("--no-coq: bad news from the text, good news unknown, and hollow marks only", async () => {
    const { code, out } = await workspace.run("invariants", "check", "over", "--no-coq");
    expect(code).toBe(1);
    expect(out).not.toContain("●");
    expect(out).toMatch(/INV-1\s+Proven\s+○ not known \(switched-off\)/);
    expect(out).toMatch(/INV-2\s+Proven\s+○ Admitted/);
    expect((await workspace.run("invariants", "check", "fine", "--no-coq")).code).toBe(0);
  });

  it("a prover that is not there says what to do", async () => {
    const { code, out } = await workspace.run("invariants", "check", "fine", "--prover", "/nowhere/coqc");
    expect(code).toBe(0);
    expect(out).toContain("/nowhere/coqc cannot be executed. Install Coq");
  });

  it.each([
    ["nothing", ""],
    ["garbage", "claims"],
    ["a list at the root", '[{ "id": "INV-1", "coq_theorem": "good", "coq_file": "a.v", "status": "Proven" }]'],
    ["an id used twice", '{ "invariants": [{ "id": "A", "status": "wip" }, { "id": "A", "status": "wip" }] }'],
  ])("exit 1, in words and as a document, for an assertion file that holds %s", async (what, text) => {
    const folder = what.replaceAll(" ", "-");
    mkdirSync(join(workspace.folder, folder));
    workspace.write(`${folder}/igla_assertions.json`, text);
    const { code, document } = await workspace.json("invariants", "check", folder, "--no-coq");
    expect(code).toBe(1);
    const [{ path, reasons }] = document.files;
    expect([path, reasons[0].severity]).toEqual(["igla_assertions.json", "error"]);
    const words = await workspace.run("invariants", "check", folder, "--no-coq");
    expect(words.code).toBe(1);
    expect(words.out).toContain(`[${reasons[0].code}]`);
    expect(words.out).toContain(`errors in assertion files: ${reasons.length}`);
  });

  it.skipIf(process.platform === "win32")("exit 1 for an assertion file that is a link, which is named", async () => {
    mkdirSync(join(workspace.folder, "linked"));
    symlinkSync("../over/igla_assertions.json", join(workspace.folder, "linked/igla_assertions.json"));
    const { code, document } = await workspace.json("invariants", "check", "linked", "--no-coq");
    expect(code).toBe(1);
    expect(document.files[0].reasons).toMatchObject([{ code: "assertions-not-read" }]);
    expect(document.leftOut).toEqual(["igla_assertions.json is a link, which is not followed"]);
  });

  it.skipIf(process.platform === "win32" || !canBeOther)(
    "exit 2 and the way out for a folder that cannot be read (skipped on Windows, and for root where others cannot read this repository)",
    async () => {
      const outer = mkdtempSync(join(tmpdir(), "igla-closed-"));
      const inner = join(outer, "inner");
      mkdirSync(inner);
      try {
        chmodSync(workspace.folder, 0o755);
        if (isRoot) workspace.identity = nobody;
        // It may be entered, not listed; then not even its parent may be entered.
        chmodSync(outer, 0o755);
        chmodSync(inner, 0o311);
        for (const [folder, mode] of [
          [inner, 0o755],
          [inner, 0o600],
        ] as const) {
          chmodSync(outer, mode);
          const { code, out, err } = await workspace.run("invariants", "check", folder, "--no-coq");
          expect([code, out]).toEqual([2, ""]);
          expect(err).toContain(`error invariants.not-readable ${folder}`);
          expect(err).toContain("permission denied");
          expect(err).toContain("way out: Give yourself the right to list and to enter it");
        }
      } finally {
        workspace.identity = {};
        chmodSync(outer, 0o755);
        chmodSync(inner, 0o755);
        rmSync(outer, { recursive: true, force: true });
      }
    },
  );

  it("an empty folder, a missing folder, a file", async () => {
    expect(await workspace.run("invariants", "check", "empty", "--no-coq")).toMatchObject({ code: 0 });
    const missing = await workspace.run("invariants", "check", "nowhere");
    expect(missing).toMatchObject({ code: 2, out: "" });
    expect(missing.err).toContain("invariants.no-folder");
    expect((await workspace.run("invariants", "check", "text.txt")).err).toContain("This is a file");
  });
});
