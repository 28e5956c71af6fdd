/**
 * One daemon per workspace. The lock is an exclusive SQLite transaction that is never committed: the system
 * releases it when the process dies in whatever way, so there is nothing that could be stale.
 */
import Database from "better-sqlite3";
import { storeError } from "./failure.ts";

export interface WorkspaceLock {
  readonly release: () => void;
}

/**
 * Null when another process holds the lock.
 * @throws {IglaError} `store.read-only`, `store.disk-full`
 */
export function takeLock(file: string): WorkspaceLock | null {
  let database: Database | undefined;
  try {
    database = new Database(file, { timeout: 0 });
    database.exec("begin exclusive");
    const held = database;
    return { release: () => held.close() };
  } catch (error) {
    database?.close();
    if (error instanceof Error && String((error as { code?: unknown }).code).startsWith("SQLITE_BUSY")) return null;
    throw storeError(error, file);
  }
}
