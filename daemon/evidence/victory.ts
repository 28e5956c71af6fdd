/** Whether results win what was registered. Every reason against it is listed, never only the first. */
import { bonferroni } from "../stats/multiple.ts";
import { mean } from "../stats/sample.ts";
import { oneSampleT, welchT } from "../stats/t-tests.ts";
import { type Embargo, isEmbargoed, isSameVersion } from "./embargo.ts";
import type { Registration } from "./registration.ts";

export interface ResultRow {
  readonly seed: number;
  readonly bpb: number;
  readonly step: number;
  readonly sha: string;
}

export interface VictoryInput {
  readonly registration: Registration;
  readonly rows: readonly ResultRow[];
  /** Code versions that exist. */
  readonly knownVersions: readonly string[];
  readonly embargo: Embargo;
  /** Seeds that took part in choosing the candidate: they cannot confirm it. */
  readonly selectionSeeds: readonly number[];
  /** BPB of the baseline by seed, for Welch's test. */
  readonly baseline: readonly number[];
  /** BPB that no honest static model of the corpus reaches; null: not known. */
  readonly floorBpb: number | null;
}

export type VictoryCode =
  | "duplicate-seed"
  | "non-finite"
  | "before-warmup"
  | "proxy-artefact"
  | "unknown-version"
  | "embargoed"
  | "unregistered-seed"
  | "seed-of-selection"
  | "too-few-below-target"
  | "effect-too-small"
  | "no-variance"
  | "not-significant";

export interface VictoryReason {
  readonly code: VictoryCode;
  readonly message: string;
  /** Index of the row; null: about all of them. */
  readonly row: number | null;
}

export type ReviewCode = "implausibly-low" | "implausibly-high" | "below-floor" | "unread-embargo";

/** Something that a person has to look at before the result counts. */
export interface ReviewNote {
  readonly code: ReviewCode;
  readonly message: string;
}

export type VictoryVerdict = "victory" | "needs-review" | "underpowered" | "rejected";

export interface Victory {
  readonly verdict: VictoryVerdict;
  /** In the order of the predicate. */
  readonly reasons: readonly VictoryReason[];
  /** What a person has to look at before the result counts. */
  readonly review: readonly string[];
  /** Null: there was nothing to test. Adjusted for the family. */
  readonly p: number | null;
  readonly meanBpb: number | null;
}

/** Below it a number measures something else than bits per byte. */
const artefactBpb = 0.1;
export const plausibleBpb = { low: 0.85, high: 2.3 };
/** Fewer seeds decide nothing. */
const leastSeeds = 3;

export function judgeVictory(input: VictoryInput): Victory {
  const { registration, rows } = input;
  const tested = testOf(input);
  const reasons = [...rowReasons(input), ...groupReasons(input, tested)];
  const review = reviewNotes(input).map(({ message }) => message);
  const finite = rows.map(({ bpb }) => bpb).filter(Number.isFinite);
  // One seed cannot be tested at all; that is too little, not a refutation.
  const isOneSeed = registration.seeds.length < 2 && reasons.every(({ code }) => code === "not-significant");
  const verdict =
    reasons.length > 0 && !isOneSeed
      ? "rejected"
      : review.length > 0
        ? "needs-review"
        : registration.seeds.length < leastSeeds
          ? "underpowered"
          : "victory";
  return { verdict, reasons, review: review.sort(), p: tested.p, meanBpb: finite.length === 0 ? null : mean(finite) };
}

/** What is too good or too bad to be taken as it is. */
export function reviewNotes({
  rows,
  floorBpb,
  embargo,
}: Pick<VictoryInput, "rows" | "floorBpb" | "embargo">): ReviewNote[] {
  const notes: ReviewNote[] = [];
  const add = (code: ReviewCode, message: string) => notes.push({ code, message });
  const { low, high } = plausibleBpb;
  for (const { seed, bpb } of rows) {
    if (!Number.isFinite(bpb)) continue;
    const outside = `${who(seed)}: ${bpb} BPB is outside of ${low} to ${high}.`;
    if (bpb < low) add("implausibly-low", outside);
    if (bpb > high) add("implausibly-high", outside);
    if (floorBpb !== null && bpb < floorBpb) {
      add(
        "below-floor",
        `${who(seed)}: ${bpb} BPB is below ${floorBpb}, which no honest model of this corpus reaches.`,
      );
    }
  }
  if (embargo.unreadLines.length > 0) {
    const lines = embargo.unreadLines.join(", ");
    add("unread-embargo", `The embargo file says nothing that can be read on line ${lines}.`);
  }
  return notes;
}

