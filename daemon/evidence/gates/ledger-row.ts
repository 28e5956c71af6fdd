/** Gates of one row of a ledger. They ask the victory predicate, so that a row is judged alike everywhere. */
import {
  plausibleBpb,
  type ResultRow,
  type ReviewCode,
  reviewNotes,
  rowReasons,
  type VictoryCode,
  type VictoryInput,
} from "../victory.ts";
import { type Answer, defineGate, type Gate } from "./gate.ts";

export interface RowInput extends Pick<VictoryInput, "registration" | "knownVersions" | "embargo"> {
  readonly row: ResultRow;
}

const contextOf = ({ row, registration, knownVersions, embargo }: RowInput) => ({
  registration,
  knownVersions,
  embargo,
  rows: [row],
  selectionSeeds: [],
  floorBpb: null,
});

type Measure = (input: RowInput) => {
  readonly passes: string;
  readonly measured: number | null;
  readonly bound: number | null;
};

function rejecting(id: string, title: string, code: VictoryCode, measure: Measure): Gate<RowInput> {
  return defineGate(id, title, (input) => {
    const found = rowReasons(contextOf(input)).find((reason) => reason.code === code);
    return answer(found, "fail", measure(input));
  });
}

function reviewing(id: string, title: string, code: ReviewCode, measure: Measure): Gate<RowInput> {
  return defineGate(id, title, (input) => {
    // The plausible range says nothing of what is no number at all.
    if (!Number.isFinite(input.row.bpb)) {
      return { verdict: "fail", reason: `Seed ${input.row.seed}: the BPB is no number.`, ...boundOf(measure(input)) };
    }
    const found = reviewNotes(contextOf(input)).find((note) => note.code === code);
    return answer(found, "review", measure(input));
  });
}

function answer(
  found: { readonly message: string } | undefined,
  verdict: "fail" | "review",
  measure: ReturnType<Measure>,
): Answer {
  return found === undefined
    ? { verdict: "pass", reason: measure.passes, ...boundOf(measure) }
    : { verdict, reason: found.message, ...boundOf(measure) };
}

const boundOf = ({ measured, bound }: ReturnType<Measure>) => ({ measured, bound });

export const rowGates: readonly Gate<RowInput>[] = [
  rejecting("row-version", "Code version of the row is known", "unknown-version", ({ row }) => ({
    passes: `Seed ${row.seed}: ${row.sha} is a known code version.`,
    measured: null,
    bound: null,
  })),
  rejecting("row-step", "Row is past the warm-up", "before-warmup", ({ row, registration }) => ({
    passes: `Seed ${row.seed}: step ${row.step} is at least ${registration.warmupSteps}.`,
    measured: row.step,
    bound: registration.warmupSteps,
  })),
  reviewing("row-bpb-low", "BPB of the row is not too good", "implausibly-low", ({ row }) => ({
    passes: `Seed ${row.seed}: ${row.bpb} BPB is at least ${plausibleBpb.low}.`,
    measured: row.bpb,
    bound: plausibleBpb.low,
  })),
  reviewing("row-bpb-high", "BPB of the row is not too bad", "implausibly-high", ({ row }) => ({
    passes: `Seed ${row.seed}: ${row.bpb} BPB is at most ${plausibleBpb.high}.`,
    measured: row.bpb,
    bound: plausibleBpb.high,
  })),
  rejecting("row-seed", "Seed of the row is registered", "unregistered-seed", ({ row, registration }) => ({
    passes: `Seed ${row.seed} is one of ${registration.seeds.join(", ")}.`,
    measured: row.seed,
    bound: null,
  })),
];
