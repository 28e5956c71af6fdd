import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tinyRace, Workspace } from "./igla.ts";

let workspace: Workspace;
beforeAll(() => {
  workspace = new Workspace();
  const corpus = (name: string) => tinyRace().replace("./text.txt", name);
  workspace.write(
    "typo.igla.toml",
    tinyRace().replace("width = 16", "widht = 16").replace("heads = 2", 'heads = "two"'),
  );
  workspace.write("negative.igla.toml", tinyRace().replace("batch = 4", "lr = -0.1"));
  workspace.write("heads.igla.toml", tinyRace().replace("heads = 2", "heads = 3"));
  workspace.write("missing.igla.toml", corpus("./nowhere.txt"));
  workspace.write("empty.igla.toml", corpus("./empty.txt"));
  workspace.write("short.igla.toml", corpus("./short.txt"));
  workspace.write("leak.igla.toml", corpus("./leak.txt"));
  workspace.write("empty.txt", "");
  workspace.write("short.txt", "To be, or not to be");
  workspace.write(
    "leak.txt",
    "Tomorrow, and tomorrow, and tomorrow, creeps in this petty pace from day to day. ".repeat(200),
  );
  writeFileSync(join(workspace.folder, "-0123456789abcdef.safetensors"), "not a model");
});
afterAll(() => workspace.close());

const cases: readonly [title: string, args: readonly string[], exitCode: number, code: string, hint: RegExp][] = [
  [
    "an unknown command",
    ["rase"],
    2,
    "cli.usage",
    /unknown command 'rase' \(Did you mean race\?\)[\s\S]*`igla --help`/,
  ],
  [
    "an unknown command of a group",
    ["ledger", "check"],
    2,
    "cli.usage",
    /cli\.usage igla ledger\n[\s\S]*`igla ledger --help`/,
  ],
  ["a missing argument", ["race"], 2, "cli.usage", /missing required argument[\s\S]*`igla race --help` lists/],
  ["an unknown option", ["status", "--fast"], 2, "cli.usage", /unknown option[\s\S]*`igla status --help` lists/],
  [
    "a number out of range",
    ["sample", "x", "--bytes", "0"],
    2,
    "cli.usage",
    /whole number from 1[\s\S]*`igla sample --help`/,
  ],
  [
    "a budget that ends before the first rung",
    ["race", "tiny.igla.toml", "--budget-steps", "19"],
    2,
    "race.small-budget",
    /tiny\.igla\.toml\n.*a budget of 19 steps ends before the first rung, at 20: .*\n.*Give at least 20/,
  ],
  ["a race file that is not there", ["race", "none.igla.toml"], 2, "cli.no-race-file", /no such file/],
  [
    "an unknown key",
    ["race", "typo.igla.toml"],
    2,
    "config.unknown-key",
    /typo\.igla\.toml:6:1[\s\S]*did you mean model\.width/,
  ],
  ["a wrong type", ["train", "typo.igla.toml"], 2, "config.wrong-type", /typo\.igla\.toml:7:9/],
  ["a negative learning rate", ["race", "negative.igla.toml"], 2, "config.out-of-range", /greater than 0/],
  ["heads that do not divide the width", ["race", "heads.igla.toml"], 2, "model.heads-width", /heads.igla.toml:7/],
  ["a corpus that is not there", ["race", "missing.igla.toml"], 1, "data.missing-corpus", /nowhere\.txt/],
  ["an empty corpus", ["train", "empty.igla.toml"], 1, "data.empty-corpus", /empty\.txt is empty/],
  ["a context longer than a split", ["race", "short.igla.toml"], 1, "data.split-too-short", /has 1 bytes/],
  ["a corpus whose splits overlap", ["race", "leak.igla.toml"], 1, "data.leak", /validation is a copy/],
  ["a backend that does not exist", ["train", "tiny.igla.toml", "--backend", "cuda"], 1, "engine.no-adapter", /cuda/],
  ["a workspace that does not exist", ["status", "--workspace", "nope"], 1, "cli.no-workspace", /nope/],
  ["an unknown race", ["leaderboard", "--race", "r7"], 1, "race.not-found", /igla status/],
  ["an unknown trial", ["sample", "r7-t1"], 1, "trial.not-found", /igla leaderboard/],
  [
    "a changed checkpoint",
    ["sample", "./-0123456789abcdef.safetensors"],
    1,
    "checkpoint.hash-mismatch",
    /instead of 0123456789ab/,
  ],
];

