/** Why a path that a claim cites was not read: nothing is there, or something that is left out. */
import { closeSync, constants, lstatSync, openSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";
import type { Unread } from "../invariants/model.ts";
import { isSkippedFolder, maxDepth, tooLarge, whyLink, whyNoFile } from "./folder-rules.ts";

/** @param path of a proof, relative to the folder, normalised */
export function unreadAt(folder: string, path: string): Unread {
  const parts = path.split("/");
  try {
    for (const at of parts.keys()) {
      const here = parts.slice(0, at + 1).join("/");
      const found = lstatSync(join(folder, here));
      if (found.isSymbolicLink()) return linked(folder, path, here);
      if (here === path) return present(join(folder, path), parts, found);
    }
    return { kind: "missing" };
  } catch (error) {
    return failed(error);
  }
}

/** A link that leads nowhere is as good as nothing. */
function linked(folder: string, path: string, link: string): Unread {
  statSync(join(folder, path));
  return { kind: "left-out", why: link === path ? whyLink : `lies behind ${link}, which ${whyLink}` };
}

function present(file: string, parts: readonly string[], found: Stats): Unread {
  const leftOut = (why: string): Unread => ({ kind: "left-out", why });
  if (!found.isFile()) return leftOut(found.isDirectory() ? "is a folder" : whyNoFile);
  const skipped = parts.find(isSkippedFolder);
  if (skipped !== undefined) return leftOut(`lies in ${skipped}, where Igla does not look`);
  if (parts.length > maxDepth + 1) return leftOut("lies too deep");
  const large = tooLarge(found.size);
  if (large !== null) return leftOut(large);
  // Rights are more than the file's mode: only an attempt tells.
  closeSync(openSync(file, constants.O_RDONLY | constants.O_NONBLOCK));
  return leftOut("was not among the files that were read");
}

function failed(error: unknown): Unread {
  const { code = "error" } = error as NodeJS.ErrnoException;
  // No file can have a name that is too long.
  if (code === "ENOENT" || code === "ENOTDIR" || code === "ENAMETOOLONG") return { kind: "missing" };
  return { kind: "unreadable", why: `cannot be read (${code})` };
}
