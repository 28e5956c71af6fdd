/** Tooltips of the view Levers and messages of the Test Explorer: all numbers of a verdict, as Markdown. Pure. */
import type { LeverEntry, LeverVerdict, RecordedVerdict } from "../../daemon/protocol/experiments.ts";
import { escapeMarkdown } from "../../daemon/protocol/markdown.ts";
import type { Translate } from "../translate.ts";
import { formatCount } from "../views/format.ts";
import { type LeverRow, unfinishedText } from "./levers-model.ts";
import { formatChange, formatFlops, formatLevel, formatSeconds, measuredChange } from "./numbers.ts";
import { standingLabel } from "./words.ts";

const shownPairs = 12;

export function leverTooltip({ lever, standing, verdicts, unfinished }: LeverRow, t: Translate): string {
  const head = `**${escapeMarkdown(lever.title)}** \`${plain(lever.id)}\` \u2014 ${standingLabel(standing, t)}`;
  const [newest] = verdicts;
  const failure = unfinished?.failure?.message ?? "";
  return sections([
    head,
    unfinished === null
      ? ""
      : `$(warning) ${sentence([unfinishedText(unfinished, t), escapeMarkdown(failure)].filter(Boolean).join(": "))}`,
    ...hypothesisText(lever, t),
    newest === undefined ? "" : `---\n\n${verdictTooltip(newest.verdict, t)}`,
  ]);
}

function hypothesisText({ hypothesis, source, claimedDeltaBpb, falsifier }: LeverEntry, t: Translate): string[] {
  if (hypothesis === "") return [];
  const claim = claimedDeltaBpb === null ? t("no number claimed") : t("claimed {0} BPB", formatChange(claimedDeltaBpb));
  return [
    escapeMarkdown(hypothesis),
    `${sentence(claim)} ${t("Source: {0}", escapeMarkdown(source))}`,
    t("Refuted by: {0}", escapeMarkdown(falsifier)),
  ];
}

export function verdictTooltip(verdict: RecordedVerdict, t: Translate): string {
  const { outcome, race, corpus, protocol, experimentId, line, ts } = verdict;
  return sections([
    ...outcomeSections(outcome, t),
    t("Measured on {0}", [corpus, protocol].map((part) => `\`${plain(part)}\``).join(", ")),
    `${escapeMarkdown(race)} \u00b7 ${escapeMarkdown(ts)} \u00b7 ${t("ledger line {0}", line)} \u00b7 \`${plain(experimentId.slice(0, 12))}\``,
  ]);
}

/** Verdict, reasons, numbers, pairs and arms. */
export function outcomeSections(outcome: LeverVerdict, t: Translate): string[] {
  const { verdict, reasons, level, claim, pairs } = outcome;
  const measured = measuredChange(outcome);
  return [
    `**${standingLabel(verdict, t)}** \u2014 ${reasons.map(escapeMarkdown).join(" ")}`,
    measured === null
      ? ""
      : t(
          "Change **{0}** BPB at {1} %, claimed {2}, {3} pairs",
          measured,
          level === null ? "?" : formatLevel(level),
          formatChange(-claim),
          pairs.length,
        ),
    scatterText(outcome, t),
    pairTable(outcome, t),
    armTable(outcome, t),
  ];
}

function scatterText({ deviation, minimumDetectableEffect, seedsNeeded }: LeverVerdict, t: Translate): string {
  if (deviation === null || minimumDetectableEffect === null) return "";
  const found = t(
    "The pairs differ by {0} BPB (standard deviation); a gain of {1} would be found.",
    deviation.toFixed(4),
    minimumDetectableEffect.toFixed(4),
  );
  const needed = seedsNeeded === null ? t("more than 1000") : String(seedsNeeded);
  return `${found} ${t("Pairs needed for the claim: {0}.", needed)}`;
}

function pairTable({ pairs }: LeverVerdict, t: Translate): string {
  if (pairs.length === 0) return "";
  const bpb = (value: number | null) => (value === null ? t("diverged") : value.toFixed(4));
  const rows = pairs
    .slice(0, shownPairs)
    .map(({ seed, off, on }) => [
      String(seed),
      bpb(off),
      bpb(on),
      off === null || on === null ? "" : formatChange(on - off),
    ]);
  const more = pairs.length > shownPairs ? [[t("{0} more", pairs.length - shownPairs), "", "", ""]] : [];
  return table([t("seed"), t("without"), t("with"), t("change")], [...rows, ...more]);
}

function armTable({ arms }: LeverVerdict, t: Translate): string {
  if (arms === null) return "";
  const row = (name: string, { steps, parameters, flopsPerStep, seconds }: typeof arms.off) => [
    name,
    formatCount(steps),
    formatCount(parameters),
    formatFlops(flopsPerStep * steps),
    seconds === null ? "" : formatSeconds(seconds, t),
  ];
  const head = [t("one trial"), t("steps"), t("parameters"), "FLOP", t("time")];
  return table(head, [row(t("without"), arms.off), row(t("with"), arms.on)]);
}

/** Numbers to the right; VS Code draws columns without a gap. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => (i === 0 ? cell : `&emsp;${cell}`)).join(" | ")} |`;
  return [line(head), `|${head.map(() => "--:").join("|")}|`, ...rows.map(line)].join("\n");
}

function sections(parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join("\n\n");
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function plain(text: string): string {
  return text.replaceAll(/[`\r\n|]/g, " ");
}
