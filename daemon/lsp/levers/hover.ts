/** The verdict on a lever as Markdown, to be put below what the lever is. */
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { registrationPath } from "../../evidence/registration.ts";
import type { LeverVerdict } from "../../protocol/experiments.ts";
import { codeName, escapeMarkdown } from "../../protocol/markdown.ts";
import { linkable, paragraphs } from "../markdown-text.ts";
import type { LedgerFault, LeverLedger } from "./ledger-file.ts";
import type { ShownVerdict, Standing } from "./standing.ts";
import { changeText, reservations, signed, undecidedText } from "./words.ts";

const maxSeeds = 8;
const maxReasons = 4;

export function verdictMarkdown(standing: Standing, ledgers: readonly LeverLedger[]): string {
  const open = undecidedText(standing);
  const given = open === "" ? "" : `⚠ On this configuration: ${open}. They were given up, or are still to be finished.`;
  return paragraphs(foundMarkdown(standing, ledgers), given);
}

function foundMarkdown({ lever, verdict }: Standing, ledgers: readonly LeverLedger[]): string {
  if (verdict !== null) return shownMarkdown(verdict);
  for (const ledger of ledgers) {
    if (ledger.kind === "pending") return "The ledger is being read.";
    if (ledger.kind === "unread") return `**Verdicts not read**: ${escapeMarkdown(`${ledger.path} ${ledger.why}`)}.`;
    if (ledger.kind === "read" && ledger.fault !== null) return `**Verdicts not known.** ${faultLine(ledger.fault)}`;
  }
  return `**Not tested here.** The lens above the section tests it, and so does ${codeName(`igla falsify FILE --lever ${lever.id}`)}.`;
}

function shownMarkdown(shown: ShownVerdict): string {
  const { outcome } = shown.row;
  const [first = "", ...others] = reservations(shown);
  const doubts = first === "" ? "" : ` (${[first, ...others].join("; ")})`;
  const fault = shown.fault === null ? "" : faultLine(shown.fault);
  return paragraphs(
    `**Verdict: ${escapeMarkdown(outcome.verdict)}**${doubts}`,
    fault,
    outcome.reasons
      .slice(0, maxReasons)
      .map((reason) => `- ${escapeMarkdown(reason)}`)
      .join("\n"),
    table(rows(shown)),
  );
}

function faultLine({ line, message }: LedgerFault): string {
  return `⚠ Line ${line} of the ledger: ${escapeMarkdown(message)}`;
}

function table(lines: readonly (readonly [string, string])[]): string {
  return ["| | |", "|:--|:--|", ...lines.map(([name, value]) => `| ${name} | ${value} |`)].join("\n");
}

function rows(shown: ShownVerdict): [string, string][] {
  const { row, ledger, line, otherSteps } = shown;
  const { outcome, ts, prereg, agent } = row;
  const { arms, pairs, minimumDetectableEffect, level } = outcome;
  const change = changeText(outcome);
  const percent = level === null ? "" : ` at ${(level * 100).toFixed(1)} %`;
  const lines: [string, string][] = [
    ["Change (negative is better)", change === null ? "not measured" : `${change} BPB${percent}`],
    ["Claim tested", `${signed(-outcome.claim)} BPB`],
    ["Pairs", pairs.length === 0 ? "none" : `${pairs.length}, seeds ${seedList(pairs)}`],
  ];
  if (minimumDetectableEffect !== null)
    lines.push(["Smallest gain that would be found", `${minimumDetectableEffect.toFixed(4)} BPB`]);
  if (arms !== null) {
    const { off, on } = arms;
    const both = (show: (arm: typeof off) => string) => `${show(off)} without, ${show(on)} with`;
    lines.push(["Parameters", both(({ parameters }) => String(parameters))]);
    lines.push(["FLOPs of a step", both(({ flopsPerStep }) => `${(flopsPerStep / 1e6).toFixed(1)} M`)]);
    const own = otherSteps === null ? "" : `; the file trains for ${otherSteps.own}`;
    lines.push(["Steps", `${both(({ steps }) => String(steps))}${own}`]);
    lines.push(["Time of a trial", both(({ seconds }) => (seconds === null ? "unknown" : `${seconds.toFixed(1)} s`))]);
  }
  lines.push(
    ["Corpus", `${escapeMarkdown(row.corpus)}, ${escapeMarkdown(row.protocol)}`],
    ["Date", `${escapeMarkdown(ts)}, ${escapeMarkdown(agent)}`],
    ["Registration", registrationLink(dirname(dirname(ledger)), prereg)],
    ["Ledger", `[line ${line}](${fileLink(ledger)}#L${line}), race ${escapeMarkdown(row.race)}`],
  );
  return lines;
}

/** @param id of a ledger: it may be anything */
function registrationLink(root: string, id: string): string {
  const short = id.slice(0, 12);
  return /^[0-9a-f]{64}$/.test(id)
    ? `[${short}](${fileLink(join(root, registrationPath(id)))})`
    : escapeMarkdown(short);
}

function seedList(pairs: LeverVerdict["pairs"]): string {
  const seeds = pairs.slice(0, maxSeeds).map(({ seed }) => seed);
  return `${seeds.join(", ")}${pairs.length > maxSeeds ? " and more" : ""}`;
}

function fileLink(path: string): string {
  return linkable(pathToFileURL(path).href);
}
