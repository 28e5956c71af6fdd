/** Looking at a workspace that belongs to somebody else, or that no daemon serves. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tinyRace, Workspace } from "./igla.ts";

const isRoot = process.getuid?.() === 0;
const nobody = { uid: 65534, gid: 65534 };
const dist = fileURLToPath(new URL("../../dist/igla.js", import.meta.url));
/** Root is stopped by no permission, so it looks as nobody; that needs a repository that others may read. */
const canBeOther = !isRoot || spawnSync(process.execPath, [dist, "--version"], nobody).status === 0;
const mayWriteAnyway = process.platform === "win32" || !canBeOther;

let workspace: Workspace;
/** A folder of the looker's own. */
let home: string;
let trialId: string;

beforeAll(async () => {
  workspace = new Workspace();
  home = mkdtempSync(join(tmpdir(), "igla-looker-"));
  chmodSync(home, 0o777);
  const { document } = await workspace.json("race", "tiny.igla.toml");
  trialId = document.best.trialId;
  await workspace.run("daemon", "stop");
});
afterAll(async () => {
  lookAsOwner();
  await workspace.close();
  rmSync(home, { recursive: true, force: true });
});

const state = () => join(workspace.folder, ".igla");
const folders = () => [state(), join(state(), "checkpoints"), workspace.folder];

/** From here on commands run as somebody who may read the workspace and nothing else. */
function lookAsOther(): void {
  chmodSync(join(state(), "igla.db"), 0o444);
  for (const folder of folders()) chmodSync(folder, 0o555);
  if (isRoot) workspace.identity = nobody;
  workspace.env.HOME = home;
  workspace.env.XDG_CACHE_HOME = home;
}

function lookAsOwner(): void {
  workspace.identity = {};
  for (const folder of folders()) chmodSync(folder, 0o755);
  chmodSync(join(state(), "igla.db"), 0o644);
}

const contents = () => readdirSync(state(), { recursive: true }).toSorted();

describe.skipIf(mayWriteAnyway)(
  "a user who may only read (skipped on Windows, and for root where others cannot read this repository)",
  () => {
    it("sees races and leaderboard, samples and exports, and leaves nothing behind", async () => {
      const owner = await workspace.json("leaderboard");
      const before = { contents: contents(), changedMs: statSync(join(state(), "igla.db")).mtimeMs };
      lookAsOther();
      const status = await workspace.json("status");
      expect(status).toMatchObject({
        code: 0,
        document: { daemon: null, races: [{ raceId: "r1", status: "finished" }] },
      });
      expect(await workspace.json("leaderboard")).toEqual(owner);
      const sample = await workspace.json("sample", trialId, "--bytes", "10", "--backend", "cpu");
      expect(sample).toMatchObject({ code: 0, document: { trialId } });
      const out = join(home, "model.safetensors");
      expect(await workspace.json("export", trialId, "--out", out)).toMatchObject({ code: 0, document: { path: out } });
      lookAsOwner();
      expect({ contents: contents(), changedMs: statSync(join(state(), "igla.db")).mtimeMs }).toEqual(before);
    });

    it("is told when a file may not even be read", async () => {
      lookAsOther();
      chmodSync(join(state(), "igla.db"), 0);
      const { code, document } = await workspace.json("status");
      expect(code).toBe(1);
      expect(document.errors[0]).toMatchObject({ code: "store.unreadable", wayOut: expect.stringContaining("owner") });
      lookAsOwner();
    });
  },
);

describe.skipIf(!isRoot || mayWriteAnyway)("beside another user's daemon (skipped for all but root)", () => {
  it("reads the database, and does not say that no daemon runs", async () => {
    await workspace.run("daemon", "start", "--backend", "cpu");
    lookAsOther();
    const { code, out } = await workspace.run("status");
    expect(code).toBe(0);
    expect(out).toContain("the workspace is another user's");
    expect(out).toContain("r1    finished");
    lookAsOwner();
    await workspace.run("daemon", "stop");
  });
});

describe("without a daemon", () => {
  it("a race that was interrupted is called so", async () => {
    workspace.write("long.igla.toml", tinyRace({ name: "long", steps: 100_000 }));
    const racing = workspace.start("race", "long.igla.toml");
    await racing.untilErr("BPB");
    // First the command that watches: it would start the daemon again.
    racing.child.kill("SIGKILL");
    await racing.finished;
    await workspace.run("daemon", "stop");
    const { document } = await workspace.json("status");
    const race = document.races.at(-1);
    expect(race).toMatchObject({
      name: "long",
      status: "interrupted",
      reason: "goes on when a daemon starts",
      speed: null,
    });
    expect(race.trials.running).toBeUndefined();
    expect((await workspace.run("status")).out).toMatch(/interrupted .* long \(goes on when a daemon starts\)/);
    const rows = (await workspace.json("leaderboard")).document.rows;
    expect(rows.map(({ status }: { status: string }) => status)).not.toContain("running");
  });

  it("a database of an older version is not migrated by looking", async () => {
    const file = join(state(), "igla.db");
    const version = (change?: number): unknown => {
      const raw = new Database(file);
      if (change !== undefined) raw.pragma(`user_version = ${change}`);
      const found = raw.pragma("user_version", { simple: true });
      raw.close();
      return found;
    };
    const current = Number(version());
    version(current - 1);
    const { code, document } = await workspace.json("status");
    expect(code).toBe(1);
    expect(document.errors[0]).toMatchObject({
      code: "store.older-schema",
      wayOut: expect.stringContaining("igla daemon start"),
    });
    expect(version()).toBe(current - 1);
    version(current);
  });
});
