/** Reads a ledger for its verdicts on levers: within limits, in slices, never through a link. Never throws. */
import { constants } from "node:fs";
import { lstat, open, readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { canonicalHash } from "../../config/canonical.ts";
import { headCount, headOf, withHead } from "../../evidence/ledger/head.ts";
import { type Ledger, ledgerReading } from "../../evidence/ledger/read.ts";
import type { LedgerVerdict } from "../../evidence/ledger/row.ts";
import { type LeverRegistration, leverRegistrationSchema } from "../../evidence/lever-registration.ts";
import { whyLink, whyNoFile } from "../../prover/folder-rules.ts";

export interface LedgerFault {
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

/** What was registered on a lever and has no verdict in the ledger: given up, or not finished yet. */
export type OpenRegistration = Pick<LeverRegistration, "lever" | "arms">;

export type LeverLedger =
  | { readonly kind: "absent"; readonly path: string; readonly open?: readonly OpenRegistration[] }
  /** It is being read for the first time. */
  | { readonly kind: "pending"; readonly path: string }
  /** `why` follows the path in a sentence, without its full stop. */
  | { readonly kind: "unread"; readonly path: string; readonly why: string }
  | {
      readonly kind: "read";
      /** Absolute. */
      readonly path: string;
      /** Oldest first. */
      readonly verdicts: readonly LedgerVerdict[];
      readonly open?: readonly OpenRegistration[];
      /** Registrations that have a verdict and no longer say what was registered, by id. */
      readonly edited?: ReadonlySet<string>;
      /** Why no row of it can be relied on; null: the chain holds. */
      readonly fault: LedgerFault | null;
    };

/** Many thousand verdicts; beyond it is something else than a ledger. */
const maxBytes = 16 * 1024 * 1024;
const maxHeadBytes = 64;
const maxFindings = 1000;
const maxRegistrations = 1000;
const maxRegistrationBytes = 256 * 1024;
/** The server answers between two slices. */
const sliceMs = 10;

class Unread extends Error {}

/** Folder of the registrations that a ledger's verdicts rest on. @param ledger absolute */
export function registrationsOf(ledger: string): string {
  return join(ledger, "..", "prereg");
}

/** Changes whenever the ledger or what lies beside it may have changed; empty: nothing is there. */
export async function stampOf(path: string): Promise<string> {
  const registrations = await registrationFiles(path);
  const stamps = await Promise.all(
    [path, headOf(path), ...registrations].map((file) =>
      lstat(file).then(
        ({ mtimeMs, ctimeMs, size, ino }) => `${mtimeMs} ${ctimeMs} ${size} ${ino}`,
        () => "",
      ),
    ),
  );
  return stamps.join("/").replace(/^\/+$/, "");
}

/** @param path absolute */
export async function readLeverLedger(path: string): Promise<LeverLedger> {
  try {
    const head = await bytesOf(headOf(path), maxHeadBytes);
    const bytes = await bytesOf(path, maxBytes);
    const registered = await registrationsBeside(path);
    if (bytes === null && head === null) return { kind: "absent", path, open: registered.flatMap(({ open }) => open) };
    const headText = Buffer.from(head ?? []).toString("latin1");
    const ledger = withHead(await readInSlices(bytes ?? new Uint8Array(), headCount(headText)), path, headText);
    const fault = ledger.findings.find(({ harmless }) => !harmless) ?? null;
    const decided = new Set(ledger.verdicts.map(({ row }) => row.prereg.slice(0, 12)));
    const undecided = registered.filter(({ name }) => !decided.has(name)).flatMap(({ open }) => open);
    const edited = editedOf(ledger.verdicts, registered);
    return { kind: "read", path, verdicts: ledger.verdicts, open: undecided, edited, fault };
  } catch (error) {
    const why = error instanceof Unread ? error.message : `cannot be read: ${(error as Error).message}`;
    return { kind: "unread", path, why };
  }
}

interface RegistrationFile {
  /** Without its ending: first digits of the id. */
  readonly name: string;
  /** Id of what it says now; null: it is no JSON. */
  readonly id: string | null;
  /** None: it is no registration on a lever. */
  readonly open: readonly OpenRegistration[];
}

/** @returns absolute paths */
async function registrationFiles(ledger: string): Promise<string[]> {
  const folder = registrationsOf(ledger);
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".json")).sort();
  return names.slice(0, maxRegistrations).map((name) => join(folder, name));
}

async function registrationsBeside(ledger: string): Promise<RegistrationFile[]> {
  const found: RegistrationFile[] = [];
  for (const file of await registrationFiles(ledger)) {
    const bytes = await bytesOf(file, maxRegistrationBytes).catch(() => null);
    found.push({ name: basename(file, ".json"), ...registrationIn(bytes) });
  }
  return found;
}

function registrationIn(bytes: Uint8Array | null): Omit<RegistrationFile, "name"> {
  try {
    const content: unknown = JSON.parse(Buffer.from(bytes ?? []).toString("utf8"));
    const { success, data } = leverRegistrationSchema.safeParse(content);
    return { id: canonicalHash(content), open: success ? [{ lever: data.lever, arms: data.arms }] : [] };
  } catch {
    return { id: null, open: [] };
  }
}

function editedOf(verdicts: readonly LedgerVerdict[], files: readonly RegistrationFile[]): Set<string> {
  const ids = new Map(files.map(({ name, id }) => [name, id]));
  const isEdited = (prereg: string): boolean => {
    const id = ids.get(prereg.slice(0, 12));
    return id !== undefined && id !== prereg;
  };
  return new Set(verdicts.map(({ row }) => row.prereg).filter(isEdited));
}

/** @returns null: there is none @throws {Error} it cannot be read */
async function bytesOf(path: string, limit: number): Promise<Uint8Array | null> {
  try {
    // No link, pipe or device: they may never end, and lie outside of the folder.
    const found = await lstat(path);
    if (!found.isFile()) throw new Unread(found.isSymbolicLink() ? whyLink : whyNoFile);
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const { size } = await file.stat();
      if (size > limit) throw new Unread(`has ${size} bytes, more than the ${limit} that are read here`);
      const bytes = Buffer.alloc(size);
      const { bytesRead } = await file.read(bytes, 0, size, 0);
      return bytes.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw error;
  }
}

async function readInSlices(bytes: Uint8Array, head: number | null): Promise<Ledger> {
  const reading = ledgerReading(bytes, head);
  let sliceEnd = performance.now() + sliceMs;
  while (true) {
    const step = reading.next();
    if (step.done === true) return step.value;
    if (step.value > maxFindings) throw new Unread(`has more than ${maxFindings} faults`);
    if (performance.now() < sliceEnd) continue;
    await setImmediate();
    sliceEnd = performance.now() + sliceMs;
  }
}
