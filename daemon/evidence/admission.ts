/** Which results of a ledger are admitted, and in words what keeps back those that are not. */
import { type AdmissionState, admissionOf, agrees } from "./embargo.ts";
import { timeOf } from "./ledger/facts.ts";
import type { LedgerRow } from "./ledger/row.ts";
import type { RepeatedResult } from "./ledger/runs.ts";

export interface LedgerAdmission {
  readonly seed: number | null;
  /** Of the ledger, from 1. */
  readonly line: number;
  readonly state: AdmissionState;
  /** End of the open or passed window, ISO 8601 in UTC; null: there is none. */
  readonly until: string | null;
  /** Lines of the runs that repeat it. */
  readonly repeats: readonly number[];
}

export interface AdmissionReason {
  readonly code: Exclude<AdmissionState, "admitted">;
  readonly message: string;
  readonly line: number;
}

/** @param tolerance BPB that runs of one seed may lie apart @param now ms since 1970 */
export function admissionsOf(results: readonly RepeatedResult[], tolerance: number, now: number): LedgerAdmission[] {
  return results.map(({ result, repeats }) => {
    const { state, until } = admissionOf(timed(result), repeats.map(timed), tolerance, now);
    const { seed, line } = result;
    const end = until === null ? null : isoTime(until);
    return { seed, line, state, until: end, repeats: repeats.map((row) => row.line) };
  });
}

/** What keeps the results back, by line. The admissions are those of the results. */
export function admissionReasons(
  results: readonly RepeatedResult[],
  admissions: readonly LedgerAdmission[],
  tolerance: number,
): AdmissionReason[] {
  return admissions.flatMap(({ state, until, line }, i): AdmissionReason[] => {
    const one = results[i];
    if (one === undefined || state === "admitted") return [];
    return [{ code: state, message: wordsOf(one, state, until, tolerance), line }];
  });
}

function wordsOf(
  { result, repeats }: RepeatedResult,
  state: AdmissionReason["code"],
  until: string | null,
  tolerance: number,
): string {
  const { seed, step, bpb } = result;
  const again = `run seed ${seed} again to step ${step} on the same corpus by the same protocol, and append its row`;
  switch (state) {
    case "window-open":
      return `Seed ${seed} was reproduced; a run that contradicts it may come until ${until}. Check again then.`;
    case "not-reproduced":
      return `Nobody has reproduced seed ${seed} yet. Until ${until}: ${again}.`;
    case "lapsed":
      return `Seed ${seed} was not reproduced within 24 hours. Twice within 24 hours: ${again}.`;
    case "no-time":
      return `The row does not say when it was (ts), so no run can reproduce it in time. Twice within 24 hours: ${again}.`;
    case "differs": {
      const others = repeats.filter((run) => !agrees(bpb, run.bpb, tolerance));
      const list = others.map((run) => `${run.bpb} on line ${run.line}`).join(", ");
      return `Seed ${seed} gave ${bpb} BPB here and ${list}: more than ${tolerance} apart. Find out why before it is claimed.`;
    }
  }
}

function timed({ bpb, fields }: LedgerRow) {
  return { at: timeOf(fields.ts), bpb };
}

/** A time that no calendar holds stays a number. */
function isoTime(at: number): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? `${at} ms` : date.toISOString();
}