/** What speaks against single rows, in the order of the predicate. */
export function rowReasons({
  registration,
  rows,
  knownVersions,
  embargo,
  selectionSeeds,
}: Omit<VictoryInput, "baseline" | "floorBpb">): VictoryReason[] {
  type Check = readonly [VictoryCode, (row: ResultRow, at: number) => string | null];
  const { warmupSteps, seeds } = registration;
  const checks: readonly Check[] = [
    [
      "duplicate-seed",
      ({ seed }, at) => (rows.slice(0, at).some((row) => row.seed === seed) ? `Seed ${seed} is there twice.` : null),
    ],
    ["non-finite", ({ seed, bpb }) => (Number.isFinite(bpb) ? null : `${who(seed)}: ${bpb} is no number of bits.`)],
    [
      "before-warmup",
      ({ seed, step }) => {
        if (step >= warmupSteps) return null;
        return Number.isNaN(step)
          ? `${who(seed)}: no step is stated.`
          : `${who(seed)}: step ${step} is before ${warmupSteps}.`;
      },
    ],
    [
      "proxy-artefact",
      ({ seed, bpb }) => (bpb < artefactBpb ? `${who(seed)}: ${bpb} BPB is an artefact of a proxy.` : null),
    ],
    [
      "unknown-version",
      ({ seed, sha }) =>
        knownVersions.some((known) => isSameVersion(known, sha))
          ? null
          : `${who(seed)}: ${sha === "" ? "no code version is stated" : `no code version ${sha}`}.`,
    ],
    [
      "embargoed",
      ({ seed, sha }) => (isEmbargoed(embargo, sha) ? `${who(seed)}: code version ${sha} is under embargo.` : null),
    ],
    [
      "unregistered-seed",
      ({ seed }) => (seeds.includes(seed) ? null : `${who(seed)} was not registered; ${seeds.join(", ")} were.`),
    ],
    [
      "seed-of-selection",
      ({ seed }) => (selectionSeeds.includes(seed) ? `Seed ${seed} took part in choosing the candidate.` : null),
    ],
  ];
  return checks.flatMap(([code, check]) =>
    rows.flatMap((row, at) => {
      const message = check(row, at);
      return message === null ? [] : [{ code, message, row: at }];
    }),
  );
}

const who = (seed: number): string => (Number.isNaN(seed) ? "A row without a seed" : `Seed ${seed}`);

interface Tested {
  readonly p: number | null;
  readonly fault: "no-variance" | null;
}

function testOf({ registration, rows, baseline }: VictoryInput): Tested {
  const values = rows.map(({ bpb }) => bpb);
  const { test, mu0, hypotheses } = registration;
  const outcome = test === "welch-t" ? welchT(values, baseline, "less") : oneSampleT(values, mu0, "less");
  if (!outcome.ok) return { p: null, fault: outcome.code === "no-variance" ? "no-variance" : null };
  return { p: bonferroni([outcome.value.p], hypotheses)[0] ?? 1, fault: null };
}

function groupReasons({ registration, rows, baseline }: VictoryInput, { p, fault }: Tested): VictoryReason[] {
  const { seeds, target, minimumEffect, mu0, alpha, test } = registration;
  const found: VictoryReason[] = [];
  const add = (code: VictoryCode, message: string) => found.push({ code, message, row: null });
  const below = new Set(rows.filter(({ seed, bpb }) => seeds.includes(seed) && bpb < target).map(({ seed }) => seed));
  if (below.size < seeds.length) {
    add("too-few-below-target", `${below.size} of ${seeds.length} registered seeds are below ${target} BPB.`);
  }
  const against = test === "welch-t" && baseline.length > 0 ? mean(baseline) : mu0;
  const centre = rows.length === 0 ? Number.NaN : mean(rows.map(({ bpb }) => bpb));
  if (!(against - centre >= minimumEffect)) {
    const gain = Number.isFinite(centre) ? (against - centre).toFixed(4) : "not known";
    add("effect-too-small", `The mean gain is ${gain} BPB; ${minimumEffect} was registered.`);
  }
  if (fault === "no-variance") add("no-variance", "All seeds gave the same number, so chance cannot be measured.");
  else if (!(p !== null && p < alpha)) {
    add("not-significant", p === null ? "There is nothing to test." : `p = ${p.toPrecision(3)} is not below ${alpha}.`);
  }
  return found;
}
