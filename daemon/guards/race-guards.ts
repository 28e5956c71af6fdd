/** Pre-flight: the invariants around a race file are asked before the race starts. */
import { join, relative, resolve } from "node:path";
import { claimOf } from "../invariants/claims.ts";
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
import { adviceOf, type NoProver, type Prover } from "../prover/find-prover.ts";
import { unreadAt } from "../prover/unread.ts";
import type { ReadGuards } from "../race/plan.ts";
import { type AssertionFile, assertionPlaces, findAssertionFile } from "./assertion-file.ts";
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
      if (rules.require === "proven") throw noFile(options.workspace, racePath);
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
  { workspace, prover, cacheFolder }: RaceGuardOptions,
): Promise<readonly GuardFinding[]> {
  const found = await prover();
  if ("missing" in found) throw new IglaError("race.unproven", `There is no Coq to ask. ${adviceOf(found)}`);
  const { report } = await checkFolder({ folder: file.folder, prover: found, cacheFolder });
  const invariants = report.assertionFiles.find(({ path }) => path === file.source.path)?.invariants ?? [];
  const known = withStatuses(guards, invariants);
  const missing = known.filter((guard) => unproven([guard], invariants).length > 0);
  if (missing.length === 0) return known;
  const reasons = missing.map(
    (guard) => `${placeIn(workspace, file, guard)} ${unproven([guard], invariants).join(" ")}`,
  );
  const detail = [...reasons, ...honestly(missing)].join(" ");
  throw new IglaError("race.unproven", detail, { folder: file.folder, findings: missing });
}

/** `assertions/igla_assertions.json:12:5`, the entry; relative to the workspace where it lies inside. */
function placeIn(workspace: string, { folder }: AssertionFile, { place }: GuardFinding): string {
  const path = join(folder, place.path);
  const inside = relative(workspace, path);
  const { line, character } = place.range.start;
  return `${inside.startsWith("..") ? path : inside}:${line + 1}:${character + 1}`;
}

/** What no mending of a claim helps against: entries that claim no proof themselves. */
function honestly(findings: readonly GuardFinding[]): string[] {
  const ids = findings.flatMap(({ id, theorem }) => (claimOf(theorem?.claim ?? "") === "Proven" ? [] : [id]));
  if (ids.length === 0) return [];
  const what = ids.length === 1 ? `${ids[0]} does` : `${ids.join(", ")} do`;
  return [`${what} not claim a proof either: with a runtime_check, it keeps every race out that asks for proofs.`];
}

function noFile(workspace: string, racePath: string): IglaError {
  const places = assertionPlaces(workspace, racePath, null).map(({ folder, path }) => join(folder, path));
  const missing = `There is no assertion file at ${places.join(" or ")}.`;
  return new IglaError("race.unproven", `${missing} \`igla init DIR\` writes an example.`, null);
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
