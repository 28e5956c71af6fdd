/** Where built files lie, seen from a bundle in `dist/` and from sources under test alike. */
import { existsSync } from "node:fs";

/** Folder of this module: `dist/` in a bundle, `daemon/` in sources. */
const here = new URL(".", import.meta.url);
const dist = existsSync(new URL("paths.ts", here)) ? new URL("../dist/", here) : here;

/** URL of a file that the build wrote. */
export function distUrl(file: string): URL {
  return new URL(file, dist);
}
