/** One folder, read, checked and judged: what the command line, the daemon and the language server show. */
import { resolve } from "node:path";
import { isAssertionName } from "../invariants/assertion-shapes.ts";
import { scanProof } from "../invariants/coq/scan.ts";
import type { ProofFacts } from "../invariants/facts.ts";
import { judgeFolder } from "../invariants/judge.ts";
import type { CoqScan, ProofScan } from "../invariants/model.ts";
import { readAssertions, unreadAssertions } from "../invariants/read-assertions.ts";
import type { FolderReport, UnknownReason } from "../protocol/invariant-report.ts";
import { ProofChecker } from "./checker.ts";
import { type NoProver, type Prover, reported } from "./find-prover.ts";
import { type FolderTexts, readProofFolder } from "./read-folder.ts";
import { unreadAt } from "./unread.ts";

export interface CheckFolderOptions {
  readonly folder: string;
  /** Null: the text is read, and nothing is run. */
  readonly prover: Prover | NoProver | null;
  readonly cacheFolder: string;
  readonly again?: boolean;
  readonly deep?: boolean;
  readonly signal?: AbortSignal;
  readonly onFile?: (path: string, done: number, total: number) => void;
}

/** @throws {UnreadableFolder} */
export async function checkFolder(
  options: CheckFolderOptions,
): Promise<{ readonly report: FolderReport; readonly leftOut: readonly string[] }> {
  const texts = await readProofFolder(options.folder);
  const scans = texts.proofs.map(({ path, text }) => scanProof(path, text));
  const facts = await factsOf(scans, options);
  return { report: reportOf(options, texts, scans, facts), leftOut: texts.leftOut.map(({ text }) => text) };
}

async function factsOf(
  scans: readonly ProofScan[],
  { folder, prover, cacheFolder, again, deep, signal, onFile }: CheckFolderOptions,
): Promise<ReadonlyMap<string, ProofFacts>> {
  if (prover === null || "missing" in prover) return new Map();
  const paths = scans.filter((scan): scan is CoqScan => scan.kind === "coq").map(({ path }) => path);
  const checker = new ProofChecker({ folder, prover, cacheFolder });
  let done = 0;
  try {
    return await checker.check(paths, {
      again: again === true,
      deep: deep === true,
      onFile: ({ path }) => {
        done += 1;
        onFile?.(path, done, paths.length);
      },
      ...(signal === undefined ? {} : { signal }),
    });
  } finally {
    await checker.dispose();
  }
}

function reportOf(
  { folder, prover }: CheckFolderOptions,
  texts: FolderTexts,
  scans: readonly ProofScan[],
  facts: ReadonlyMap<string, ProofFacts>,
): FolderReport {
  const off: UnknownReason = "switched-off";
  const missing = { missing: off, wayOut: "Proofs were read, not checked. Check them without --no-coq." };
  const shown = prover === null ? missing : reported(prover);
  const root = resolve(folder);
  return judgeFolder({
    folder: root,
    assertions: [
      ...texts.assertions.flatMap(({ path, text }) => readAssertions(path, text) ?? []),
      ...texts.leftOut.flatMap(({ path, text }) =>
        path !== null && isAssertionName(path) ? [unreadAssertions(path, text)] : [],
      ),
    ],
    scans,
    facts,
    sources: new Map(texts.proofs.map(({ path, sha256 }) => [path, sha256])),
    // A file that a check did not reach was given up.
    unknownBecause: () => ("missing" in shown ? shown.missing : "crashed"),
    prover: shown,
    checking: false,
    unread: (path) => unreadAt(root, path),
  });
}
