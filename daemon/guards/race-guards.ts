/** Pre-flight: the invariants around a race file are asked before the race starts. */
import { resolve } from "node:path";
import { scanProof } from "../invariants/coq/scan.ts";
import { judgeFolder } from "../invariants/judge.ts";
import type { ProofScan } from "../invariants/model.ts";
import { normalise, placesOf } from "../invariants/paths.ts";
import { checkGuards } from "../invariants/preflight/preflight.ts";
import { unproven, withStatuses } from "../invariants/preflight/statuses.ts";
import { IglaError } from "../protocol/errors.ts";
import { describeGuard, type GuardFinding, isViolated } from "../protocol/guards.ts";
import type { InvariantReport } from "../protocol/invariant-report.ts";
import { checkFolder } from "../prover/check-folder.ts";
import type { NoProver, Prover } from "../prover/find-prover.ts";
import { unreadAt } from "../prover/unread.ts";
import type { ReadGuards } from "../race/plan.ts";
import { type AssertionFile, findAssertionFile } from "./assertion-file.ts";
import { readText } from "./read-text.ts";

export interface RaceGuardOptions {
  /** Absolute. */
  readonly workspace: string;
  /** Asked only for races that must be proven. */
  readonly prover: () => Promise<Prover | NoProver>;
  /** Of the prover's facts. */
  readonly cacheFolder: string;
}

export function raceGuards(options: RaceGuardOptions): ReadGuards {
  return async ({ race, rules }, racePath) => {
    const file = await findAssertionFile(options.workspace, racePath, rules.file);
    if (file === null) {
      if (rules.require === "proven") throw new IglaError("race.unproven", "There is no assertion file.");
      return null;
    }
    const found = checkGuards({ entries: file.source.entries, race });
    const guards = withStatuses(found, await readReport(file));
    refuseViolated(guards);
    return rules.require === "proven" ? requireProven(guards, file, options) : guards;
  };
}

/** @throws {IglaError} `race.guarded` with the findings as data */
function refuseViolated(guards: readonly GuardFinding[]): void {
  const against = guards.filter((guard) => isViolated(guard) && guard.action === "abort");
  if (against.length === 0) return;
  throw new IglaError("race.guarded", against.map(describeGuard).join(" "), against);
}

/** @throws {IglaError} `race.unproven` */
async function requireProven(
  guards: readonly GuardFinding[],
  file: AssertionFile,
  { prover, cacheFolder }: RaceGuardOptions,
): Promise<readonly GuardFinding[]> {
  const found = await prover();
  if ("missing" in found) throw new IglaError("race.unproven", `There is no Coq to ask. ${found.wayOut}`);
  const { report } = await checkFolder({ folder: file.folder, prover: found, cacheFolder });
  const invariants = report.assertionFiles.find(({ path }) => path === file.source.path)?.invariants ?? [];
  const missing = unproven(guards, invariants);
  if (missing.length > 0) throw new IglaError("race.unproven", missing.join(" "), missing);
  return withStatuses(guards, invariants);
}

/** What the cited texts alone tell: a proof that is admitted, a theorem that does not exist. Nothing is run. */
async function readReport({ folder, source }: AssertionFile): Promise<readonly InvariantReport[]> {
  const root = resolve(folder);
  const cited = source.entries
    .flatMap(({ coqPath, coqFile }) => [coqPath, coqFile === null ? null : normalise(coqFile.value)])
    .flatMap((path) => (path === null ? [] : placesOf(path, source.path)));
  const scans: ProofScan[] = [];
  for (const path of new Set(cited)) {
    // What is there and cannot be read is not known, rather than missing.
    const text = await readText(resolve(root, path)).catch(() => null);
    if (text !== null) scans.push(scanProof(path, text));
  }
  const report = judgeFolder({
    folder: root,
    assertions: [source],
    scans,
    facts: new Map(),
    sources: new Map(),
    unknownBecause: () => "switched-off",
    prover: { missing: "switched-off", wayOut: "" },
    checking: false,
    unread: (path) => unreadAt(root, path),
  });
  return report.assertionFiles[0]?.invariants ?? [];
}
