/** Reads what a check needs out of a folder: assertion files, proofs, project files and races. Follows no links, has limits. */
import { createHash } from "node:crypto";
import { constants, type Dirent } from "node:fs";
import { lstat, open, readdir } from "node:fs/promises";
import { join } from "node:path";

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
  /** What was left out, worded for the user: too many files, too large, not readable. */
  readonly leftOut: readonly string[];
}

const skipped = new Set(["node_modules", ".git", ".hg", ".svn", ".igla", "dist", "_build", "_opam", ".vscode"]);
const readNames = /\.(v|json|igla\.toml)$|^_(Coq|Rocq)Project$/;
const maxFiles = 5000;
const maxDepth = 12;
const maxProofBytes = 8 * 1024 * 1024;
const maxJsonBytes = 8 * 1024 * 1024;
/** Only a JSON file that mentions one of these can be a file of invariants. */
const telling = /coq_file|coq_theorem|proof_qed|"theorem"|admitted_theorems|runtime_check/;

export function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** @throws {Error} when the folder itself cannot be read */
export async function readProofFolder(folder: string): Promise<FolderTexts> {
  const leftOut: string[] = [];
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
    const read = await readText(folder, path, isJson ? maxJsonBytes : maxProofBytes, leftOut);
    if (read === null) continue;
    if (isProof) texts.proofs.push(read);
    else if (path.endsWith(".toml")) texts.races.push(read);
    else if (!isJson) texts.projects.push(read);
    else if (/igla_assertions[^/]*\.json$/.test(path) || telling.test(read.text)) texts.assertions.push(read);
  }
  return { ...texts, leftOut };
}

async function list(folder: string, leftOut: string[]): Promise<string[]> {
  const found: string[] = [];
  const visit = async (relative: string, depth: number): Promise<void> => {
    let entries: Dirent[];
    try {
      entries = await readdir(join(folder, relative), { withFileTypes: true });
    } catch (error) {
      if (relative === "") throw error;
      leftOut.push(`${relative} cannot be read`);
      return;
    }
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = relative === "" ? entry.name : `${relative}/${entry.name}`;
      if (entry.isDirectory() && !skipped.has(entry.name)) {
        if (depth < maxDepth) await visit(path, depth + 1);
        else leftOut.push(`${path} lies too deep`);
      } else if (entry.isFile() && readNames.test(entry.name)) {
        if (found.length < maxFiles) found.push(path);
        else if (found.length === maxFiles && leftOut.at(-1) !== tooMany) leftOut.push(tooMany);
      }
    }
  };
  await visit("", 0);
  return found;
}

const tooMany = `files beyond the first ${maxFiles}`;

/** One file again; null when it is gone, too large, or none of those that a check reads. */
export async function readFolderFile(folder: string, path: string): Promise<FolderText | null> {
  const limit = path.endsWith(".json") ? maxJsonBytes : maxProofBytes;
  return isRead(path) ? readText(folder, path, limit, []) : null;
}

/** Whether a check would read the file at this path. */
function isRead(path: string): boolean {
  const parts = path.split("/");
  return parts.length <= maxDepth && readNames.test(parts.at(-1) ?? "") && !parts.some((part) => skipped.has(part));
}

async function readText(folder: string, path: string, limit: number, leftOut: string[]): Promise<FolderText | null> {
  try {
    // No link, pipe or device: they may never end, and lie outside of the folder.
    if (!(await lstat(join(folder, path))).isFile()) {
      leftOut.push(`${path} is no regular file`);
      return null;
    }
    const file = await open(join(folder, path), constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const { size } = await file.stat();
      if (size > limit) {
        leftOut.push(`${path} is larger than ${limit / 1024 / 1024} MiB`);
        return null;
      }
      const bytes = await file.readFile();
      return { path, text: bytes.toString("utf8"), sha256: sha256Of(bytes) };
    } finally {
      await file.close();
    }
  } catch (error) {
    leftOut.push(`${path} cannot be read: ${(error as Error).message}`);
    return null;
  }
}
