/**
 * The text for a first start without network: TypeScript's `lib.dom.d.ts`, which the installation already holds.
 * Passages that repeat are left out (2.3 MB become 0.4 MB): interface declarations repeat each other so much that
 * the leak gate would rightly refuse the text as it is.
 */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const STAND_IN_NAME = "typescript-lib-dom";
const STAND_IN_FILE = "lib.dom.d.ts";
/** No passage of this length occurs twice; the length on which the leak gate decides. */
const PASSAGE_BYTES = 64;

/**
 * Path of `lib.dom.d.ts` as seen from a module (its URL), or null. The build puts it beside the bundles; sources under
 * test find it in the installed TypeScript, which from version 7 on keeps it in the package of its platform.
 */
export function findStandIn(fromModule: string): string | null {
  const built = fileURLToPath(new URL(STAND_IN_FILE, fromModule));
  return existsSync(built) ? built : findInstalled(fromModule);
}

function findInstalled(fromModule: string): string | null {
  try {
    const typescript = createRequire(fromModule).resolve("typescript/package.json");
    const inside = join(dirname(typescript), "lib", STAND_IN_FILE);
    if (existsSync(inside)) return inside;
    const platform = `@typescript/typescript-${process.platform}-${process.arch}/package.json`;
    const beside = join(dirname(createRequire(typescript).resolve(platform)), "lib", STAND_IN_FILE);
    return existsSync(beside) ? beside : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "MODULE_NOT_FOUND") return null;
    throw error;
  }
}

/** Leaves out every line that would repeat a 64-byte passage of the lines kept so far. */
export function withoutRepetition(text: Uint8Array): Uint8Array {
  const kept = Buffer.alloc(text.length);
  let length = 0;
  const seen = new Set<string>();
  const source = Buffer.from(text.buffer, text.byteOffset, text.length);
  for (let start = 0; start < source.length; ) {
    const newline = source.indexOf(0x0a, start);
    const end = newline === -1 ? source.length : newline + 1;
    source.copy(kept, length, start, end);
    const passages = passagesEnding(kept, length, length + end - start);
    if (!passages.some((passage) => seen.has(passage)) && new Set(passages).size === passages.length) {
      for (const passage of passages) seen.add(passage);
      length += end - start;
    }
    start = end;
  }
  return kept.subarray(0, length);
}

/** The passages whose last byte lies in `from .. to`. */
function passagesEnding(bytes: Buffer, from: number, to: number): string[] {
  const text = bytes.toString("latin1", Math.max(0, from - PASSAGE_BYTES + 1), to);
  return Array.from({ length: Math.max(0, text.length - PASSAGE_BYTES + 1) }, (_, i) =>
    text.slice(i, i + PASSAGE_BYTES),
  );
}
