/** `igla gate check`, `igla ledger import` and `igla falsify-suite` as processes: every exit code. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  registrationId,
  registrationPath,
  registrationSchema,
  registrationText,
} from "../../daemon/evidence/registration.ts";
import { Workspace } from "./igla.ts";

let workspace: Workspace;
const sha = "abcdef0123";
const registration = registrationSchema.parse({
  hypothesis: "h",
  subject: "s",
  corpusSha256: "0123456789ab",
  protocol: "chunked",
  stopRule: "r",
  codeVersion: sha,
  registeredAt: 0,
});
const welch = { ...registration, test: "welch-t" as const };
const pair = { ...registration, seeds: [43, 44] };
const fileOf = (one: typeof registration) => registrationPath(registrationId(one)).split("/").at(-1) ?? "";
const row = (seed: number, bpb: number, more: object = {}) =>
  `${JSON.stringify({
    ts: "2026-01-02T00:00:00Z",
    agent: "test",
    seed,
    bpb,
    step: 5000,
    sha,
    corpus: "demo 0123456789ab",
    protocol: "chunked",
    gate_status: "victory_candidate",
    prereg: registrationId(registration),
    ...more,
  })}\n`;
const later = { ts: "2026-01-02T05:00:00Z" };
const three = (more: object = {}, up = 0) =>
  row(43, 1.441 + up, more) + row(44, 1.44 + up, more) + row(45, 1.439 + up, more);
const once = three();
const winning = once + three(later);

beforeAll(() => {
  workspace = new Workspace();
  workspace.write(fileOf(registration), registrationText(registration));
  workspace.write(fileOf(welch), registrationText(welch));
  const other = { prereg: registrationId(welch) };
  workspace.write("welch.jsonl", three(other) + three({ ...other, ...later }));
  workspace.write("base.jsonl", row(1, 1.6) + row(2, 1.61) + row(3, 1.605));
  workspace.write("near.jsonl", row(1, 1.48) + row(2, 1.5) + row(3, 1.49));
  workspace.write(fileOf(pair), registrationText(pair));
  workspace.write("edited.json", registrationText(registration).replace('"alpha":0.01', '"alpha":0.05'));
  workspace.write("known.txt", `${sha} # release\n`);
  workspace.write("won.jsonl", winning);
  workspace.write("two.jsonl", row(43, 1.441) + row(44, 1.44));
  workspace.write("high.jsonl", three({}, 0.36) + three(later, 0.36));
  workspace.write("once.jsonl", once);
  const now = { ts: new Date().toISOString() };
  workspace.write("fresh.jsonl", three(now) + three({ ...now, agent: "zulu" }));
  workspace.write("late.jsonl", once + three({ ts: "2026-01-03T00:00:01Z" }));
  workspace.write("differs.jsonl", winning.replace('"bpb":1.439,', '"bpb":1.2,'));
  workspace.write("stray.jsonl", winning + row(43, 1.441, { reproduces: 2 }));
  workspace.write("base-pair.jsonl", row(43, 1.6) + row(44, 1.605));
  workspace.write("base-good.jsonl", row(43, 1.3) + row(44, 1.305));
  workspace.write("base-corpus.jsonl", row(43, 1.6) + row(44, 1.6, { corpus: "other ffffffffffff" }));
  workspace.write("base-protocol.jsonl", row(43, 1.6, { protocol: "strided:8" }));
  workspace.write("base-step.jsonl", row(43, 1.6, { step: 6000 }));
  const named = { prereg: registrationId(pair) };
  workspace.write("pair.jsonl", row(43, 1.441, named) + row(44, 1.44, named));
  workspace.write("early.jsonl", row(43, 1.441, { step: 10 }) + row(44, 1.44) + row(45, 1.439));
  workspace.write("empty.jsonl", "");
  workspace.write("text.jsonl", "not a ledger\n\u0000\u0001\n");
  workspace.write("torn.jsonl", `${winning}{"seed":4`);
  workspace.write("old.jsonl", '{"_schema":1}\n{"seed":43,"bpb":1.44,"steps":9000,"note":"kept"}\n{"event":"x"}\n');
});
afterAll(() => workspace.close());

const prereg = (one = registration) => ["--prereg", fileOf(one)];
const known = ["--known", "known.txt"];

describe("igla gate check", () => {
  it.each([
    [0, "victory", ["won.jsonl", ...prereg()]],
    [0, "victory", ["won.jsonl", ...known]],
    [0, "victory", ["high.jsonl", ...known, "--gate", "gate-2"]],
    [2, "not-yet", ["high.jsonl", ...known]],
    [2, "not-yet", ["two.jsonl", ...prereg()]],
    [0, "victory", ["welch.jsonl", ...prereg(welch), "--baseline", "base.jsonl"]],
    [4, "rejected", ["welch.jsonl", ...prereg(welch), "--baseline", "near.jsonl"]],
    [3, "underpowered", ["pair.jsonl", ...prereg(pair)]],
    [3, "underpowered", ["pair.jsonl", ...prereg(pair), "--baseline", "base-pair.jsonl"]],
    [4, "rejected", ["pair.jsonl", ...prereg(pair), "--baseline", "base-good.jsonl"]],
    [2, "not-yet", ["once.jsonl", ...prereg()]],
    [2, "not-yet", ["fresh.jsonl", ...known]],
    [2, "not-yet", ["late.jsonl", ...prereg()]],
    [4, "rejected", ["differs.jsonl", ...prereg()]],
    [4, "rejected", ["stray.jsonl", ...prereg()]],
    [4, "rejected", ["early.jsonl", ...prereg()]],
    [4, "rejected", ["won.jsonl", "--prereg", "edited.json"]],
    [4, "rejected", ["won.jsonl", ...known, "--selection-seeds", "1, 44"]],
    [4, "rejected", ["won.jsonl", "--gate", "final"]],
    [4, "rejected", ["text.jsonl", ...known]],
    [4, "rejected", ["torn.jsonl", ...known]],
    [4, "rejected", ["old.jsonl", ...known]],
    [4, "rejected", ["won.jsonl", ...known, "--embargo", "known.txt"]],
    [5, "empty", ["empty.jsonl", ...known]],
    [5, "empty", ["pair.jsonl", ...prereg()]],
  ])("%d, %s: %j", async (code, outcome, args) => {
    const found = await workspace.json("gate", "check", ...args);
    expect(found.document).toMatchObject({ outcome });
    expect(found.code).toBe(code);
  });

  it.each([
    [["nothing.jsonl"], "gate.unreadable"],
    [["won.jsonl", "--prereg", "nothing.json"], "gate.unreadable"],
    [["won.jsonl", "--prereg", "won.jsonl"], "gate.not-json"],
    [["won.jsonl", "--prereg", "tiny.igla.toml"], "gate.not-json"],
    [["won.jsonl", "--known", "nothing.txt"], "gate.unreadable"],
    [["won.jsonl", "--embargo", "nothing.txt"], "gate.unreadable"],
    [["won.jsonl", "--baseline", "nothing.jsonl"], "gate.unreadable"],
    [["won.jsonl", "--baseline", "text.jsonl"], "gate.bad-baseline"],
    [["won.jsonl", ...prereg(), "--baseline", "base-corpus.jsonl"], "gate.other-baseline"],
    [["won.jsonl", ...known, "--baseline", "base-corpus.jsonl"], "gate.other-baseline"],
    [["won.jsonl", ...prereg(), "--baseline", "base-protocol.jsonl"], "gate.other-baseline"],
    [["won.jsonl", ...known, "--baseline", "base-protocol.jsonl"], "gate.other-baseline"],
    [["won.jsonl", ...prereg(), "--baseline", "base-step.jsonl"], "gate.other-baseline"],
    [["welch.jsonl", ...prereg(welch)], "gate.no-baseline"],
    [["won.jsonl", "--gate", "third"], "cli.usage"],
    [["won.jsonl", "--gate", "final", ...prereg()], "cli.usage"],
    [["won.jsonl", "--selection-seeds", "a"], "cli.usage"],
    [[], "cli.usage"],
  ])("10 with cause and way out: %j", async (args, expected) => {
    const { code, document } = await workspace.json("gate", "check", ...args);
    expect(code).toBe(10);
    expect(document.errors[0]).toMatchObject({ code: expected, wayOut: expect.stringMatching(/\S/) });
  });

  it("lists every reason with its line, what the seeds can detect, and what a person has to look at", async () => {
    workspace.write("many.jsonl", row(43, 0.5, { step: 1 }) + row(43, 1.44) + row(46, 2.4));
    const { code, out } = await workspace.run("gate", "check", "many.jsonl", ...known);
    expect(code).toBe(4);
    for (const part of [
      "many.jsonl:2 [duplicate-seed]",
      "many.jsonl:1 [before-warmup]",
      "many.jsonl:3 [unregistered-seed]",
      "many.jsonl [too-few-below-target]",
      "needs-review Seed 43: 0.5 BPB",
      "needs-review Seed 46: 2.4 BPB",
      "3 seeds find an effect of",
      "3 rows judged",
      "rejected",
    ]) {
      expect(out).toContain(part);
    }
  });

  it("says until when the window is open and what has to be run", async () => {
    const open = await workspace.run("gate", "check", "fresh.jsonl", ...known);
    expect(open.out).toMatch(/fresh\.jsonl:1 \[window-open\] Seed 43 was reproduced; .* until 2\d{3}-.*Z\./);
    expect(open.out).toContain("0 of 3 results reproduced in a day that is over, last window until 2");
    const lapsed = await workspace.run("gate", "check", "once.jsonl", ...prereg());
    expect(lapsed.out).toContain("once.jsonl:1 [lapsed] Seed 43 was not reproduced within 24 hours.");
    expect(lapsed.out).toContain("run seed 43 again to step 5000");
    const differs = await workspace.run("gate", "check", "differs.jsonl", ...prereg());
    expect(differs.out).toContain("[differs] Seed 45 gave 1.2 BPB here and 1.439 on line 6: more than 0.05 apart.");
    const won = await workspace.json("gate", "check", "won.jsonl", ...prereg());
    const admission = { seed: 43, line: 1, state: "admitted", until: "2026-01-03T00:00:00.000Z", repeats: [4] };
    expect(won.document).toMatchObject({
      judged: 3,
      repeats: 3,
      admissions: [admission, {}, {}],
      test: "one-sample-t",
    });
  });

  it("names the row of a baseline that cannot be compared, and the test that was made", async () => {
    const args = ["pair.jsonl", ...prereg(pair), "--baseline"];
    const { document } = await workspace.json("gate", "check", ...args, "base-corpus.jsonl");
    expect(document.errors[0].place).toMatch(/base-corpus\.jsonl:2$/);
    const paired = await workspace.json("gate", "check", ...args, "base-pair.jsonl");
    expect(paired.document).toMatchObject({ test: "paired-bootstrap", p: 0.25 });
  });

  it("knows the commits of the repository in which the ledger lies, and the embargo beside it", async () => {
    const git = (...args: string[]) =>
      execFileSync("git", ["-C", workspace.folder, "-c", "user.name=t", "-c", "user.email=t@t", ...args]).toString();
    git("init", "-q");
    git("commit", "-q", "--allow-empty", "-m", "one");
    const commit = git("rev-parse", "HEAD").trim();
    const own = { sha: commit.slice(0, 10) };
    workspace.write("repo.jsonl", three(own) + three({ ...own, ...later }));
    expect(await workspace.json("gate", "check", "repo.jsonl")).toMatchObject({ code: 0 });
    workspace.write("embargo.txt", `${commit.slice(0, 7).toUpperCase()}\n`);
    const { code, document } = await workspace.json("gate", "check", "repo.jsonl");
    expect([code, document.reasons[0].code]).toEqual([4, "embargoed"]);
    workspace.write("embargo.txt", "# nothing\n");
  });
});

describe("igla ledger board", () => {
  it("lists rows from the warm-up on by BPB, marks what a gate would not take, and counts the others", async () => {
    workspace.write(
      "board.jsonl",
      row(43, 1.5) +
        row(44, 1.4) +
        row(45, 0.05) +
        row(46, 1.4, { step: 3999 }) +
        '{"seed":47,"bpb":1.45,"steps":9000}\n',
    );
    const { code, document } = await workspace.json("ledger", "board", "board.jsonl");
    expect(document).toMatchObject({ warmup: 4000, beforeWarmup: 1, findings: [] });
    expect(document.rows.map((one: { line: number; marks: string[] }) => [one.line, one.marks.length])).toEqual([
      [3, 1],
      [2, 0],
      [5, 1],
      [1, 0],
    ]);
    expect(code).toBe(0);
    const all = await workspace.run("ledger", "board", "board.jsonl", "--warmup", "0");
    expect(all.out).toContain("board.jsonl:5 The row has no sha");
    expect(all.out).toContain("5 rows from step 0 on\n");
  });
  it.each([
    [["torn.jsonl"], 1],
    [["empty.jsonl"], 0],
    [["nothing.jsonl"], 2],
    [["won.jsonl", "--warmup", "x"], 2],
  ])("%j: exit %d", async (args, code) => {
    expect((await workspace.run("ledger", "board", ...args)).code).toBe(code);
  });
});

describe("igla ledger import", () => {
  it("says what it would do, does it once, and the ledger stays sound", async () => {
    const args = ["ledger", "import", "old.jsonl", "--into", "chained.jsonl"];
    const dry = await workspace.json(...args, "--dry-run");
    expect(dry).toMatchObject({ code: 0, document: { dryRun: true, rows: 1, appended: 0, present: 0 } });
    expect((await workspace.run("ledger", "verify", "chained.jsonl")).code).toBe(2);
    const first = await workspace.json(...args);
    expect(first).toMatchObject({
      code: 0,
      document: { appended: 1, present: 0, missing: { ts: 1, agent: 1, sha: 1 }, skipped: [{ line: 3 }] },
    });
    expect(await workspace.json(...args)).toMatchObject({ code: 0, document: { appended: 0, present: 1 } });
    const text = readFileSync(join(workspace.folder, "chained.jsonl"), "utf8");
    expect(JSON.parse(text)).toMatchObject({
      seed: 43,
      steps: 9000,
      note: "kept",
      imported: { file: "old.jsonl", line: 2 },
    });
    expect(JSON.parse(text)).not.toHaveProperty("sha");
    expect(await workspace.json("ledger", "verify", "chained.jsonl")).toMatchObject({
      document: { rows: 1, sound: true },
    });
    const { out } = await workspace.run(...args);
    expect(out).toContain("0 rows appended, 1 were there already.");
  });
  it.each([
    [["old.jsonl"], "ledger.no-target", 2],
    [["nothing.jsonl", "--into", "x.jsonl"], "ledger.unreadable", 2],
    [["text.jsonl", "--into", "x.jsonl"], "ledger.unreadable", 1],
    [["torn.jsonl", "--into", "x.jsonl"], "ledger.unreadable", 1],
    [["won.jsonl", "--into", "won.jsonl"], "ledger.same-file", 1],
    [["old.jsonl", "--into", "text.jsonl"], "ledger.not-sound", 1],
    [["old.jsonl", "--into", "text.jsonl", "--dry-run"], "ledger.not-sound", 1],
  ])("%j: %s, %d", async (args, expected, code) => {
    const found = await workspace.json("ledger", "import", ...args);
    expect(found.document.errors[0]).toMatchObject({ code: expected, wayOut: expect.stringMatching(/\S/) });
    expect(found.code).toBe(code);
  });
});

describe("igla falsify-suite", () => {
  it("catches every plant and exits with 0", async () => {
    const { code, document } = await workspace.json("falsify-suite");
    expect(document).toMatchObject({ ok: true, missed: 0, falseAlarms: 0, gaps: [] });
    expect(document.rows.length).toBe(document.plants + document.clean);
    expect(code).toBe(0);
    const { out } = await workspace.run("falsify-suite");
    expect(out).toMatch(/leak +caught +plant: validation is a copy of the start of train/);
    expect(out).toContain("the gates hold");
  });
});
