/**
 * `igla invariants check`: the claims of a folder against what Coq says. Exit 1 when the files claim more than Coq, or when
 * an assertion file has an error.
 */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolder } from "../../data/cache-folder.ts";
import { isOverClaim } from "../../protocol/certainty.ts";
import type { AssertionFileReport, FolderReport } from "../../protocol/invariant-report.ts";
import { checkFolder } from "../../prover/check-folder.ts";
import type { NoProver, Prover } from "../../prover/find-prover.ts";
import { UnreadableFolder } from "../../prover/list-folder.ts";
import { CliError } from "../cli-error.ts";
import type { CliContext } from "../context.ts";
import { ExitCode } from "../exit-codes.ts";
import { namedFolder } from "../make-folder.ts";
import { otherFolderLines } from "../other-folder.ts";
import { chooseProver } from "../prover-choice.ts";
import { invariantLines } from "../render/invariants.ts";
import { styled } from "../render/text.ts";

export interface InvariantsOptions {
  readonly json?: boolean;
  /** commander's form of `--no-coq`. */
  readonly coq: boolean;
  readonly again?: boolean;
  readonly deep?: boolean;
  readonly prover?: string;
}

/** @param target null: the present folder */
export async function checkInvariants(
  context: CliContext,
  target: string | null,
  options: InvariantsOptions,
): Promise<ExitCode> {
  const folder = namedFolder(target, context.cwd);
  await requireFolder(folder);
  const prover = options.coq ? await chooseProver(context, options.prover) : null;
  const ended = new AbortController();
  const { report, leftOut } = await context.interrupts.during(
    () => ended.abort(),
    () => ask(context, folder, prover, options, ended.signal),
  );
  if (ended.signal.aborted) {
    context.progress.print([styled("yellow", "Interrupted: the provers were ended, and what they had found is kept.")]);
    return ExitCode.interrupted;
  }
  const invariants = report.assertionFiles.flatMap((file) => file.invariants);
  const overClaims = invariants.filter(({ verdict }) => isOverClaim(verdict)).length;
  if (options.json) context.out.json(documentOf(report, leftOut, overClaims));
  else context.out.lines(...invariantLines(report, leftOut, context.out.width));
  context.progress.print(...otherFolderLines(report, context.cwd));
  return overClaims === 0 && !report.assertionFiles.some(hasError) ? ExitCode.ok : ExitCode.failed;
}

/** Reads and checks, and shows on stderr how far Coq is. */
async function ask(
  { env, platform, progress }: CliContext,
  folder: string,
  prover: Prover | NoProver | null,
  { again, deep }: InvariantsOptions,
  signal: AbortSignal,
) {
  const isAsked = prover !== null && !("missing" in prover);
  const what = isAsked ? `${prover.name}${deep ? " and coqchk" : ""}` : "";
  const show = (text: string): void => {
    if (progress.isLive) progress.draw([[styled("dim", text)]]);
    // A deep check takes minutes: whoever reads a log wants to see that it goes on.
    else if (deep) progress.print([text]);
  };
  if (isAsked) show(`${what}: reading ${folder} ...`);
  try {
    return await checkFolder({
      folder,
      prover,
      cacheFolder: join(cacheFolder(env, platform), "proofs"),
      again: again === true,
      deep: deep === true,
      signal,
      onFile: (path, done, total) => show(`${what}: ${done} of ${total} proof files, last ${path}`),
    });
  } catch (error) {
    throw error instanceof UnreadableFolder ? notReadable(folder, error) : error;
  } finally {
    progress.close(false);
  }
}

async function requireFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return null;
    throw notReadable(folder, error);
  });
  if (found?.isDirectory() === true) return;
  throw new CliError("invariants.no-folder", {
    message: found === null ? "There is no such folder." : "This is a file, not a folder.",
    place: folder,
    wayOut: "Name the folder that holds the assertion file and the proofs.",
    exitCode: ExitCode.usage,
  });
}

function notReadable(folder: string, cause: Error): CliError {
  return new CliError("invariants.not-readable", {
    message: `The folder cannot be read: ${cause.message}.`,
    place: folder,
    wayOut:
      "Give yourself the right to list and to enter it, and each folder above it (on Linux and macOS: `chmod u+rx`).",
    exitCode: ExitCode.usage,
  });
}

/** A file with an error of its own may claim what nobody could read. */
function hasError({ reasons }: AssertionFileReport): boolean {
  return reasons.some(({ severity }) => severity === "error");
}

/** The document of `--json`; daemon/prover/README.md describes it. */
function documentOf(report: FolderReport, leftOut: readonly string[], overClaims: number) {
  const invariants = report.assertionFiles.flatMap(({ path, invariants: list }) =>
    list.map((one) => ({
      id: one.id,
      claimed: one.claimText,
      status: one.status,
      verdict: one.verdict,
      marks: one.marks,
      evidence: one.evidence,
      file: one.coqFile,
      theorem: one.theorem,
      statement: one.statement,
      assumptions: one.assumptions,
      reasons: one.reasons,
      place: one.claimPlace ?? one.place,
      declaredIn: path,
    })),
  );
  const count = (verdict: string) => invariants.filter((one) => one.verdict === verdict).length;
  return {
    folder: report.folder,
    prover: report.prover,
    summary: {
      invariants: invariants.length,
      matches: count("matches"),
      overClaims,
      underClaims: count("under-claim"),
      open: count("open"),
      unknown: count("unknown"),
    },
    invariants,
    files: report.assertionFiles.map(({ path, budget, reasons }) => ({ path, budget, reasons })),
    proofFiles: report.proofFiles,
    leftOut,
  };
}
