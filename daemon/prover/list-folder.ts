/** Finds the files of a folder that a check reads, and names what it leaves out. Follows no links. */
import type { Dirent } from "node:fs";
import { lstat, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { isAssertionName } from "../invariants/assertion-shapes.ts";
import { isReadName, isReadPath, isSkippedFolder, maxDepth, maxFiles, whyLink, whyNoFile } from "./folder-rules.ts";

/** What a check would read by its name, and did not. */
export interface LeftOut {
  /** Null: more than one path. */
  readonly path: string | null;
  /** A sentence without its full stop, which begins with the path: a link, too large, not readable, too many files. */
  readonly text: string;
}

/** The folder itself does not let itself be listed. */
export class UnreadableFolder extends Error {
  constructor(cause: unknown) {
    super((cause as Error).message, { cause });
    this.name = "UnreadableFolder";
  }
}

/**
 * Files below a folder, or below a part of it, that a check reads: paths relative to the folder, sorted within each folder.
 * @param leftOut gets what is there and left out
 * @param part relative path of a folder; empty: all
 * @throws {UnreadableFolder}
 */
export async function listFolder(folder: string, leftOut: LeftOut[], part = ""): Promise<string[]> {
  const found: string[] = [];
  const visit = async (relative: string, depth: number): Promise<void> => {
    let entries: Dirent[];
    try {
      entries = await readdir(join(folder, relative), { withFileTypes: true });
    } catch (error) {
      if (relative === part) throw new UnreadableFolder(error);
      leftOut.push(left(relative, unreadable(error)));
      return;
    }
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = relative === "" ? entry.name : `${relative}/${entry.name}`;
      if (entry.isDirectory()) {
        if (isSkippedFolder(entry.name)) continue;
        if (depth < maxDepth) await visit(path, depth + 1);
        else leftOut.push(left(path, "lies too deep"));
      } else if (entry.isSymbolicLink()) {
        const isMissed = isReadName(entry.name) || (await leadsToFolder(join(folder, path)));
        if (isMissed && !isSkippedFolder(entry.name)) leftOut.push(left(path, whyLink));
      } else if (isReadName(entry.name)) {
        if (!entry.isFile()) leftOut.push(left(path, whyNoFile));
        // Claims that nobody checks would look like claims that hold.
        else if (found.length < maxFiles || isAssertionName(path)) found.push(path);
        else if (!leftOut.includes(tooMany)) leftOut.push(tooMany);
      }
    }
  };
  await visit(part, part === "" ? 0 : part.split("/").length);
  return found;
}

const tooMany: LeftOut = { path: null, text: `files beyond the first ${maxFiles}` };

export function left(path: string, why: string): LeftOut {
  return { path, text: `${path} ${why}` };
}

export function unreadable(error: unknown): string {
  return `cannot be read: ${(error as Error).message}`;
}

async function leadsToFolder(link: string): Promise<boolean> {
  const target = await stat(link).catch(() => null);
  return target?.isDirectory() === true;
}

/** What a check would look at where a path is now: the file itself, or all files of a folder; those it leaves out, too. */
export async function filesAt(folder: string, path: string): Promise<readonly string[]> {
  if (path.split("/").some(isSkippedFolder)) return [];
  const found = await lstat(join(folder, path)).catch(() => null);
  if (found === null) return [];
  if (!found.isDirectory()) return isReadPath(path) ? [path] : [];
  const leftOut: LeftOut[] = [];
  // It may be gone again.
  const files = await listFolder(folder, leftOut, path).catch(() => []);
  return [...files, ...leftOut.flatMap((one) => one.path ?? [])];
}
