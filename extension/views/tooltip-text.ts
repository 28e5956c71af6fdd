/** What the tooltips of the tree say, as Markdown. Pure. */
import { type GuardFinding, isPenalised, isViolated } from "../../daemon/protocol/guards.ts";
import { escapeMarkdown } from "../../daemon/protocol/markdown.ts";
import type { ResultOf } from "../../daemon/protocol/request.ts";
import type { trialDecisions } from "../../daemon/protocol/requests.ts";
import type { RaceState, TrialState } from "../../daemon/protocol/state.ts";
import type { Translate } from "../translate.ts";
import { corpusLabel, formatBpb, formatCount } from "./format.ts";
import { type RaceModel, raceStatusText, trialStatusText } from "./race-model.ts";

export type TrialDecisions = ResultOf<typeof trialDecisions>;

/** Inline code; no text can end it early. */
function code(text: string): string {
  const fence = "`".repeat(Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length)) + 1);
  const pad = text.startsWith("`") || text.endsWith("`") ? " " : "";
  return `${fence}${pad}${text.replace(/[\r\n|]/g, " ")}${pad}${fence}`;
}

function measuredOn(race: RaceState, split: string | null, protocol: string | null, t: Translate): string[] {
  if (race.corpus === null) return [];
  const parts = [
    corpusLabel(race.corpus),
    ...(split === null ? [] : [split]),
    ...(protocol === null ? [] : [protocol]),
  ];
  return [t("Measured on {0}", parts.map(code).join(", "))];
}

export function raceText(race: RaceState, t: Translate): string {
  const lines = [`**${escapeMarkdown(race.name)}** - ${raceStatusText(race.status, t)}`];
  if (race.reason !== "") lines.push(escapeMarkdown(race.reason));
  const trials = Object.keys(race.trials).length;
  const all = race.maxTrials === null ? String(trials) : `${trials} / ${race.maxTrials}`;
  lines.push(t("{0} trials, {1} results, {2} steps trained", all, race.resultCount, formatCount(race.trainedSteps)));
  if (race.best !== null) {
    lines.push(t("Best: {0} BPB at step {1}, {2}", formatBpb(race.best.valBpb), race.best.step, race.best.trialId));
  }
  if (race.parameters !== null) lines.push(t("{0} parameters", formatCount(race.parameters)));
  if (race.backend !== null) lines.push(t("{0} lanes on {1}", race.lanes ?? 1, code(race.backend.description)));
  lines.push(...measuredOn(race, null, null, t));
  if (race.trainer.status === "exited" || race.trainer.status === "failed") {
    lines.push(`$(warning) ${escapeMarkdown(race.trainer.detail)}`);
  }
  if (race.replayMismatches > 0) {
    lines.push(`$(warning) ${t("{0} numbers came out differently when trained again", race.replayMismatches)}`);
  }
  const notice = race.notices.findLast(({ level }) => level !== "info");
  if (notice !== undefined) lines.push(`$(info) ${escapeMarkdown(notice.message)}`);
  lines.push(...guardLines(race.guards, t), code(race.path));
  return lines.join("\n\n");
}

/** Broken invariants with what was found and the theorem behind; the others by name. */
function guardLines(guards: readonly GuardFinding[], t: Translate): string[] {
  const lines = guards.filter(isViolated).map((guard) => {
    const { id, message, detail, theorem } = guard;
    const parts = [`$(warning) **${escapeMarkdown(id)}**`, escapeMarkdown(message), escapeMarkdown(detail)];
    return [...parts, theorem === null ? "" : theoremText(theorem, t)].filter((part) => part !== "").join(" ");
  });
  if (isPenalised(guards)) lines.push(t("Penalised: its trials rank behind those of all other races."));
  const kept = guards.filter(({ outcome }) => outcome === "holds").map(({ id }) => code(id));
  if (kept.length > 0) lines.push(t("Invariants kept: {0}", kept.join(", ")));
  const watched = guards.filter(({ outcome }) => outcome === "later").map(({ id }) => code(id));
  if (watched.length > 0) lines.push(t("Invariants watched while it trains: {0}", watched.join(", ")));
  return lines;
}

function theoremText({ name, path, claim, status }: NonNullable<GuardFinding["theorem"]>, t: Translate): string {
  const where = code(path === null ? name : `${name}, ${path}`);
  if (status !== null) return t("Theorem {0}: {1}", where, status);
  return claim === "" ? t("Theorem {0}", where) : t("Theorem {0}: the file says {1}", where, escapeMarkdown(claim));
}

export function rungText({ race, rungs }: RaceModel, rung: number, t: Translate): string {
  const { steps, keep } = race.rungs[rung] ?? { steps: 0, keep: null };
  const trials = rungs.find((one) => one.rung === rung)?.trials.length ?? 0;
  const goesOn = keep === null ? t("The last rung of the ladder.") : t("The best {0} of the trials go on.", keep);
  return [`**${t("Rung {0} - step {1}", rung + 1, steps)}**`, goesOn, t("{0} trials stand here.", trials)].join("\n\n");
}

/** @param facts null while the daemon cannot be asked */
export function trialText(race: RaceState, trial: TrialState, facts: TrialDecisions | null, t: Translate): string {
  const status = trialStatusText(trial, race, t);
  const sections = [`**${trial.trialId}** - ${status} - ${t("seed {0}", trial.seed)}`];
  const point = Object.entries(trial.point).map(
    ([path, value]) => `| ${code(path)} | ${code(typeof value === "object" ? JSON.stringify(value) : String(value))} |`,
  );
  if (point.length > 0) sections.push([`| ${t("varied")} | |`, "|---|---|", ...point].join("\n"));
  if (trial.results.length > 0) {
    const rows = trial.results.map(
      ({ rung, step, valBpb }) => `| ${rung + 1} | ${step} | ${valBpb === null ? "-" : formatBpb(valBpb)} |`,
    );
    sections.push([`| ${t("rung")} | ${t("step")} | BPB |`, "|--:|--:|--:|", ...rows].join("\n"));
  }
  const data = facts?.spec.data ?? null;
  sections.push(...measuredOn(race, data?.split ?? null, data?.protocol ?? null, t));
  const last = facts?.decisions.at(-1);
  if (last !== undefined) {
    const inputs = Object.entries(last.inputs).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
    sections.push(t("Last decision: {0} by rule {1}", `**${last.action}**`, code(last.rule)));
    if (inputs.length > 0) sections.push(code(inputs.join(", ").slice(0, 600)));
  }
  if (trial.reason !== "" && trial.reason !== last?.rule) sections.push(escapeMarkdown(trial.reason));
  return sections.join("\n\n");
}
