/** Which files of a folder a check reads: names, places and sizes. */
import { baseName } from "../invariants/paths.ts";

const skipped = new Set(["node_modules", ".git", ".hg", ".svn", ".igla", "dist", "_build", "_opam", ".vscode"]);
const projectNames = new Set(["_CoqProject", "_RocqProject"]);
const readNames = /\.(v|json|igla\.toml)$/;
export const maxFiles = 5000;
export const maxDepth = 12;
const maxBytes = 8 * 1024 * 1024;

/** A folder of that name holds what tools have made or brought along. */
export function isSkippedFolder(name: string): boolean {
  return skipped.has(name);
}

/** Whether a check wants a file of that name. */
export function isReadName(name: string): boolean {
  return readNames.test(name) || projectNames.has(name);
}

/** Whether a check would read a file at this path. */
export function isReadPath(path: string): boolean {
  const parts = path.split("/");
  return parts.length <= maxDepth + 1 && isReadName(baseName(path)) && !parts.some(isSkippedFolder);
}

/** A project file rules how the proofs around it are compiled. */
export function isProjectFile(path: string): boolean {
  return projectNames.has(baseName(path));
}

export function tooLarge(bytes: number): string | null {
  return bytes > maxBytes ? `is larger than ${maxBytes / 1024 / 1024} MiB` : null;
}

/** What follows a path in a sentence. */
export const whyLink = "is a link, which is not followed";
export const whyNoFile = "is no regular file";
export const whyReport = "is a report of `igla invariants check --json`, not a file of claims";
