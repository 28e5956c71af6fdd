/** A database of the first schema gets the time of every curve point from its events. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type OpenDatabase, openDatabase } from "../../daemon/store/database.ts";
import { readPlotCurve } from "../../daemon/store/plot-curves.ts";
import { tinySpec } from "../fixtures/specs.ts";

const first = readFileSync(new URL("../../daemon/store/migrations/001-initial.sql", import.meta.url), "utf8");
let folder: string;
let database: OpenDatabase | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "igla-curve-time-"));
});
afterEach(async () => {
  await database?.close();
  rmSync(folder, { recursive: true, force: true });
});

test("points of an older database get the time of their event", async () => {
  const file = join(folder, "igla.db");
  const raw = new Database(file);
  raw.exec(first);
  raw.exec(`
    insert into races values ('r1', 1, 'n', '/p', '', 'h', 'queued', '', 1, 0, null);
    insert into trials values ('t', 'r1', 0, '{}', '${JSON.stringify(tinySpec())}', 'h', 'three-way', 1, 'waiting');
    insert into curve_points values ('t', 5, 3.5, 1), ('t', 10, 3.25, 1), ('t', 15, null, null);
    insert into events values
      (1, 'r1', 700, 'curve', '{"points":[{"trialId":"t","step":5,"lossNats":3.5},{"trialId":"t","step":10}]}'),
      (2, 'r1', 900, 'curve', '{"points":[{"trialId":"t","step":15}]}');
    pragma user_version = 1;
  `);
  raw.close();
  database = openDatabase(file);
  const options = { maxPoints: 100, spacing: "linear", smoothing: 0, fromStep: 0, toStep: null } as const;
  expect(await readPlotCurve(database.db, "t", options)).toMatchObject({
    steps: [5, 10, 15],
    lossNats: [3.5, 3.25, null],
    atMs: [700, 700, 900],
    tokensPerStep: tinySpec().optimizer.batch * tinySpec().model.context,
  });
});
