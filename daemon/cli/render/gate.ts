/** What a person sees of `igla gate check`. */
import type { LedgerJudgement } from "../../evidence/ledger-gate.ts";
import type { Registration } from "../../evidence/registration.ts";
import { type Line, type Style, styled } from "./text.ts";

type Question = Pick<Registration, "seeds" | "target" | "mu0" | "minimumEffect" | "alpha" | "hypotheses"> & {
  /** Id; null: nothing was registered. */
  readonly registration: string | null;
};

const styles: Readonly<Record<LedgerJudgement["outcome"], Style>> = {
  victory: "green",
  "not-yet": "yellow",
  underpowered: "yellow",
  rejected: "red",
  empty: "yellow",
};

/** @param file as the user wrote it @param known number of known code versions */
export function gateLines(file: string, judgement: LedgerJudgement, question: Question, known: number): Line[] {
  const { outcome, judged, repeats, others, reasons, review, test, p, meanBpb } = judgement;
  const { registration, seeds, target, mu0, minimumEffect, alpha, hypotheses } = question;
  const what = registration === null ? "nothing registered" : `registration ${registration.slice(0, 12)}`;
  const family = hypotheses > 1 ? `, one of ${hypotheses} hypotheses` : "";
  const figures = [
    `${judged} ${judged === 1 ? "row" : "rows"} judged`,
    ...(repeats > 0 ? [`${repeats} ${repeats === 1 ? "run repeats" : "runs repeat"} them`] : []),
    ...(others > 0 ? [`${others} about something else`] : []),
    ...(meanBpb === null ? [] : [`mean ${meanBpb.toFixed(4)} BPB`]),
    ...(p === null ? [] : [`p ${p.toPrecision(3)} (${tests[test]})`]),
  ];
  return [
    [
      styled("dim", `${what}: seeds ${seeds.join(", ")} below ${target} BPB, mean at least `),
      styled("dim", `${minimumEffect} below ${mu0}, alpha ${alpha}${family}`),
    ],
    ...detectableLines(judgement),
    ...admissionLines(judgement),
    ...reasons.map(({ code, message, line }): Line => {
      const place = line === null ? file : `${file}:${line}`;
      return [styled("red", "reason"), ` ${place} `, styled("dim", `[${code}] `), message];
    }),
    ...(reasons.some(({ code }) => code === "unknown-version") && known === 0 ? [[versionsHint] satisfies Line] : []),
    ...review.map((note): Line => [styled("yellow", "needs-review"), ` ${note}`]),
    [`${figures.join(", ")}: `, styled(styles[outcome], outcome.replace("-", " "))],
  ];
}

const tests: Readonly<Record<LedgerJudgement["test"], string>> = {
  "one-sample-t": "one-sample t test",
  "welch-t": "Welch's test",
  "paired-bootstrap": "paired bootstrap",
};

/** How far the results are on their way through the window; what keeps them back stands among the reasons. */
function admissionLines({ admissions }: LedgerJudgement): Line[] {
  if (admissions.length === 0) return [];
  const admitted = admissions.filter(({ state }) => state === "admitted").length;
  const ends = admissions.flatMap(({ state, until }) => (state === "admitted" || until === null ? [] : [until])).sort();
  const open = ends.length > 0 ? `, last window until ${ends.at(-1)}` : "";
  return [[styled("dim", `${admitted} of ${admissions.length} results reproduced in a day that is over${open}`)]];
}

const versionsHint =
  "No code version is known: the ledger lies in no git repository. Name a list of versions with --known.";

function detectableLines({ detectable }: LedgerJudgement): Line[] {
  if (detectable === null) return [[styled("dim", "One seed cannot be tested; register three or more.")]];
  const { power, seeds, standardDeviations, bpb } = detectable;
  const inBpb = bpb === null ? "" : `, ${bpb.toFixed(4)} BPB by the spread of these rows`;
  const text = `${seeds} seeds find an effect of ${standardDeviations.toFixed(2)} standard deviations in ${100 * power} % of all cases${inBpb}`;
  return [[styled("dim", text)]];
}
