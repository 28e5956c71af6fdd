/** Numbered migrations; `PRAGMA user_version` counts those that have been applied. */
import type Database from "better-sqlite3";
import { IglaError } from "../protocol/errors.ts";
import initial from "./migrations/001-initial.sql";
import curveTime from "./migrations/002-curve-time.sql";
import penalty from "./migrations/003-penalty.sql";

const migrations: readonly string[] = [initial, curveTime, penalty];
export const schemaVersion = migrations.length;

/**
 * Brings a database to this version, each migration in its own transaction.
 * @throws {IglaError} `store.newer-schema`; the database is not touched then.
 */
export function migrate(database: Database, file: string): void {
  const found = readVersion(database, file);
  for (const [index, sql] of migrations.entries()) {
    if (index < found) continue;
    database.exec(`begin immediate;\n${sql}\npragma user_version = ${index + 1};\ncommit;`);
  }
}

/**
 * For readers, who change nothing.
 * @throws {IglaError} `store.newer-schema`, `store.older-schema`
 */
export function checkSchema(database: Database, file: string): void {
  const found = readVersion(database, file);
  if (found === schemaVersion) return;
  const detail = `${file} has schema version ${found} instead of ${schemaVersion}.`;
  throw new IglaError("store.older-schema", detail, { found, known: schemaVersion });
}

function readVersion(database: Database, file: string): number {
  const found = Number(database.pragma("user_version", { simple: true }));
  if (found <= schemaVersion) return found;
  throw new IglaError(
    "store.newer-schema",
    `${file} has schema version ${found}; this version of Igla knows versions up to ${schemaVersion}.`,
    { found, known: schemaVersion },
  );
}
