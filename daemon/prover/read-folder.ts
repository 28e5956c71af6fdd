/** Reads what a check needs out of a folder: assertion files, proofs, project files and races. Follows no links, has limits. */
import { createHash } from "node:crypto";
import { constants, type Dirent } from "node:fs";
import { lstat, open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { isAssertionName } from "../invariants/assertion-shapes.ts";
import {
  isReadName,
  isReadPath,
  isSkippedFolder,
  maxDepth,
  maxFiles,
  tooLarge,
  whyLink,
  whyNoFile,
} from "./folder-rules.ts";

export interface FolderText {
  /** Relative to the folder, with `/`. */
  readonly path: string;
  readonly text: string;
  /** Of the bytes. */
  readonly sha256: string;
}

export interface FolderTexts {
  /** JSON files that may hold invariants. */
  readonly assertions: readonly FolderText[];
  readonly proofs: readonly FolderText[];
  /** `_CoqProject` and `_RocqProject`. */
  readonly projects: readonly FolderText[];
  /** Race files: they may cite invariants. */
  readonly races: readonly FolderText[];
  readonly leftOut: readonly LeftOut[];
}

/** What a check would read by its name, and did not. */
export interface LeftOut {
  /** Null: more than one path. */
  readonly path: string | null;
  /** A sentence without its full stop, which begins with the path: a link, too large, not readable, too many files. */
  readonly text: string;
}

/** Only a JSON file that mentions one of these can be a file of invariants. */
const telling = /coq_file|coq_theorem|proof_qed|"theorem"|admitted_theorems|runtime_check/;

export function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The folder itself does not let itself be listed. */
export class UnreadableFolder extends Error {
  constructor(cause: unknown) {
    super((cause as Error).message, { cause });
    this.name = "UnreadableFolder";
  }
}

/** @throws {UnreadableFolder} */
export async function readProofFolder(folder: string): Promise<FolderTexts> {
  const leftOut: LeftOut[] = [];
  const paths = await list(folder, leftOut);
  const texts = {
    assertions: [] as FolderText[],
    proofs: [] as FolderText[],
    projects: [] as FolderText[],
    races: [] as FolderText[],
  };
  for (const path of paths) {
    const isProof = path.endsWith(".v");
    const isJson = path.endsWith(".json");
    const read = await readText(folder, path, leftOut);
    if (read === null) continue;
    if (isProof) texts.proofs.push(read);
    else if (path.endsWith(".toml")) texts.races.push(read);
    else if (!isJson) texts.projects.push(read);
    else if (isAssertionName(path) || telling.test(read.text)) texts.assertions.push(read);
  }
  return { ...texts, leftOut };
}

async function list(folder: string, leftOut: LeftOut[]): Promise<string[]> {
  const found: string[] = [];
  const visit = async (relative: string, depth: number): Promise<void> => {
    let entries: Dirent[];
    try {
      entries = await readdir(join(folder, relative), { withFileTypes: true });
    } catch (error) {
      if (relative === "") throw new UnreadableFolder(error);
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
  await visit("", 0);
  return found;
}

const tooMany: LeftOut = { path: null, text: `files beyond the first ${maxFiles}` };

function left(path: string, why: string): LeftOut {
  return { path, text: `${path} ${why}` };
}

function unreadable(error: unknown): string {
  return `cannot be read: ${(error as Error).message}`;
}

async function leadsToFolder(link: string): Promise<boolean> {
  const target = await stat(link).catch(() => null);
  return target?.isDirectory() === true;
}

/**
 * One file again; null when it is gone, left out, or none of those that a check reads.
 * @param leftOut gets why, where it is there and left out
 */
export async function readFolderFile(
  folder: string,
  path: string,
  leftOut: LeftOut[] = [],
): Promise<FolderText | null> {
  return isReadPath(path) ? readText(folder, path, leftOut) : null;
}

async function readText(folder: string, path: string, leftOut: LeftOut[]): Promise<FolderText | null> {
  try {
    // No link, pipe or device: they may never end, and lie outside of the folder.
    const found = await lstat(join(folder, path));
    if (!found.isFile()) {
      leftOut.push(left(path, found.isSymbolicLink() ? whyLink : whyNoFile));
      return null;
    }
    const file = await open(join(folder, path), constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const large = tooLarge((await file.stat()).size);
      if (large !== null) {
        leftOut.push(left(path, large));
        return null;
      }
      const bytes = await file.readFile();
      return { path, text: bytes.toString("utf8"), sha256: sha256Of(bytes) };
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT" && code !== "ENOTDIR") leftOut.push(left(path, unreadable(error)));
    return null;
  }
}
