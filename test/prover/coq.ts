/** The real prover of this machine, and throw-away folders to check with it. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { findProver, type Prover } from "../../daemon/prover/find-prover.ts";

const found = await findProver(process.env, process.platform, "");
export const prover: Prover | null = "missing" in found ? null : found;
if (prover === null && process.env.IGLA_REQUIRE_COQ === "1") {
  throw new Error("IGLA_REQUIRE_COQ is set, but no Coq was found.");
}

/** The name of a test, which says why it is skipped. */
export function needsCoq(title: string): string {
  return prover === null ? `${title} (skipped: no coqc or rocq on this machine)` : title;
}

export class ProofFolder {
  readonly root = mkdtempSync(join(tmpdir(), "igla-proofs-"));
  readonly folder = join(this.root, "work");
  readonly cache = join(this.root, "cache");

  constructor(files: Readonly<Record<string, string | Uint8Array>>) {
    mkdirSync(this.folder);
    for (const [path, text] of Object.entries(files)) this.write(path, text);
  }

  write(path: string, text: string | Uint8Array): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    writeFileSync(join(this.folder, path), text);
  }

  /** Every file with its content: nothing may be added or changed by a check. */
  snapshot(): Record<string, string> {
    const entries = readdirSync(this.folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    return Object.fromEntries(files.sort().map((file) => [file, readFileSync(file, "base64")]));
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Command lines of processes that work below a folder; Linux only. */
export function processesBelow(folder: string): string[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => commandLine(pid))
    .filter((line) => line.includes(folder));
}

/** A process may end while the list is read. */
function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
}
