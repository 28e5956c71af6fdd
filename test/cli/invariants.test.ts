import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { needsCoq, processesBelow, prover } from "../prover/coq.ts";
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

  it("--deep says on stderr how far it is, and the answer says what coqchk read", { timeout: 120_000 }, async () => {
    const { code, out, err } = await workspace.run("invariants", "check", "fine", "--deep");
    expect(code).toBe(0);
    expect(err).toMatch(/^coqc \S+ and coqchk: reading \S+fine \.\.\.\n.* 1 of 1 proof files, last a\.v\n$/);
    expect(out).toMatch(/^Checked by coqc \S+, and 1 of 1 proof files again by coqchk\.\n/);
    expect((await workspace.run("invariants", "check", "fine")).err).toBe("");
  });

  it.skipIf(process.platform !== "linux")("Ctrl-C ends the provers, too", { timeout: 60_000 }, async () => {
    mkdirSync(join(workspace.folder, "endless"));
    workspace.write("endless/a.v", "Ltac loop := idtac; loop.\nTheorem slow : 1 = 1. Proof. loop. Qed.\n");
    const { child, finished, untilErr } = workspace.start("invariants", "check", "endless", "--deep");
    await untilErr("reading");
    await expect.poll(() => processesBelow(workspace.folder).length, { timeout: 20_000 }).toBeGreaterThan(0);
    child.kill("SIGINT");
    const { code, out, err } = await finished;
    expect({ code, out }).toEqual({ code: 130, out: "" });
    expect(err).toContain("Interrupted: the provers were ended");
    expect(processesBelow(workspace.folder)).toEqual([]);
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

  it("tells what to type next, with a name that a shell takes for one word", async () => {
    const { out } = await workspace.run("init", "my race's");
    expect(out).toContain("`igla race 'my race'\\''s/race.igla.toml'`");
    expect(out).toContain("`igla invariants check 'my race'\\''s'`");
  });

  it.each([
    ["a file", "text.txt", /error cli\.not-a-folder \S+text\.txt\n {2}This is a file, not a folder/],
    ["a folder below a file", "text.txt/a/b", /error cli\.not-a-folder \S+text\.txt\n {2}This is a file/],
    ["an empty name", "", /error cli\.no-name DIR\n {2}The name of the folder is empty/],
  ])("refuses %s, with place, cause and way out", async (_, target, cause) => {
    const before = readdirSync(workspace.folder);
    const { code, out, err } = await workspace.run("init", target);
    expect(err).toMatch(cause);
    expect(err).toContain("way out: Name a");
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(readdirSync(workspace.folder)).toEqual(before);
  });

  it.skipIf(process.platform !== "linux")("ends where the system makes no folders", { timeout: 20_000 }, async () => {
    const { code, err } = await workspace.run("init", "/proc/igla/a/b");
    expect(code).toBe(1);
    expect(err).toMatch(/error cli\.read-only \/proc\/igla\n {2}This cannot be written: /);
  });
});

