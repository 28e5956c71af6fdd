/** Appends to a ledger on disk: one writer at a time, each row on the disk before it is acknowledged. */
import { open, readFile, rename, stat, truncate } from "node:fs/promises";
import { dirname } from "node:path";
import { headCount, headOf, withHead } from "./head.ts";
import { type Ledger, type LedgerFinding, readLedger } from "./read.ts";
import {
  type ChainedRow,
  chainedLine,
  faultOfNewRow,
  faultOfRow,
  type ImportedRow,
  longestLine,
  type NewRow,
  noHash,
  type VerdictRow,
} from "./row.ts";

/** Exclusive across processes; null: somebody else holds it. */
export type TakeLock = (file: string) => { readonly release: () => void } | null;

export type AppendResult =
  | {
      readonly ok: true;
      readonly hash: string;
      /** Number among the chained rows, from 1. */
      readonly line: number;
    }
  | {
      readonly ok: false;
      readonly code: "busy" | "bad-row" | "not-sound";
      readonly message: string;
      readonly findings: readonly LedgerFinding[];
    };

const waitMs = 5000;
const pollMs = 20;

async function bytesOf(path: string): Promise<Uint8Array> {
  return readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return new Uint8Array();
    throw error;
  });
}

/** @throws {Error} the file cannot be read */
export async function loadLedger(path: string): Promise<Ledger> {
  const head = Buffer.from(await bytesOf(headOf(path))).toString("latin1");
  return withHead(readLedger(await bytesOf(path), headCount(head)), path, head);
}

/** @throws {Error} the disk refuses */
export async function appendRow(path: string, row: NewRow, takeLock: TakeLock): Promise<AppendResult> {
  const fault = faultOfNewRow(row) ?? faultOfText(row);
  if (fault !== null) return refusal("bad-row", `The row was not appended: ${fault}`);
  return appendAll(path, () => [row], takeLock);
}

/** The verdict on a lever, as `appendRow`. @throws {Error} the disk refuses */
export async function appendVerdict(path: string, row: VerdictRow, takeLock: TakeLock): Promise<AppendResult> {
  const fault = faultOfRow(row) ?? faultOfText(row);
  if (fault !== null) return refusal("bad-row", `The verdict was not appended: ${fault}`);
  return appendAll(path, () => [row], takeLock);
}

/**
 * Appends what `choose` takes for a sound ledger, in one piece: nobody else writes between the look and the rows.
 * @throws {Error} the disk refuses, and what `choose` throws
 */
export async function appendImported(
  path: string,
  choose: (ledger: Ledger) => readonly ImportedRow[],
  takeLock: TakeLock,
): Promise<AppendResult> {
  return appendAll(path, choose, takeLock);
}

async function appendAll(
  path: string,
  choose: (ledger: Ledger) => readonly ChainedRow[],
  takeLock: TakeLock,
): Promise<AppendResult> {
  return withLock(path, takeLock, async () => {
    const ledger = await loadLedger(path);
    const refused = unsound(path, ledger);
    if (refused !== null) return refused;
    const rows = choose(ledger);
    for (const row of rows) {
      const fault = faultOfRow(row) ?? faultOfText(row);
      if (fault !== null) return refusal("bad-row", `Nothing was appended: ${fault}`);
    }
    let hash = ledger.next;
    const lines = rows.map((row) => {
      const chained = chainedLine(row, hash);
      hash = chained.hash;
      return chained.line;
    });
    if (lines.length > 0) {
      await appendDurably(path, lines.join(""));
      await writeDurably(headOf(path), `${ledger.chained + lines.length}\n`);
    }
    return { ok: true, hash, line: ledger.chained + lines.length };
  });
}

/** Why a ledger cannot be continued; null: it can. */
export function unsound(path: string, ledger: Ledger): Extract<AppendResult, { ok: false }> | null {
  const grave = ledger.findings.filter(({ harmless }) => !harmless);
  const [first] = grave;
  if (first === undefined) return null;
  const message = `${path}:${first.line}: ${first.message} Nothing was appended. Restore the file, or move it aside and begin a new one.`;
  return { ok: false, code: "not-sound", message, findings: grave };
}

/** A row that could be written but never read again would close the ledger for good. */
function faultOfText(row: ChainedRow): string | null {
  try {
    const bytes = Buffer.byteLength(chainedLine(row, noHash).line);
    return bytes - 1 > longestLine ? `it has ${bytes} bytes, more than ${longestLine}.` : null;
  } catch (error) {
    return `it is no JSON: ${(error as Error).message}.`;
  }
}

/**
 * Moves a half line at the end into a file of its own, `<ledger>.torn-<n>`; nothing is deleted. An older row that is whole
 * but for its line break gets one.
 * @returns path of that file; null: there was no half line
 */
export async function recoverLedger(path: string, takeLock: TakeLock): Promise<string | null | "busy"> {
  const moved = await withLock(path, takeLock, async () => {
    const bytes = await bytesOf(path);
    const { halfLineAt, lacksLineBreak } = readLedger(bytes);
    if (lacksLineBreak) await appendDurably(path, "\n");
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
