/** Paths as assertion files write them: relative, with `/`, and never out of the folder. */

/** `a/./b/../c` to `a/c`; null when it leaves the folder or is absolute. Backslashes count as slashes. */
export function normalise(path: string): string | null {
  const slashed = path.replaceAll("\\", "/");
  if (slashed.startsWith("/") || /^[A-Za-z]:/.test(slashed) || slashed.includes("\0")) return null;
  const parts: string[] = [];
  for (const part of slashed.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return null;
  }
  return parts.length === 0 ? null : parts.join("/");
}

/**
 * Where a path of an assertion file may lead, the nearest first: from the file's own folder, then from each one above it,
 * up to the checked folder.
 * @param path normalised
 */
export function placesOf(path: string, assertionPath: string): string[] {
  const folders = assertionPath.split("/").slice(0, -1);
  return folders.map((_, left) => [...folders.slice(0, folders.length - left), path].join("/")).concat(path);
}

export function folderOf(path: string): string {
  const end = path.lastIndexOf("/");
  return end < 0 ? "" : path.slice(0, end);
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The path in a text that may carry prose around it, `x.v (NOT YET CREATED)`; null when it names no `.v` file. */
export function pathInProse(text: string): { readonly path: string; readonly prose: boolean } | null {
  const whole = text.trim();
  if (/\.v$/.test(whole) && !/[\s()]/.test(whole)) return { path: whole, prose: false };
  const found = /(?<!\))[^\s"'`(),;]+\.v(?![\w.])/.exec(whole)?.[0];
  return found === undefined ? null : { path: found, prose: true };
}
