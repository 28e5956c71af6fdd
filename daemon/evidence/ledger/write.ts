/** Appends to a ledger on disk: one writer at a time, each row on the disk before it is acknowledged. */
import { open, readFile, rename, stat, truncate } from "node:fs/promises";
import { dirname } from "node:path";
import { type Ledger, type LedgerFinding, readLedger } from "./read.ts";
import { chainedLine, type NewRow, newRowSchema } from "./row.ts";

/** Exclusive across processes; null: somebody else holds it. */
export type TakeLock = (file: string) => { readonly release: () => void } | null;

export type AppendResult =
  | { readonly ok: true; readonly hash: string; readonly line: number }
  | {
      readonly ok: false;
      readonly code: "busy" | "bad-row" | "not-sound";
      readonly message: string;
      readonly findings: readonly LedgerFinding[];
    };

const waitMs = 5000;
const pollMs = 20;

/** The file with the number of chained rows: without it nobody could tell that the last ones were cut off. */
const headOf = (path: string) => `${path}.head`;

async function bytesOf(path: string): Promise<Uint8Array> {
  return readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return new Uint8Array();
    throw error;
  });
}

/** Null: no row was ever appended here, or the note is not readable. */
async function headCount(path: string): Promise<number | null> {
  const text = await readFile(headOf(path), "utf8").catch(() => "");
  return /^\d{1,15}\n$/.test(text) ? Number(text) : null;
}

/** @throws {Error} the file cannot be read */
export async function loadLedger(path: string): Promise<Ledger> {
  return readLedger(await bytesOf(path), await headCount(path));
}

/** @throws {Error} the disk refuses */
export async function appendRow(path: string, row: NewRow, takeLock: TakeLock): Promise<AppendResult> {
  const parsed = newRowSchema.safeParse(row);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return refusal("bad-row", `The row's ${issue?.path.join(".") || "shape"} is wrong: ${issue?.message}`);
  }
  return withLock(path, takeLock, async () => {
    const ledger = await loadLedger(path);
    const grave = ledger.findings.filter(({ harmless }) => !harmless);
    const [first] = grave;
    if (first !== undefined) {
      const message = `${path}:${first.line}: ${first.message} Nothing was appended.`;
      return { ok: false, code: "not-sound", message, findings: grave };
    }
    const { line, hash } = chainedLine(parsed.data, ledger.next);
    await appendDurably(path, line);
    await writeDurably(headOf(path), `${ledger.chained + 1}\n`);
    return { ok: true, hash, line: ledger.chained + 1 };
  });
}

/**
 * Moves a half line at the end into a file of its own, `<ledger>.torn-<n>`; nothing is deleted.
 * @returns path of that file; null: there was no half line
 */
export async function recoverLedger(path: string, takeLock: TakeLock): Promise<string | null | "busy"> {
  const moved = await withLock(path, takeLock, async () => {
    const bytes = await bytesOf(path);
    const { halfLineAt } = readLedger(bytes);
    if (halfLineAt === null) return { ok: true as const, torn: null };
    let n = 1;
    while (await exists(`${path}.torn-${n}`)) n += 1;
    const torn = `${path}.torn-${n}`;
    await writeDurably(torn, bytes.subarray(halfLineAt));
    await truncate(path, halfLineAt);
    await sync(path);
    return { ok: true as const, torn };
  });
  return "torn" in moved ? moved.torn : "busy";
}

async function withLock<T>(
  path: string,
  takeLock: TakeLock,
  work: () => Promise<T>,
): Promise<T | ReturnType<typeof refusal>> {
  const deadline = performance.now() + waitMs;
  let lock = takeLock(`${path}.lock`);
  while (lock === null && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, pollMs));
    lock = takeLock(`${path}.lock`);
  }
  if (lock === null) return refusal("busy", `Another process writes to ${path}. Try again when it has ended.`);
  try {
    return await work();
  } finally {
    lock.release();
  }
}

function refusal(code: "busy" | "bad-row", message: string) {
  return { ok: false as const, code, message, findings: [] };
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function appendDurably(path: string, line: string): Promise<void> {
  const file = await open(path, "a", 0o644);
  try {
    await file.appendFile(line);
    await file.sync();
  } finally {
    await file.close();
  }
  await sync(dirname(path));
}

async function writeDurably(path: string, content: string | Uint8Array): Promise<void> {
  const part = `${path}.${process.pid}`;
  const file = await open(part, "w", 0o644);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(part, path);
  await sync(dirname(path));
}

/** Folders cannot be opened on Windows, where the rename itself is durable. */
async function sync(path: string): Promise<void> {
  const file = await open(path, "r").catch(() => null);
  try {
    await file?.sync();
  } catch (error) {
    if (!["EPERM", "EISDIR", "EINVAL"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  } finally {
    await file?.close();
  }
}