describe("bad input gets an exit code, a code, a cause and a way out", () => {
  it.each(cases)("%s", async (_, args, exitCode, code, hint) => {
    const { code: found, out, err } = await workspace.run(...args);
    expect(err).toContain(`error ${code}`);
    expect(err).toMatch(hint);
    expect(err).toMatch(/way out: |did you mean|expected: /);
    expect(err).not.toMatch(/^\s+at /m);
    expect(out).toBe("");
    expect(found).toBe(exitCode);
  });

  it("as a JSON document, too, with every error of a race file", async () => {
    const { code, document } = await workspace.json("race", "typo.igla.toml");
    expect(code).toBe(2);
    expect(document.errors.map((error: { code: string }) => error.code)).toEqual([
      "config.unknown-key",
      "config.wrong-type",
    ]);
    expect(document.errors[0]).toMatchObject({ place: "typo.igla.toml:6:1", wayOut: "Did you mean model.width?" });
  });

  it("names commands as the reader has to type them: started by npm, there is no igla on the path", async () => {
    const npm = { npm_package_name: "igla", npm_lifecycle_event: "igla" };
    Object.assign(workspace.env, npm);
    try {
      expect((await workspace.run("rase")).err).toContain("`npm run -s igla -- --help` lists what can be given");
      workspace.env.npm_package_name = "another";
      expect((await workspace.run("rase")).err).toContain("`igla --help` lists what can be given");
    } finally {
      for (const name of Object.keys(npm)) delete workspace.env[name];
    }
  });

  it("starts nothing for it: no daemon runs, no race exists", async () => {
    const { document } = await workspace.json("status");
    expect(document).toMatchObject({ daemon: null, races: [] });
  });
});

describe("help and version", () => {
  it("go to stdout with exit code 0", async () => {
    const help = await workspace.run("--help");
    expect(help).toMatchObject({ code: 0, err: "" });
    for (const command of [
      "doctor",
      "train",
      "race",
      "status",
      "leaderboard",
      "daemon",
      "sample",
      "export",
      "bench",
      "demo",
    ]) {
      expect(help.out).toMatch(new RegExp(`^  ${command} `, "m"));
    }
    expect(help.out).toContain("Exit codes");
    expect((await workspace.run("--version")).out).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(await workspace.run()).toMatchObject({ code: 0 });
    const group = await workspace.run("daemon");
    expect(group).toMatchObject({ code: 0, err: "" });
    for (const command of ["start", "stop", "status"]) expect(group.out).toMatch(new RegExp(`^  ${command} `, "m"));
    expect(await workspace.run("daemon", "begin")).toMatchObject({ code: 2, out: "" });
  });
});

describe("igla doctor", () => {
  it("finds everything that a race needs", async () => {
    const { code, document } = await workspace.json("doctor");
    expect(code).toBe(0);
    expect(document.ready).toBe(true);
    const status = Object.fromEntries(
      document.findings.map((finding: { id: string; status: string }) => [finding.id, finding.status]),
    );
    expect(status).toMatchObject({ node: "ok", sqlite: "ok", cpu: "ok", corpus: "missing", workspace: "ok" });
  });

  it("exits with 1 when the corpus in IGLA_DATA is another text", async () => {
    workspace.env.IGLA_DATA = workspace.folder;
    try {
      workspace.write("tinyshakespeare.txt", "not Shakespeare");
      const { code, document } = await workspace.json("doctor");
      expect(code).toBe(1);
      const corpus = document.findings.find((finding: { id: string }) => finding.id === "corpus");
      expect(corpus).toMatchObject({ status: "failed", facts: { code: "data.hash-mismatch" } });
    } finally {
      delete workspace.env.IGLA_DATA;
    }
  });
});

describe("igla demo", () => {
  it("answers with one JSON document, too, before it trains anything", async () => {
    const other = new Workspace();
    try {
      other.write(".igla", "a file where the folder should be");
      const { code, document } = await other.json("demo");
      expect(code).toBe(1);
      expect(document.errors[0]).toMatchObject({ code: "cli.read-only", wayOut: expect.stringContaining("may write") });
    } finally {
      await other.close();
    }
  });
});
