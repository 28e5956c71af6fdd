import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CheckpointFiles } from "../../daemon/store/checkpoint-files.ts";
import { openDatabase } from "../../daemon/store/database.ts";
import { takeLock } from "../../daemon/store/lock.ts";
import { schemaVersion } from "../../daemon/store/migrate.ts";
import initial from "../../daemon/store/migrations/001-initial.sql";
import curveTime from "../../daemon/store/migrations/002-curve-time.sql";
import { readLeaderboard } from "../../daemon/store/queries.ts";
import { openReadOnly } from "../../daemon/store/read-only.ts";

let folder: string;
let file: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "igla-store-"));
  file = join(folder, "igla.db");
  await openDatabase(file).close();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("the database file", () => {
  test("of a newer schema is refused and not touched", async () => {
    const raw = new Database(file);
    raw.pragma(`user_version = ${schemaVersion + 4}`);
    raw.close();
    const failure = catchError(() => openDatabase(file));
    expect(failure).toMatchObject({
      code: "store.newer-schema",
      data: { found: schemaVersion + 4, known: schemaVersion },
    });
    expect(failure.message).toContain(String(schemaVersion + 4));
    expect(failure.action).toContain("Update Igla");
    const after = new Database(file);
    expect(after.pragma("user_version", { simple: true })).toBe(schemaVersion + 4);
    after.close();
  });

  test("that is no database is refused", async () => {
    const other = join(folder, "other.db");
    writeFileSync(other, "this is no database, and long enough to be one".repeat(50));
    expect(catchError(() => openDatabase(other))).toMatchObject({ code: "store.corrupt" });
  });

  test("in a folder that does not exist is refused", () => {
    expect(() => openDatabase(join(folder, "nowhere", "x.db"))).toThrow();
  });

  test("is migrated once", async () => {
    await openDatabase(file).close();
    const raw = new Database(file);
    expect(raw.pragma("user_version", { simple: true })).toBe(schemaVersion);
    raw.close();
  });
});

test("races from before penalties have none, and keep their ranks", async () => {
  rmSync(file);
  const raw = new Database(file);
  raw.exec(`${initial};${curveTime}; pragma user_version = 2;
    insert into races values ('r1', 1, 'n', '/p', '', 'h', 'finished', '', 1, 20, null);
    insert into trials values ('t1', 'r1', 0, '{}', '{}', 's', 'three-way', 1, 'completed');
    insert into rung_results values ('t1', 0, 20, 0, 'finished', 2.5, 1.7, 10, 'chunked');`);
  raw.close();
  const database = openDatabase(file);
  expect(await readLeaderboard(database.db, undefined, 10)).toMatchObject([
    { rank: 1, trialId: "t1", valBpb: 2.5, penalised: false },
  ]);
  await database.close();
});

describe("looking at the database", () => {
  const race = { race_id: "r1", at: 1, kind: "notice", body: "{}" };
  const countEvents = async ({ db }: ReturnType<typeof openReadOnly>) =>
    (await db.selectFrom("events").select("seq").execute()).length;

  test("leaves the file as it is and nothing beside it, and writes nothing", async () => {
    const before = readFileSync(file);
    const looking = openReadOnly(file);
    expect(await countEvents(looking)).toBe(0);
    expect(readdirSync(folder)).toEqual(["igla.db"]);
    await expect(looking.db.insertInto("events").values(race).execute()).rejects.toMatchObject({
      code: "SQLITE_READONLY",
    });
    await looking.close();
    expect(readdirSync(folder)).toEqual(["igla.db"]);
    expect(readFileSync(file)).toEqual(before);
  });

  test("sees what stands in the log of a daemon that runs or was killed", async () => {
    const writing = openDatabase(file);
    await writing.db.insertInto("events").values(race).execute();
    const looking = openReadOnly(file);
    expect(await countEvents(looking)).toBe(1);
    await writing.db.insertInto("events").values(race).execute();
    expect(await countEvents(looking)).toBe(2);
    // What a kill leaves: the file and its log.
    const killed = join(folder, "killed");
    mkdirSync(killed);
    for (const name of ["igla.db", "igla.db-wal"]) copyFileSync(join(folder, name), join(killed, name));
    await looking.close();
    await writing.close();
    const later = openReadOnly(join(killed, "igla.db"));
    expect(await countEvents(later)).toBe(2);
    await later.close();
  });

  test.each([
    [schemaVersion - 1, "store.older-schema", /igla daemon start/],
    [schemaVersion + 1, "store.newer-schema", /Update Igla/],
  ])("of schema version %i is refused, and stays of that version", (version, code, wayOut) => {
    const raw = new Database(file);
    raw.pragma(`user_version = ${version}`);
    raw.close();
    const failure = catchError(() => openReadOnly(file));
    expect(failure).toMatchObject({ code, data: { found: version, known: schemaVersion } });
    expect(failure.action).toMatch(wayOut);
    const after = new Database(file);
    expect(after.pragma("user_version", { simple: true })).toBe(version);
    after.close();
  });
});

describe("the workspace lock", () => {
  test("is held by one and free after its release", () => {
    const lockFile = join(folder, "daemon.lock");
    const lock = takeLock(lockFile);
    expect(lock).not.toBeNull();
    expect(takeLock(lockFile)).toBeNull();
    lock?.release();
    const next = takeLock(lockFile);
    expect(next).not.toBeNull();
    next?.release();
  });
});

describe("checkpoint files", () => {
  const hello = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

  test("are checked against their hash", async () => {
    const files = new CheckpointFiles(folder);
    writeFileSync(join(folder, "a"), "hello");
    const known = { file: "a", sha256: hello, step: 1, bytes: 5 };
    expect(await files.verify(known)).toBe("good");
    writeFileSync(join(folder, "a"), "hellO");
    expect(await files.verify(known)).toBe("corrupt");
    expect(await files.verify({ ...known, file: "b" })).toBe("missing");
  });

  test("that nobody knows are swept", async () => {
    const checkpoints = join(folder, "checkpoints");
    const files = new CheckpointFiles(checkpoints);
    expect(await files.sweep(new Set())).toEqual([]);
    for (const name of ["known", "unknown", "half.123.tmp"]) writeFileSync(join(checkpoints, name), "x");
    expect([...(await files.sweep(new Set(["known"])))].sort()).toEqual(["half.123.tmp", "unknown"]);
    expect(readdirSync(checkpoints)).toEqual(["known"]);
  });
});

function catchError(
  work: () => unknown,
): Error & { readonly code: string; readonly data: unknown; readonly action: string } {
  try {
    work();
  } catch (error) {
    return error as Error & { readonly code: string; readonly data: unknown; readonly action: string };
  }
  throw new Error("nothing was thrown");
}
