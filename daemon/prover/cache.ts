/** Facts of earlier checks as JSON files, named by the key of everything that they depend on. */
import { createHash, randomUUID } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ProofFacts } from "../invariants/facts.ts";

/** Raise it when questions or their reading change: older facts are not found any more. */
const queryVersion = 6;

export interface KeyParts {
  readonly path: string;
  readonly sourceSha256: string;
  /** Every file of the folder that it needs, directly or not, and what Coq calls it. */
  readonly needs: readonly { readonly path: string; readonly sha256: string; readonly library: string }[];
  readonly prover: string;
  /** Of the libraries outside of the folder. */
  readonly installed: string;
  readonly flags: readonly string[];
  readonly library: string;
}

export function cacheKey(parts: KeyParts): string {
  return createHash("sha256")
    .update(JSON.stringify([queryVersion, { ...parts, needs: parts.needs.toSorted(byPath) }]))
    .digest("hex");
}

function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return a.path < b.path ? -1 : 1;
}

export class FactCache {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  #file(key: string): string {
    return join(this.#folder, "facts", key.slice(0, 2), `${key}.json`);
  }

  /** What cannot be read counts as absent: it is written anew. */
  async read(key: string): Promise<ProofFacts | null> {
    try {
      const stored: unknown = JSON.parse(await readFile(this.#file(key), "utf8"));
      return isFacts(stored, key) ? stored.facts : null;
    } catch {
      return null;
    }
  }

  /** A full disk costs the cache, not the check. */
  async write(key: string, facts: ProofFacts): Promise<void> {
    const file = this.#file(key);
    const part = `${file}.${randomUUID()}`;
    try {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(part, JSON.stringify({ key, facts }), { mode: 0o600 });
      await rename(part, file);
    } catch {
      // The facts are at hand; the next check asks Coq again.
    }
  }
}

function isFacts(stored: unknown, key: string): stored is { readonly facts: ProofFacts } {
  if (typeof stored !== "object" || stored === null || !("key" in stored) || !("facts" in stored)) return false;
  const { facts } = stored;
  const holds = typeof facts === "object" && facts !== null && "outcome" in facts && "theorems" in facts;
  return stored.key === key && holds;
}
