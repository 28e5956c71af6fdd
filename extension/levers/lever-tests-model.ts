/** Levers as tests: what a verdict or the end of an experiment means for the Test Explorer. Pure. */
import type { Experiment, LeverVerdict, LeverVerdictKind, RecordedVerdict } from "../../daemon/protocol/experiments.ts";
import type { Translate } from "../translate.ts";
import { outcomeSections } from "./levers-tooltip.ts";
import { outcomeText, standingLabel } from "./words.ts";

export type TestState = "passed" | "failed" | "errored" | "skipped";

export interface TestResult {
  readonly state: TestState;
  /** Short, beside the test's name. */
  readonly description: string;
  /** Markdown at the lever's section; empty for what has passed. */
  readonly message: string;
  /** One line for the run's output, and beside the lever in the editor. */
  readonly line: string;
  /** More lines for the run's output. */
  readonly output: readonly string[];
}

const states: Readonly<Record<LeverVerdictKind, TestState>> = {
  survived: "passed",
  refuted: "failed",
  "dead-lever": "failed",
  inconclusive: "skipped",
  invalid: "errored",
};

export function resultOfVerdict(outcome: LeverVerdict, t: Translate): TestResult {
  const state = states[outcome.verdict];
  const label = standingLabel(outcome.verdict, t);
  const sections = outcomeSections(outcome, t).filter((part) => part !== "");
  return {
    state,
    description: `${label} \u00b7 ${outcomeText(outcome, t)}`,
    line: `${label} \u00b7 ${outcomeText(outcome, t)}`,
    message: state === "passed" ? "" : sections.join("\n\n"),
    output: outcome.reasons,
  };
}

/** @returns null while it runs */
export function resultOfExperiment({ status, verdict, failure }: Experiment, t: Translate): TestResult | null {
  if (status === "running") return null;
  if (verdict !== null) return resultOfVerdict(verdict, t);
  if (status === "failed") return errorResult(failure?.message ?? "", t);
  const text = t("Stopped before its verdict; what was trained is kept.");
  return { state: "skipped", description: t("stopped"), message: "", line: text, output: [] };
}

export function errorResult(message: string, t: Translate): TestResult {
  return { state: "errored", description: t("could not be run"), message, line: message, output: [] };
}

/** The newest verdict on a lever that came from this race file. @param race relative to the workspace, with `/` */
export function verdictOfTest(
  verdicts: readonly RecordedVerdict[],
  race: string,
  lever: string,
): RecordedVerdict | null {
  return verdicts.findLast((one) => one.lever === lever && one.race === race) ?? null;
}
