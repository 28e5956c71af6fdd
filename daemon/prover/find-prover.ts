/** Finds Coq or Rocq: the setting first, then `rocq`, then `coqc` in PATH. */
import { access, constants } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, isAbsolute, join } from "node:path";
import type { FolderReport, UnknownReason } from "../protocol/invariant-report.ts";
import { defaultLimits } from "./limits.ts";
import { runProver } from "./run.ts";

export interface Prover {
  /** "coqc 8.16.1". */
  readonly name: string;
  readonly version: string;
  /** Absolute path, and what comes before the arguments: Rocq 9 has one driver with subcommands. */
  readonly compile: readonly string[];
  readonly depend: readonly string[];
  readonly check: readonly string[];
}

export interface NoProver {
  readonly missing: UnknownReason;
  /** A sentence: what is wrong with a program that was tried first; null: there was none to try. */
  readonly cause: string | null;
  /** A sentence. */
  readonly wayOut: string;
}

const oldest: readonly [number, number] = [8, 12];
const install =
  "Install Coq (Debian and Ubuntu: `sudo apt-get install coq`; macOS: `brew install coq`; Windows: the Rocq Platform), or set `igla.proofs.proverPath`.";

type Environment = Readonly<Record<string, string | undefined>>;

/** @param setting absolute path of `coqc` or `rocq`; empty: looked for in PATH */
export async function findProver(
  env: Environment,
  platform: NodeJS.Platform,
  setting: string,
): Promise<Prover | NoProver> {
  const candidates = setting.trim() === "" ? await inPath(env, platform) : [setting.trim()];
  let failure: NoProver | null = null;
  for (const path of candidates) {
    const found = await examine(path, platform);
    if (!("missing" in found)) return found;
    failure ??= found;
  }
  return failure ?? { missing: "no-prover", cause: null, wayOut: install };
}

/** Cause and way out as one text. */
export function adviceOf({ cause, wayOut }: Pick<NoProver, "cause" | "wayOut">): string {
  return cause === null ? wayOut : `${cause} ${wayOut}`;
}

/** What a report says of the prover. */
export function reported(prover: Prover | NoProver): FolderReport["prover"] {
  return "missing" in prover ? { missing: prover.missing, wayOut: adviceOf(prover) } : { name: prover.name };
}

async function inPath(env: Environment, platform: NodeJS.Platform): Promise<string[]> {
  const suffix = platform === "win32" ? ".exe" : "";
  // A relative entry would find programs in whatever folder is open.
  const folders = (env.PATH ?? env.Path ?? "").split(delimiter).filter((folder) => isAbsolute(folder));
  const found: string[] = [];
  for (const name of ["rocq", "coqc"]) {
    for (const folder of folders) {
      const path = join(folder, `${name}${suffix}`);
      if (await isExecutable(path)) found.push(path);
    }
  }
  return found;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function examine(path: string, platform: NodeJS.Platform): Promise<Prover | NoProver> {
  const missing = (why: string): NoProver => ({ missing: "no-prover", cause: `${path} ${why}.`, wayOut: install });
  if (!isAbsolute(path)) return missing("is not an absolute path");
  if (!(await isExecutable(path))) return missing("cannot be executed");
  const isRocq = /rocq(\.exe)?$/.test(path);
  const args = isRocq ? ["c", "--version"] : ["--version"];
  const request = { executable: path, args, folder: tmpdir(), wallMs: 10_000, limits: defaultLimits };
  const result = await runProver(request);
  if (result.kind !== "exited") {
    const why = result.kind === "crashed" ? result.detail : "it did not answer within 10 s";
    return missing(`did not tell its version: ${why}`);
  }
  const version = /version\s+(\d+)\.(\d+)(\S*)/.exec(result.stdout);
  if (result.code !== 0 || version === null) return missing("did not tell its version");
  const [major, minor] = [Number(version[1]), Number(version[2])];
  const number = `${major}.${minor}${version[3]}`;
  if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
    return missing(`is version ${number}; Igla needs ${oldest.join(".")} or newer`);
  }
  const suffix = platform === "win32" ? ".exe" : "";
  const beside = (name: string) => [join(dirname(path), `${name}${suffix}`)];
  return isRocq
    ? { name: `rocq ${number}`, version: number, compile: [path, "c"], depend: [path, "dep"], check: [path, "check"] }
    : {
        name: `coqc ${number}`,
        version: number,
        compile: [path],
        depend: beside("coqdep"),
        check: beside("coqchk"),
      };
}
