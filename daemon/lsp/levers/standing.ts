/** Which verdict says something about a lever of a race file as the file stands now. Pure. */
import { basename, dirname, relative } from "node:path";
import { armHash, armsOf } from "../../config/arms.ts";
import { parseRaceFile } from "../../config/parse.ts";
import type { RaceConfig } from "../../config/race-config.ts";
import { knownCorpora } from "../../data/catalogue.ts";
import type { LedgerVerdict, VerdictRow } from "../../evidence/ledger/row.ts";
import { folderOf } from "../../invariants/paths.ts";
import type { Lever } from "../../levers/lever.ts";
import { levers } from "../../levers/registry.ts";
import { lastRung } from "../../search/ladder.ts";
import type { LedgerFault, LeverLedger } from "./ledger-file.ts";
import { type LeverPlace, leverPlaces } from "./places.ts";

export interface ShownVerdict {
  /** Absolute path of the ledger. */
  readonly ledger: string;
  /** From 1. */
  readonly line: number;
  readonly row: VerdictRow;
  /** `changed`: of another configuration than the file's. `unknown`: the file has errors and cannot be compared. */
  readonly fit: "present" | "changed" | "unknown";
  /** Of the arm without the lever, where the file trains for another number. */
  readonly otherSteps: { readonly tested: number; readonly own: number } | null;
  /** What was registered for it is no longer what the registration says. */
  readonly isRegistrationEdited: boolean;
  /** Why the ledger cannot be relied on. */
  readonly fault: LedgerFault | null;
}

export interface Standing {
  readonly lever: Lever;
  readonly places: readonly LeverPlace[];
  /** Switched on in every trial of the race. */
  readonly isOn: boolean;
  readonly verdict: ShownVerdict | null;
  /** Registrations on it and the file's configuration as it stands that have no verdict. */
  readonly undecided: number;
}

export interface RaceText {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
}

/** Every known lever that the file names, in order of the file. */
export function standings({ path, text }: RaceText, ledgers: readonly LeverLedger[]): Standing[] {
  const places = leverPlaces(text);
  if (places.length === 0) return [];
  const parsed = parseRaceFile(text, basename(path), levers);
  const config = parsed.ok ? parsed.config : null;
  return [...new Set(places.map(({ id }) => id))].flatMap((id) => {
    const lever = levers.get(id);
    if (lever === undefined) return [];
    const own = places.filter((place) => place.id === id);
    const verdict = verdictOn(id, path, config, ledgers);
    return [{ lever, places: own, isOn: isAlwaysOn(config, id), verdict, undecided: openOn(id, config, ledgers) }];
  });
}

function openOn(id: string, config: RaceConfig | null, ledgers: readonly LeverLedger[]): number {
  const present = config === null ? null : hashesOf(config, id);
  if (present === null) return 0;
  const open = ledgers.flatMap((ledger) => ("open" in ledger ? (ledger.open ?? []) : []));
  return open.filter(({ lever, arms }) => lever === id && arms.off === present.off && arms.on === present.on).length;
}

function isAlwaysOn(config: RaceConfig | null, id: string): boolean {
  return config?.base.levers[id] !== undefined && !config.space.some(({ path }) => path === `levers.${id}`);
}

/**
 * A verdict on exactly this configuration counts before one on what the file was once, one at the file's own length before
 * one at another, one that names the file before one that does not; then the newest.
 */
function verdictOn(
  id: string,
  path: string,
  config: RaceConfig | null,
  ledgers: readonly LeverLedger[],
): ShownVerdict | null {
  const present = config === null ? null : hashesOf(config, id);
  const steps = config === null ? null : stepsOf(config);
  let best: { readonly shown: ShownVerdict; readonly rank: number } | null = null;
  for (const ledger of ledgers) {
    if (ledger.kind !== "read") continue;
    const ownName = raceName(ledger.path, path);
    for (const { row, line } of ledger.verdicts) {
      if (row.lever !== id) continue;
      const isOwn = row.race === ownName;
      const isPresent = present !== null && row.arms.off === present.off && row.arms.on === present.on;
      if (!isOwn && !(isPresent && meansTheSame(config, row.race, ownName))) continue;
      const tested = row.outcome.arms?.off.steps ?? null;
      const isSameLength = tested === null || steps === null || tested === steps;
      const rank = isPresent ? 1 + (isSameLength ? 2 : 0) + (isOwn ? 1 : 0) : 0;
      if (best !== null && (rank < best.rank || (rank === best.rank && isOlder(row, best.shown.row)))) continue;
      const fit = isPresent ? "present" : present === null ? "unknown" : "changed";
      const otherSteps = isSameLength ? null : { tested, own: steps };
      const isRegistrationEdited = ledger.edited?.has(row.prereg) ?? false;
      const shown: ShownVerdict = {
        ledger: ledger.path,
        line,
        row,
        fit,
        otherSteps,
        isRegistrationEdited,
        fault: ledger.fault,
      };
      best = { rank, shown };
    }
  }
  return best?.shown ?? null;
}

/** Whether the corpus that both files name is one: a path is read beside each file. */
function meansTheSame(config: RaceConfig | null, race: string, ownName: string): boolean {
  return knownCorpora.some(({ name }) => name === config?.base.data.corpus) || folderOf(race) === folderOf(ownName);
}

/** Within a ledger the later line comes later. */
function isOlder(row: LedgerVerdict["row"], than: LedgerVerdict["row"]): boolean {
  return Date.parse(row.ts) < Date.parse(than.ts);
}

/** As the daemon of that ledger's folder writes it. */
function raceName(ledger: string, path: string): string {
  return relative(dirname(dirname(ledger)), path).replaceAll("\\", "/");
}

function hashesOf(config: RaceConfig, id: string): { readonly off: string; readonly on: string } | null {
  try {
    const { off, on } = armsOf(config, id, levers);
    return { off: armHash(off), on: armHash(on) };
  } catch {
    // Another lever of its group is on: it cannot be tested in this file.
    return null;
  }
}

function stepsOf({ base, ladder }: RaceConfig): number | null {
  return base.schedule.steps ?? ladder.rungs[lastRung(ladder)]?.steps ?? null;
}
