/** The victory predicate over a ledger: which rows are judged, what speaks against them, and what follows from it. */
import { minimumDetectableEffect } from "../stats/power.ts";
import { variance } from "../stats/sample.ts";
import { type AdmissionReason, admissionReasons, admissionsOf, type LedgerAdmission } from "./admission.ts";
import type { Comparable } from "./baseline.ts";
import { floorOf } from "./floors.ts";
import { corpusOf, isSameCorpus, protocolOf, timeOf } from "./ledger/facts.ts";
import type { Ledger } from "./ledger/read.ts";
import { resultOf } from "./ledger/result.ts";
import type { LedgerRow } from "./ledger/row.ts";
import { type RepeatedResult, runsOf } from "./ledger/runs.ts";
import { isAdmissible, type Registration, registrationSchema } from "./registration.ts";
import {
  judgeVictory,
  rowReasons,
  type VictoryCode,
  type VictoryInput,
  type VictoryReason,
  type VictoryTest,
} from "./victory.ts";

export const gateNames = ["final", "gate-2"] as const;
export type GateName = (typeof gateNames)[number];

const targets: Readonly<Record<GateName, number>> = { final: 1.5, "gate-2": 1.85 };

/** What is asked where nothing was registered. The mean is tested against the target plus the minimum effect. */
export function defaultRegistration(gate: GateName): Registration {
  const registration = registrationSchema.parse({
    hypothesis: `The candidate is below ${targets[gate]} BPB on all seeds.`,
    subject: "ledger",
    corpusSha256: "0".repeat(64),
    protocol: "any",
    stopRule: "All seeds once.",
    codeVersion: "0".repeat(40),
    registeredAt: 0,
    target: targets[gate],
  });
  return { ...registration, mu0: Number((registration.target + registration.minimumEffect).toFixed(6)) };
}

