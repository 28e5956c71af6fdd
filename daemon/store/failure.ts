/** What a failing disk or database means to a user. */
import { type ErrorCode, IglaError } from "../protocol/errors.ts";

const bySystemCode: Readonly<Record<string, ErrorCode>> = {
  ENOSPC: "store.disk-full",
  EDQUOT: "store.disk-full",
  EFBIG: "store.disk-full",
  EACCES: "store.read-only",
  EPERM: "store.read-only",
  EROFS: "store.read-only",
};

const bySqlitePrefix: readonly (readonly [prefix: string, code: ErrorCode])[] = [
  ["SQLITE_FULL", "store.disk-full"],
  ["SQLITE_READONLY", "store.read-only"],
  ["SQLITE_CANTOPEN", "store.read-only"],
  ["SQLITE_BUSY", "store.locked"],
  ["SQLITE_LOCKED", "store.locked"],
  ["SQLITE_CORRUPT", "store.corrupt"],
  ["SQLITE_NOTADB", "store.corrupt"],
  ["SQLITE_", "store.failed"],
];

/** The failure as an `IglaError`; errors that come from neither SQLite nor the file system are returned unchanged. */
export function storeError(error: unknown, file: string): unknown {
  if (error instanceof IglaError || !(error instanceof Error)) return error;
  const systemCode = (error as { code?: unknown }).code;
  if (typeof systemCode !== "string") return error;
  const code = bySystemCode[systemCode] ?? bySqlitePrefix.find(([prefix]) => systemCode.startsWith(prefix))?.[1];
  if (code === undefined && !/^E[A-Z0-9]+$/.test(systemCode)) return error;
  return new IglaError(code ?? "store.failed", `${file}: ${error.message}`, { file, systemCode }, { cause: error });
}

/** Runs `work` and turns its file and database failures into coded errors about `file`. */
export async function withStoreErrors<T>(file: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw storeError(error, file);
  }
}
