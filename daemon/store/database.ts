/** Opens the workspace's SQLite database: WAL, foreign keys, current schema. */
import Database from "better-sqlite3";
import { Kysely, SqliteDialect, sql } from "kysely";
import { storeError } from "./failure.ts";
import { migrate } from "./migrate.ts";
import type { Tables } from "./schema.ts";

export interface OpenDatabase {
  readonly db: Kysely<Tables>;
  /**
   * Runs `work` in a transaction and rejects with what `work` or the commit threw. (kysely's own transaction
   * rejects with "no transaction is active" when SQLite, out of space, has rolled back by itself.)
   */
  readonly transaction: (work: (trx: Kysely<Tables>) => Promise<void>) => Promise<void>;
  /**
   * Chooses for the following transactions: `full` survives a power cut (decisions, results), `normal` survives
   * the death of any process (curve points).
   */
  readonly setDurability: (level: "full" | "normal") => void;
  /** Upper limit of the file in pages; tests use it to fill the disk. */
  readonly limitPages: (pages: number) => void;
  readonly close: () => Promise<void>;
}

/** @throws {IglaError} `store.newer-schema`, `store.read-only`, `store.disk-full`, `store.corrupt`, `store.locked` */
export function openDatabase(file: string): OpenDatabase {
  let raw: Database | undefined;
  try {
    const database = new Database(file, { timeout: 2000 });
    raw = database;
    database.pragma("journal_mode = WAL");
    database.pragma("foreign_keys = ON");
    migrate(database, file);
    return wrapDatabase(database);
  } catch (error) {
    raw?.close();
    throw storeError(error, file);
  }
}

/** A handle whose schema is this version's. */
export function wrapDatabase(database: Database): OpenDatabase {
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database }) });
  return {
    db,
    transaction: (work) => runTransaction(db, database, work),
    setDurability: (level) => void database.pragma(`synchronous = ${level.toUpperCase()}`),
    limitPages: (pages) => void database.pragma(`max_page_count = ${pages}`),
    close: async () => {
      await db.destroy();
      // kysely closes the handle only when it has run a query.
      if (database.open) database.close();
    },
  };
}

async function runTransaction(
  db: Kysely<Tables>,
  database: Database,
  work: (trx: Kysely<Tables>) => Promise<void>,
): Promise<void> {
  // One connection: nobody else reads or writes until this callback is done.
  await db.connection().execute(async (connection) => {
    await sql`begin immediate`.execute(connection);
    try {
      await work(connection);
      await sql`commit`.execute(connection);
    } finally {
      if (database.inTransaction) await sql`rollback`.execute(connection);
    }
  });
}
