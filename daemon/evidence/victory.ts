/** Whether results win what was registered. Every reason against it is listed, never only the first. */
import { everyResample, pairedBootstrapP } from "../stats/bootstrap.ts";
import { bonferroni } from "../stats/multiple.ts";
import { good, type Outcome } from "../stats/outcome.ts";
import { isRounding, mean, variance } from "../stats/sample.ts";
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
  /** Results of the baseline, for Welch's test and, where the seeds are the same and too few, the paired bootstrap. */
  readonly baseline: readonly Pick<ResultRow, "seed" | "bpb">[];
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

export type VictoryTest = Registration["test"] | "paired-bootstrap";

export interface Victory {
  readonly verdict: VictoryVerdict;
  /** In the order of the predicate. */
  readonly reasons: readonly VictoryReason[];
  /** What a person has to look at before the result counts. */
  readonly review: readonly string[];
  /** The test that was made: too few seeds are compared pair by pair, where the baseline has them. */
  readonly test: VictoryTest;
  /** Null: there was nothing to test. Adjusted for the family. */
  readonly p: number | null;
  readonly meanBpb: number | null;
}

/** Below it a number measures something else than bits per byte. */
export const artefactBpb = 0.1;
export const plausibleBpb = { low: 0.85, high: 2.3 };
/** Fewer seeds decide nothing. */
const leastSeeds = 3;

export function judgeVictory(input: VictoryInput): Victory {
  const { registration, rows } = input;
  const tested = testOf(input);
  const reasons = [...rowReasons(input), ...groupReasons(input, tested)];
  const review = reviewNotes(input).map(({ message }) => message);
  const finite = rows.map(({ bpb }) => bpb).filter(Number.isFinite);
  // One seed cannot be tested at all, and the bootstrap of two pairs never falls below 0.25: too little, no refutation.
  const isUntestable = registration.seeds.length < 2 || tested.test === "paired-bootstrap";
  const isTooLittle = isUntestable && reasons.every(({ code }) => code === "not-significant");
  const verdict =
    reasons.length > 0 && !isTooLittle
      ? "rejected"
      : review.length > 0
        ? "needs-review"
        : registration.seeds.length < leastSeeds
          ? "underpowered"
          : "victory";
  const { test, p } = tested;
  return { verdict, reasons, review: review.sort(), test, p, meanBpb: finite.length === 0 ? null : mean(finite) };
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
  readonly test: VictoryTest;
  readonly p: number | null;
  readonly fault: "no-variance" | null;
  /** BPB that the mean is compared with. */
  readonly against: number;
}

function testOf({ registration, rows, baseline }: VictoryInput): Tested {
  const values = rows.map(({ bpb }) => bpb);
  const { mu0, hypotheses } = registration;
  const others = baseline.map(({ bpb }) => bpb);
  const pairs = pairsOf(registration, rows, baseline);
  const test = pairs === null ? registration.test : "paired-bootstrap";
  const outcome =
    pairs !== null
      ? bootstrapOf(pairs, mean(others))
      : pOf(test === "welch-t" ? welchT(values, others, "less") : oneSampleT(values, mu0, "less"));
  const against = pairs !== null || (test === "welch-t" && others.length > 0) ? mean(others) : mu0;
  if (!outcome.ok) return { test, p: null, fault: outcome.code === "no-variance" ? "no-variance" : null, against };
  return { test, p: bonferroni([outcome.value], hypotheses)[0] ?? 1, fault: null, against };
}

/** Differences of which only rounding tells one from the other show no chance. @param scale BPB of what was subtracted */
function bootstrapOf(pairs: readonly number[], scale: number): Outcome<number> {
  const isFlat = pairs.length > 1 && isRounding(Math.sqrt(variance(pairs)), scale);
  const flat = pairs.map(() => pairs[0] ?? 0);
  return pairedBootstrapP(isFlat ? flat : pairs, 0, everyResample(pairs.length));
}

function pOf(outcome: Outcome<{ readonly p: number }>): Outcome<number> {
  return outcome.ok ? good(outcome.value.p) : outcome;
}

/** Result minus baseline, seed by seed; null: seeds enough for a t test, or the baseline does not have the same ones. */
function pairsOf({ seeds }: Registration, rows: VictoryInput["rows"], baseline: VictoryInput["baseline"]) {
  if (seeds.length >= leastSeeds || rows.length !== baseline.length) return null;
  const pairs = seeds.flatMap((seed) => {
    const [ours, theirs] = [rows, baseline].map((list) => list.filter((one) => one.seed === seed));
    const [a, b] = [ours?.[0], theirs?.[0]];
    return ours?.length === 1 && theirs?.length === 1 && a && b ? [a.bpb - b.bpb] : [];
  });
  return pairs.length === seeds.length && pairs.length === rows.length ? pairs : null;
}

function groupReasons({ registration, rows }: VictoryInput, { p, fault, against }: Tested): VictoryReason[] {
  const { seeds, target, minimumEffect, alpha } = registration;
  const found: VictoryReason[] = [];
  const add = (code: VictoryCode, message: string) => found.push({ code, message, row: null });
  const below = new Set(rows.filter(({ seed, bpb }) => seeds.includes(seed) && bpb < target).map(({ seed }) => seed));
  if (below.size < seeds.length) {
    add("too-few-below-target", `${below.size} of ${seeds.length} registered seeds are below ${target} BPB.`);
  }
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
