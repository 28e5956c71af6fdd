/**
 * Opens a workspace's database for looking: nothing is written beside it, nothing is migrated, and read permission is
 * enough.
 */
import { readFileSync, statSync } from "node:fs";
import Database from "better-sqlite3";
import { IglaError } from "../protocol/errors.ts";
import { type OpenDatabase, wrapDatabase } from "./database.ts";
import { storeError } from "./failure.ts";
import { checkSchema } from "./migrate.ts";

/**
 * @throws {IglaError} `store.newer-schema`, `store.older-schema`, `store.unreadable`, `store.corrupt`, `store.locked`
 */
export function openReadOnly(file: string): OpenDatabase {
  let raw: Database | undefined;
  try {
    const database = openHandle(file);
    raw = database;
    checkSchema(database, file);
    return wrapDatabase(database);
  } catch (error) {
    raw?.close();
    throw readError(error, file);
  }
}

/** Offsets of the file format's version numbers: 2 demands a write-ahead log, 1 does without. */
const FORMAT_VERSIONS = [18, 19];

/**
 * Where a write-ahead log lies beside the file, SQLite reads both. Where none does, SQLite would create one even for
 * a reader, which takes write permission and leaves its files behind; so the file is read as it is.
 */
function openHandle(file: string): Database {
  if (!hasLog(file)) {
    const image = readFileSync(file);
    // A daemon that has started meanwhile may have written while the file was read.
    if (!hasLog(file)) {
      for (const offset of FORMAT_VERSIONS) image[offset] = 1;
      return new Database(image, { readonly: true });
    }
  }
  return new Database(file, { readonly: true, fileMustExist: true, timeout: 2000 });
}

function hasLog(file: string): boolean {
  return (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
}

/** Failures about permissions mean another thing to a reader. */
function readError(error: unknown, file: string): unknown {
  const known = storeError(error, file);
  if (!(known instanceof IglaError) || known.code !== "store.read-only") return known;
  return new IglaError("store.unreadable", known.detail, known.data, { cause: error });
}
