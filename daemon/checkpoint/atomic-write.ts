/** Files that either stand complete under their name or not at all, whatever kills the process. */
import { mkdir, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ioError } from "./error.ts";

let counter = 0;

/**
 * Writes to a temporary name in the same folder, syncs, renames, syncs the folder.
 * @throws {CheckpointError} `checkpoint.disk-full`, `checkpoint.read-only`, `checkpoint.io`; the temporary file is gone
 */
export async function writeAtomically(path: string, bytes: Uint8Array): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, `${basename(path)}.${process.pid}-${counter++}.tmp`);
  try {
    await mkdir(folder, { recursive: true });
    const file = await open(temporary, "wx");
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(folder);
  } catch (error) {
    await removeQuietly(temporary);
    throw ioError(path, error);
  }
}

/** A rename survives a power cut once its folder is synced; Windows has no such call and needs none. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The failure that led here is what the caller must see, not a second one of the clean-up. */
async function removeQuietly(path: string): Promise<void> {
  await rm(path, { force: true }).catch(() => undefined);
}
