/** Reads a file of a workspace that somebody else may have prepared: no pipe, no device, nothing endless. */
import { readFile, stat } from "node:fs/promises";

const maxBytes = 8 * 1024 * 1024;

/** Null: there is no such file. @throws {Error} it is there, but cannot be read; the message says why */
export async function readText(file: string): Promise<string | null> {
  try {
    const found = await stat(file);
    if (!found.isFile()) throw new Error("it is not a file");
    if (found.size > maxBytes) throw new Error(`it is larger than ${maxBytes / 1024 / 1024} MiB`);
    return await readFile(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw error;
  }
}
