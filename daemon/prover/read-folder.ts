/** Reads what a check needs out of a folder: assertion files, proofs, project files and races. Follows no links, has limits. */
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { lstat, open } from "node:fs/promises";
import { join } from "node:path";
import { isAssertionName } from "../invariants/assertion-shapes.ts";
import { isCheckReport } from "../invariants/read-assertions.ts";
import { isReadPath, tooLarge, whyLink, whyNoFile, whyReport } from "./folder-rules.ts";
import { type LeftOut, left, listFolder, unreadable } from "./list-folder.ts";

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

/** Only a JSON file that mentions one of these can be a file of invariants. */
const telling = /coq_file|coq_theorem|proof_qed|"theorem"|admitted_theorems|runtime_check/;

export function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** @throws {UnreadableFolder} */
export async function readProofFolder(folder: string): Promise<FolderTexts> {
  const leftOut: LeftOut[] = [];
  const paths = await listFolder(folder, leftOut);
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
    else if (isAssertionName(path)) texts.assertions.push(read);
    else if (telling.test(read.text)) {
      if (isCheckReport(read.text)) leftOut.push(left(path, whyReport));
      else texts.assertions.push(read);
    }
  }
  return { ...texts, leftOut };
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

/** The bytes of a proof as they are now; null when it is gone, no regular file any more, or too large. */
export async function readProofBytes(folder: string, path: string): Promise<Buffer | null> {
  try {
    const file = await open(
      join(folder, path),
      constants.O_RDONLY | constants.O_NONBLOCK | (constants.O_NOFOLLOW ?? 0),
    );
    try {
      const found = await file.stat();
      return found.isFile() && tooLarge(found.size) === null ? await file.readFile() : null;
    } finally {
      await file.close();
    }
  } catch {
    // What has gone since the folder was read is not there to be checked.
    return null;
  }
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
