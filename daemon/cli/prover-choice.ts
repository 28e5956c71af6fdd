/** Which Coq the command line asks: the one that is named, else what PATH has. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { findProver, type NoProver, type Prover } from "../prover/find-prover.ts";
import { CliError } from "./cli-error.ts";
import type { CliContext } from "./context.ts";
import { ExitCode } from "./exit-codes.ts";

type Surroundings = Pick<CliContext, "env" | "platform" | "cwd">;

/**
 * @param option of `--prover`, relative to the present folder; absent: IGLA_PROVER, then PATH
 * @throws {CliError} `invariants.bad-prover`: what was named is no prover that Igla can use
 */
export async function chooseProver(
  { env, platform, cwd }: Surroundings,
  option: string | undefined,
): Promise<Prover | NoProver> {
  const named = option ?? (env.IGLA_PROVER || undefined);
  if (named === undefined) return cliNames(await findProver(env, platform, ""));
  const by = option === undefined ? "IGLA_PROVER" : "--prover";
  if (named.trim() === "") throw badProver(by, "", "It names no program.");
  const path = option === undefined ? named : resolve(cwd, named);
  const found = await findProver(env, platform, path);
  if (!("missing" in found)) return found;
  // Its way out is to install Coq: no help for one that was named.
  throw badProver(by, path, existsSync(path) && found.cause !== null ? found.cause : "There is no such file.");
}

function badProver(by: string, path: string, message: string): CliError {
  const from = by === "--prover" ? `leave ${by} out` : `unset ${by}`;
  return new CliError("invariants.bad-prover", {
    place: `${by} ${path}`.trim(),
    message,
    wayOut: `Name the program coqc or rocq itself, as \`command -v coqc\` shows it; or ${from}: then PATH is searched.`,
    exitCode: ExitCode.usage,
  });
}

/** The editor's setting has another name here. */
function cliNames<T extends Prover | NoProver>(found: T): T {
  if (!("missing" in found)) return found;
  return {
    ...found,
    wayOut: found.wayOut.replace("set `igla.proofs.proverPath`", "name one by --prover or IGLA_PROVER"),
  };
}
