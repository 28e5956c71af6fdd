/** A lever's claim and its verdict in words: one place for lens, hover and diagnostics. Changes in BPB, negative is better. */
import type { Lever } from "../../levers/lever.ts";
import type { LeverVerdict } from "../../protocol/experiments.ts";
import type { LeverLedger } from "./ledger-file.ts";
import type { ShownVerdict, Standing } from "./standing.ts";

const longestReason = 90;
const decimals = 4;

/** `-0.0030`; a zero has no sign. */
export function signed(change: number): string {
  const text = Math.abs(change).toFixed(decimals);
  return Number(text) === 0 ? text : `${change < 0 ? "-" : "+"}${text}`;
}

/** `-0.0030 [-0.0080, +0.0020]`; null: nothing was measured. */
export function changeText({ gain, interval }: LeverVerdict): string | null {
  if (gain === null) return null;
  const change = signed(-gain);
  return interval === null ? change : `${change} [${signed(-interval.high)}, ${signed(-interval.low)}]`;
}

export function seedsText(count: number): string {
  return `${count} ${count === 1 ? "seed" : "seeds"}`;
}

export function claimText({ claimedDeltaBpb }: Lever): string {
  return claimedDeltaBpb === null ? "no gain claimed" : `claimed ${signed(claimedDeltaBpb)}`;
}

/** What was tested, where it is not what the lever's definition claims. */
function testedText({ claimedDeltaBpb }: Lever, { claim }: LeverVerdict): string {
  return claimedDeltaBpb !== null && signed(claimedDeltaBpb) === signed(-claim) ? "" : `, tested for ${signed(-claim)}`;
}

/** `refuted: -0.0030 [-0.0080, +0.0020], 5 seeds`. */
export function outcomeText(lever: Lever, outcome: LeverVerdict): string {
  const { verdict, pairs, reasons, seedsNeeded } = outcome;
  const isShort = verdict === "inconclusive" && seedsNeeded !== null && seedsNeeded > pairs.length;
  const name = isShort ? `${verdict} (needs ${seedsText(seedsNeeded)})` : verdict;
  const change = verdict === "dead-lever" || verdict === "invalid" ? null : changeText(outcome);
  if (change === null) return `${name}: ${shortened(reasons[0] ?? "")}`;
  return `${name}: ${change}, ${seedsText(pairs.length)}${testedText(lever, outcome)}`;
}

export function stepsText({ otherSteps }: ShownVerdict): string {
  return otherSteps === null ? "" : `, after ${otherSteps.tested} steps instead of ${otherSteps.own}`;
}

/** Why a verdict is not the present truth, as words before it; empty: it is. */
export function reservations({ fault, fit, isRegistrationEdited }: ShownVerdict): string[] {
  return [
    ...(fault === null ? [] : ["unverified, the ledger is not sound"]),
    ...(isRegistrationEdited ? ["its registration was edited since"] : []),
    ...(fit === "changed" ? ["before the file changed"] : []),
    ...(fit === "unknown" ? ["not compared, the file has errors"] : []),
  ];
}

export function verdictText(lever: Lever, shown: ShownVerdict): string {
  return [...reservations(shown), `${outcomeText(lever, shown.row.outcome)}${stepsText(shown)}`].join(": ");
}

/** What is known of a lever without a verdict: nothing where a ledger cannot be relied on. */
function untestedText(ledgers: readonly LeverLedger[]): string {
  for (const ledger of ledgers) {
    if (ledger.kind === "pending") return "the ledger is being read";
    if (ledger.kind === "unread") return `verdicts not read, the ledger ${ledger.why}`;
    if (ledger.kind === "read" && ledger.fault !== null) return "verdicts not known, the ledger is not sound";
  }
  return "not tested here";
}

/** `1 registration without a verdict`; empty: none. */
export function undecidedText({ undecided }: Pick<Standing, "undecided">): string {
  return undecided === 0 ? "" : `${undecided} ${undecided === 1 ? "registration" : "registrations"} without a verdict`;
}

export function lensTitle({ lever, verdict, undecided }: Standing, ledgers: readonly LeverLedger[]): string {
  const found = verdict === null ? untestedText(ledgers) : verdictText(lever, verdict);
  const open = undecidedText({ undecided });
  return ["Falsify this lever", claimText(lever), open === "" ? found : `${found}, ${open}`].join(" · ");
}

/** Of a ledger: one line, and no icon of the editor. */
export function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").replaceAll("$(", "(").trim();
  const chars = [...line];
  return chars.length <= longestReason
    ? line
    : `${chars
        .slice(0, longestReason - 3)
        .join("")
        .trimEnd()}...`;
}
