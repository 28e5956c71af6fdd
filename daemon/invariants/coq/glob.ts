/** `.glob`: what coqc says a file declares, and where. */
import type { GlobDeclaration } from "../facts.ts";

export interface Glob {
  /** MD5 of the source that was compiled, in hex; null when the file has none. */
  readonly digest: string | null;
  /** What Coq calls the file; null when the file does not say. */
  readonly library: string | null;
  readonly declarations: readonly GlobDeclaration[];
  readonly references: readonly GlobReference[];
}

/** Something that the source names. What tactics bring into a proof is not among them. */
export interface GlobReference {
  readonly startByte: number;
  readonly library: string;
  /** Module path included. */
  readonly name: string;
}

const reference = /^R(\d+):\d+ (\S+) (\S+) (\S+) [a-z]+$/;
const declaration = /^([a-z]+) (\d+):(\d+) (\S+) (\S+)$/;

/** Lines that cannot be read are skipped: a compilation that failed leaves a file that stops anywhere. */
export function parseGlob(text: string): Glob {
  let digest: string | null = null;
  let library: string | null = null;
  const declarations: GlobDeclaration[] = [];
  const references: GlobReference[] = [];
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith("DIGEST ")) {
      const value = line.slice("DIGEST ".length).trim();
      digest = /^[0-9a-f]{32}$/.test(value) ? value : null;
      continue;
    }
    if (line.startsWith("F")) {
      library = line.slice(1).trim() || null;
      continue;
    }
    if (line.startsWith("R")) {
      const [, at, library, within, named] = reference.exec(line) ?? [];
      if (library === undefined || named === undefined) continue;
      references.push({ startByte: Number(at), library, name: within === "<>" ? named : `${within}.${named}` });
      continue;
    }
    const [, kind, start, end, modulePath, name] = declaration.exec(line) ?? [];
    // Binders declare nothing that can be asked for.
    if (kind === undefined || kind === "binder" || modulePath === undefined || name === undefined) continue;
    declarations.push({
      kind,
      startByte: Number(start),
      // Coq writes the last byte; everything here counts ends exclusively.
      endByte: Number(end) + 1,
      modulePath: modulePath === "<>" ? "" : modulePath,
      name,
    });
  }
  return { digest, library, declarations, references };
}
