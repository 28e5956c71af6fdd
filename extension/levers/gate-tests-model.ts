/** Gates as tests: what the document of `igla falsify-suite` means for the Test Explorer. Pure. */

import { type GateId, gateTitles, type SuiteCaseResult, type SuiteDocument } from "../../daemon/protocol/gates.ts";
import { escapeMarkdown } from "../../daemon/protocol/markdown.ts";
import type { Translate } from "../translate.ts";
import type { TestResult } from "./lever-tests-model.ts";

/** In the order in which they are shown. */
export const gateIds = Object.keys(gateTitles) as readonly GateId[];

/** `V1: muP coordinate check`. */
export function gateLabel(gate: GateId, t: Translate): string {
  return `${gate}: ${t(gateTitles[gate])}`;
}

/** Failed once an input was judged wrongly; errored where an input could not be judged, or a kind of input is missing. */
export function resultOfGate({ rows }: SuiteDocument, gate: GateId, t: Translate): TestResult {
  const own = rows.filter((row) => row.gate === gate);
  const wrong = own.filter(({ ok }) => !ok);
  const output = own.map((row) => caseText(row, t));
  const problems = [...wrong.map((row) => caseText(row, t)), ...missingKinds(own, t)];
  const count = (kind: SuiteCaseResult["kind"], from: readonly SuiteCaseResult[]) =>
    from.filter((row) => row.kind === kind).length;
  if (problems.length === 0) {
    const caught = t(
      "plants caught: {0}, clean inputs without an alarm: {1}",
      count("plant", own),
      count("clean", own),
    );
    return { state: "passed", description: caught, message: "", line: `${gate}: ${caught}`, output };
  }
  const judged = wrong.filter(({ verdict }) => verdict !== "error");
  const [missed, alarms] = [count("plant", judged), count("clean", judged)];
  const counts = [
    ...(missed > 0 ? [t("plants missed: {0}", missed)] : []),
    ...(alarms > 0 ? [t("false alarms: {0}", alarms)] : []),
  ];
  const description = judged.length > 0 ? counts.join(" \u00b7 ") : t("could not be run");
  return {
    state: judged.length > 0 ? "failed" : "errored",
    description,
    message: problems.map(escapeMarkdown).join("\n\n"),
    line: `${gate}: ${description}`,
    output,
  };
}

/** Before the suite has said anything: it was not started yet, or stopped before its end. */
export function resultWithoutSuite(reason: "not-run" | "stopped", t: Translate): TestResult {
  const stopped = { description: t("stopped"), line: t("Stopped before its end; nothing is known of the gates.") };
  const notRun = { description: t("not run yet"), line: "" };
  return { state: "skipped", message: "", output: [], ...(reason === "stopped" ? stopped : notRun) };
}

function caseText({ kind, title, ok, verdict, reason }: SuiteCaseResult, t: Translate): string {
  if (verdict === "error") return t("Could not be tried: {0}. {1}", title, reason);
  if (kind === "clean") {
    return ok
      ? t("No alarm at a clean input: {0}. {1}", title, reason)
      : t("Alarm at a clean input: {0}. {1}", title, reason);
  }
  if (ok) return t("Plant caught: {0}. {1}", title, reason);
  const isAlarm = verdict === "fail" || verdict === "review";
  return isAlarm
    ? t("Plant missed, the alarm has another reason: {0}. {1}", title, reason)
    : t("Plant missed: {0}. {1}", title, reason);
}

function missingKinds(own: readonly SuiteCaseResult[], t: Translate): string[] {
  const has = (kind: SuiteCaseResult["kind"]) => own.some((row) => row.kind === kind);
  return [
    ...(has("plant") ? [] : [t("The suite had no planted violation for this gate.")]),
    ...(has("clean") ? [] : [t("The suite had no clean input for this gate.")]),
  ];
}