describe("the document of --json", () => {
  const readme = readFileSync(new URL("../../daemon/prover/README.md", import.meta.url), "utf8");
  /** Names in the first column of the table below a line. */
  const documented = (line: string): string[] => {
    const [, after = ""] = readme.split(`\n${line}\n`);
    const [table = ""] = after.split("|\n\n");
    return [...table.matchAll(/^\| (`.+?) \|/gm)]
      .flatMap(([, cell = ""]) => cell.replaceAll("`", "").split(", "))
      .sort();
  };

  it("has exactly the fields that the prover's README describes", async () => {
    const { document } = await workspace.json("invariants", "check", "over", "--no-coq");
    const [invariant] = document.invariants;
    const [proofFile] = document.proofFiles;
    expect(Object.keys(document).sort()).toEqual(documented("## The document of `igla invariants check --json`"));
    expect(Object.keys(invariant).sort()).toEqual(documented("### An invariant"));
    expect(Object.keys(proofFile).sort()).toEqual(documented("### A proof file"));
    expect(Object.keys(proofFile.theorems[0]).sort()).toEqual(documented("A theorem:"));
  });

  it("kept in the folder, it is left out of the next check, which says so", async () => {
    const { code, out } = await workspace.run("invariants", "check", "over", "--no-coq", "--json");
    expect(code).toBe(1);
    workspace.write("over/out.json", out);
    const again = await workspace.json("invariants", "check", "over", "--no-coq");
    const leftOut = ["out.json is a report of `igla invariants check --json`, not a file of claims"];
    expect(again.document).toEqual({ ...JSON.parse(out), leftOut });
    rmSync(join(workspace.folder, "over/out.json"));
  });

  it("is one of errors when the command fails", async () => {
    const { code, document } = await workspace.json("invariants", "check", "nowhere");
    expect(code).toBe(2);
    const error = { code: "invariants.no-folder", place: join(workspace.folder, "nowhere") };
    expect(document).toEqual({ errors: [{ ...error, message: expect.any(String), wayOut: expect.any(String) }] });
  });
});

describe("igla invariants check without a prover", () => {
  it("--no-coq: bad news from the text, good news unknown, and hollow marks only", async () => {
    const { code, out } = await workspace.run("invariants", "check", "over", "--no-coq");
    expect(code).toBe(1);
    expect(out).not.toContain("●");
    expect(out).toMatch(/INV-1\s+Proven\s+○ not known +good/);
    expect(out).toMatch(/INV-2\s+Proven\s+○ Admitted/);
    expect((await workspace.run("invariants", "check", "fine", "--no-coq")).code).toBe(0);
  });

  it("what every row would repeat is said once, and --no-coq is not advised against", async () => {
    const { out } = await workspace.run("invariants", "check", "fine", "--no-coq");
    expect(out.match(/--no-coq/g)).toHaveLength(1);
    expect(out).not.toMatch(/switched-off|was not checked|unchecked/);
    const { document } = await workspace.json("invariants", "check", "fine", "--no-coq");
    expect(document.invariants[0].marks).toEqual([{ kind: "unknown", reason: "switched-off" }]);
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

  it("what is broken by the text alone says how", async () => {
    const entry = (id: string, theorem: string, file = "a.v") =>
      ({ id, coq_theorem: theorem, coq_file: file, status: "Proven" }) as const;
    mkdirSync(join(workspace.folder, "broken"));
    workspace.write("broken/a.v", "Definition two := 2.\nTheorem begun : 1 = 1. Proof.\n");
    const entries = [entry("A", "x", "no.v"), entry("B", "x"), entry("C", "two"), entry("D", "begun")];
    workspace.write("broken/igla_assertions.json", JSON.stringify({ invariants: entries }));
    const { code, out } = await workspace.run("invariants", "check", "broken", "--no-coq");
    expect(code).toBe(1);
    const said = [...out.matchAll(/^[A-D] +Proven +○ (Broken \([^)]*\))/gm)].map(([, text]) => text);
    const ways = ["no such file", "no such theorem", "not a theorem", "its proof is not ended"];
    expect(said).toEqual(ways.map((way) => `Broken (${way})`));
    expect(out).toContain("D claims Proven, but the proof of begun is never ended.");
    expect(out).not.toContain("does not compile");
  });

  it.each([
    ["not there", "nowhere/coqc", /error invariants\.bad-prover --prover \S+nowhere\/coqc\n {2}There is no such file/],
    ["no program", "text.txt", /--prover \S+text\.txt\n {2}\S+text\.txt cannot be executed\.\n/],
    ["no prover", process.execPath, /error invariants\.bad-prover --prover [\s\S]* did not tell its version/],
    ["nothing", "", /It names no program/],
  ])("a named prover that is %s is refused, not passed over", async (_, path, cause) => {
    const { code, out, err } = await workspace.run("invariants", "check", "fine", "--prover", path);
    expect(err).toMatch(cause);
    expect(err).toContain("leave --prover out");
    expect(err).not.toMatch(/Install|igla\.proofs\.proverPath/);
    expect({ code, out }).toEqual({ code: 2, out: "" });
  });

  it("so is that of IGLA_PROVER, and doctor tells of it", async () => {
    workspace.env.IGLA_PROVER = "/nowhere/coqc";
    try {
      const { code, err } = await workspace.run("invariants", "check", "fine");
      expect(code).toBe(2);
      expect(err).toMatch(/error invariants\.bad-prover IGLA_PROVER \/nowhere\/coqc\n[\s\S]*unset IGLA_PROVER/);
      const { document } = await workspace.json("doctor");
      expect(document.ready).toBe(true);
      const coq = document.findings.find(({ id }: { id: string }) => id === "coq");
      expect(coq).toMatchObject({ status: "missing", summary: expect.stringContaining("IGLA_PROVER /nowhere/coqc") });
    } finally {
      delete workspace.env.IGLA_PROVER;
    }
  });

  it("without any prover the advice is one for the command line", async () => {
    const { PATH } = workspace.env;
    workspace.env.PATH = "";
    try {
      const { code, out } = await workspace.run("invariants", "check", "fine");
      expect(code).toBe(0);
      expect(out).toMatch(/^Not checked by Coq: Install Coq .* or name one by --prover or IGLA_PROVER\.$/m);
    } finally {
      workspace.env.PATH = PATH;
    }
  });

  it.skipIf(process.platform === "win32")("one in PATH that is too old is named, and what to do", async () => {
    mkdirSync(join(workspace.folder, "old"));
    workspace.write("old/coqc", "#!/bin/sh\necho 'The Coq Proof Assistant, version 8.4'\n");
    const old = join(workspace.folder, "old/coqc");
    chmodSync(old, 0o755);
    const { PATH } = workspace.env;
    workspace.env.PATH = join(workspace.folder, "old");
    const cause = `${old} is version 8.4; Igla needs 8.12 or newer.`;
    try {
      const { out } = await workspace.run("invariants", "check", "fine");
      expect(out).toContain(`Not checked by Coq: ${cause} Install Coq `);
      const { document } = await workspace.json("doctor");
      const coq = document.findings.find(({ id }: { id: string }) => id === "coq");
      expect(coq).toMatchObject({ summary: cause, wayOut: expect.stringMatching(/^Install Coq .*--prover/) });
    } finally {
      workspace.env.PATH = PATH;
    }
  });

  it("a folder that the paths do not fit names the one that they fit", async () => {
    for (const folder of ["around", "around/inner", "around/inner/assertions"])
      mkdirSync(join(workspace.folder, folder));
    workspace.write("around/inner/a.v", "Theorem good : 1 = 1. Proof. reflexivity. Qed.\n");
    const entry = { id: "INV-1", coq_theorem: "good", coq_file: "./a.v", status: "Proven" };
    workspace.write("around/inner/assertions/igla_assertions.json", JSON.stringify({ invariants: [entry] }));
    const { code, err } = await workspace.run("invariants", "check", "around/inner/assertions", "--no-coq");
    expect(code).toBe(1);
    expect(err).toContain(`\`igla invariants check ${join("around", "inner")}\``);
    // Looked for from the assertion file upwards, it is found from further out.
    expect((await workspace.run("invariants", "check", "around", "--no-coq")).err).toBe("");
    expect((await workspace.run("invariants", "check", "around/inner", "--no-coq")).err).toBe("");
  });

  it("an empty folder, a missing folder, a file, an empty name", async () => {
    const empty = await workspace.run("invariants", "check", "empty");
    expect(empty).toMatchObject({ code: 0, err: "" });
    expect(empty.out).toMatch(
      /empty holds no assertion file and no proof: there is nothing to check\.\n.*igla init DIR/,
    );
    expect(empty.out).not.toMatch(/Checked by|as claimed/);
    expect(await workspace.run("invariants", "check", "")).toMatchObject({ code: 2, out: "" });
    const missing = await workspace.run("invariants", "check", "nowhere");
    expect(missing).toMatchObject({ code: 2, out: "" });
    expect(missing.err).toContain("invariants.no-folder");
    expect((await workspace.run("invariants", "check", "text.txt")).err).toContain("This is a file");
  });
});