export interface LedgerGateInput
  extends Pick<VictoryInput, "knownVersions" | "embargo" | "selectionSeeds" | "baseline"> {
  readonly ledger: Ledger;
  readonly registration: Registration;
  /** Rows that name it are judged; null: nothing was registered, all rows are. */
  readonly registrationId: string | null;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export type LedgerOutcome = "victory" | "not-yet" | "underpowered" | "rejected" | "empty";

export interface LedgerReason {
  readonly code:
    | VictoryCode
    | AdmissionReason["code"]
    | "not-a-repeat"
    | "not-sound"
    | "missing-field"
    | "other-corpus"
    | "other-protocol"
    | "before-registration";
  readonly message: string;
  /** Of the ledger, from 1; null: about all rows. */
  readonly line: number | null;
}

export interface LedgerJudgement {
  readonly outcome: LedgerOutcome;
  /** Results that were judged, runs that repeat them, and rows that belong to something else. */
  readonly judged: number;
  readonly repeats: number;
  readonly others: number;
  readonly reasons: readonly LedgerReason[];
  readonly review: readonly string[];
  /** Of every result: whether it was reproduced, and until when its window is open. */
  readonly admissions: readonly LedgerAdmission[];
  readonly test: VictoryTest;
  readonly p: number | null;
  readonly meanBpb: number | null;
  readonly detectable: Detectable | null;
}

/** The smallest true effect that the test finds with probability `power`. */
export interface Detectable {
  readonly power: number;
  readonly seeds: number;
  readonly alpha: number;
  readonly standardDeviations: number;
  /** By the spread of the rows; null: there are too few. */
  readonly bpb: number | null;
}

/** More results can still change it. All else is final. */
const open: readonly LedgerReason["code"][] = ["too-few-below-target", "effect-too-small", "not-significant"];

/** Rows that are about the question. */
export function judgedRows({ ledger, registrationId }: Pick<LedgerGateInput, "ledger" | "registrationId">) {
  return ledger.rows.filter((row) => registrationId === null || names(row, registrationId));
}

/** What a baseline has to be about, to be compared with the judged rows. */
export function comparableOf(
  rows: readonly LedgerRow[],
  { registration, registrationId }: Pick<LedgerGateInput, "registration" | "registrationId">,
): Comparable {
  if (registrationId !== null) return { corpus: registration.corpusSha256, protocol: registration.protocol };
  const [first] = rows;
  return first === undefined
    ? { corpus: null, protocol: null }
    : { corpus: corpusOf(first), protocol: protocolOf(first) };
}

export function judgeLedger(input: LedgerGateInput): LedgerJudgement {
  const { ledger, registration, registrationId, now } = input;
  const rows = judgedRows(input);
  const { results, strays } = runsOf(rows);
  const judged = results.map(({ result }) => result);
  const repeats = results.flatMap((one) => one.repeats);
  const corpora = new Set(rows.map(corpusOf));
  const [corpus = null] = registrationId === null ? corpora : [registration.corpusSha256];
  const victory = judgeVictory({ ...input, rows: judged.map(resultOf), floorBpb: floorOf(corpus) });
  const tolerance = registration.minimumEffect;
  const admissions = admissionsOf(results, tolerance, now);
  const kept = admissionReasons(results, admissions, tolerance);
  const reasons: LedgerReason[] = [
    ...ledger.findings
      .filter(({ harmless }) => !harmless)
      .map(({ line, message }) => reason("not-sound", message, line)),
    ...rows.flatMap((row) => provenanceOf(row, input, rows)),
    ...strays.map(({ row, message }) => reason("not-a-repeat", message, row.line)),
    ...onLines(victory.reasons, judged),
    // A seed is there twice among repeats of different results or of one result; that is what they are for.
    ...onLines(rowReasons({ ...input, rows: repeats.map(resultOf) }), repeats).filter(
      ({ code }) => code !== "duplicate-seed",
    ),
    ...kept.filter(({ code }) => code === "differs"),
    ...(victory.verdict === "victory" ? worstReasons(input, results) : []),
  ];
  const isBroken = reasons.some(({ code }) => code === "not-sound");
  const outcome = rows.length === 0 && !isBroken ? "empty" : outcomeOf(reasons, victory.verdict);
  const waiting = outcome === "victory" ? kept : [];
  return {
    outcome: waiting.length > 0 ? "not-yet" : outcome,
    judged: judged.length,
    repeats: repeats.length,
    others: ledger.rows.length - rows.length,
    // Of no rows only the state of the ledger can be said.
    reasons: rows.length === 0 ? reasons.filter(({ code }) => code === "not-sound") : [...reasons, ...waiting],
    review: victory.review,
    admissions,
    test: victory.test,
    p: victory.p,
    meanBpb: victory.meanBpb,
    detectable: detectableOf(registration, judged),
  };
}

/** What is said against the results when each seed counts with its highest number: a repeat may agree and yet not win. */
function worstReasons(input: LedgerGateInput, results: readonly RepeatedResult[]): LedgerReason[] {
  const rows = results.map(({ result, repeats }) => ({
    ...resultOf(result),
    bpb: Math.max(result.bpb, ...repeats.map(({ bpb }) => bpb)),
  }));
  const { reasons } = judgeVictory({ ...input, rows, floorBpb: null });
  return reasons.map(({ message }) => reason("differs", `With the highest number of each seed: ${message}`, null));
}

function onLines(reasons: readonly VictoryReason[], rows: readonly LedgerRow[]): LedgerReason[] {
  return reasons.map(({ code, message, row }) =>
    reason(code, message, row === null ? null : (rows[row]?.line ?? null)),
  );
}

function outcomeOf(
  reasons: readonly LedgerReason[],
  verdict: ReturnType<typeof judgeVictory>["verdict"],
): LedgerOutcome {
  if (reasons.some(({ code }) => !open.includes(code))) return "rejected";
  // While a seed is above the target the claim is not reached; once all are below it, the test decides.
  if (reasons.some(({ code }) => code === "too-few-below-target")) return "not-yet";
  if (verdict === "rejected") return "rejected";
  return verdict === "needs-review" ? "not-yet" : verdict;
}

const reason = (code: LedgerReason["code"], message: string, line: number | null): LedgerReason => ({
  code,
  message,
  line,
});

/** By the whole hash or its first 12 digits. */
function names({ fields: { prereg } }: LedgerRow, id: string): boolean {
  return typeof prereg === "string" && prereg.length >= 12 && id.startsWith(prereg.toLowerCase());
}

/** What the victory predicate does not ask: that the row is about what was registered, or about what the others are. */
function provenanceOf(
  row: LedgerRow,
  { registration, registrationId }: LedgerGateInput,
  rows: readonly LedgerRow[],
): LedgerReason[] {
  const { line, seed, step, sha, fields } = row;
  const found: LedgerReason[] = [];
  const add = (code: LedgerReason["code"], message: string) => found.push(reason(code, message, line));
  const missing = Object.entries({ seed, step, sha }).flatMap(([name, value]) => (value === null ? [name] : []));
  if (missing.length > 0) add("missing-field", `The row has no ${missing.join(", no ")}; it proves nothing.`);
  const [first] = rows;
  if (first === undefined) return found;
  if (registrationId === null) {
    const [ours, theirs] = [corpusOf(row), corpusOf(first)];
    if (ours !== theirs && !isSameCorpus(ours, theirs)) {
      add(
        "other-corpus",
        `The corpus is ${ours ?? "not named"}; on line ${first.line} it is ${theirs ?? "not named"}.`,
      );
    }
    if (fields.protocol !== first.fields.protocol) {
      add(
        "other-protocol",
        `The protocol is ${protocolOf(row) ?? "not named"}; on line ${first.line} it is ${protocolOf(first) ?? "not named"}.`,
      );
    }
    return found;
  }
  if (!isSameCorpus(corpusOf(row), registration.corpusSha256)) {
    const wanted = registration.corpusSha256.slice(0, 12);
    add("other-corpus", `The corpus is ${corpusOf(row) ?? "not named"}; ${wanted} was registered.`);
  }
  if (fields.protocol !== registration.protocol) {
    add(
      "other-protocol",
      `The protocol is ${protocolOf(row) ?? "not named"}; ${registration.protocol} was registered.`,
    );
  }
  const begun = timeOf(fields.started_at) ?? timeOf(fields.ts);
  if (begun === null || !isAdmissible(registration, begun)) {
    add("before-registration", "The row does not show that it was begun after the registration.");
  }
  return found;
}

const power = 0.8;

function detectableOf({ seeds, alpha, hypotheses }: Registration, rows: readonly LedgerRow[]): Detectable | null {
  if (seeds.length < 2) return null;
  const level = alpha / hypotheses;
  const standardDeviations = minimumDetectableEffect(seeds.length, level, power);
  const values = rows.map(({ bpb }) => bpb);
  const bpb = values.length < 2 ? null : standardDeviations * Math.sqrt(variance(values));
  return { power, seeds: seeds.length, alpha: level, standardDeviations, bpb };
}
