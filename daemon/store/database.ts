/** Opens the workspace's SQLite database: WAL, foreign keys, current schema. */
import Database from "better-sqlite3";
import { Kysely, SqliteDialect } from "kysely";
import { storeError } from "./failure.ts";
import { migrate } from "./migrate.ts";
import type { Tables } from "./schema.ts";

export interface OpenDatabase {
  readonly db: Kysely<Tables>;
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
    const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database }) });
    return {
      db,
      setDurability: (level) => void database.pragma(`synchronous = ${level.toUpperCase()}`),
      limitPages: (pages) => void database.pragma(`max_page_count = ${pages}`),
      close: async () => {
        await db.destroy();
        // kysely closes the handle only when it has run a query.
        if (database.open) database.close();
      },
    };
  } catch (error) {
    raw?.close();
    throw storeError(error, file);
  }
}
