/** Words for verdicts and designs: what views, tests, messages and the question before a start have in common. Pure. */
import type {
  Experiment,
  ExperimentDesign,
  LeverVerdict,
  LeverVerdictKind,
  RecordedVerdict,
} from "../../daemon/protocol/experiments.ts";
import type { Translate } from "../translate.ts";
import { formatCount } from "../views/format.ts";
import { formatChange, formatFlops, formatSeconds, formatSeeds, measuredChange, totalFlops } from "./numbers.ts";

export type Standing = LeverVerdictKind | "untested";

/** Worst first: what does not hold is what somebody has to look at. */
export const standings: readonly Standing[] = [
  "refuted",
  "dead-lever",
  "invalid",
  "inconclusive",
  "survived",
  "untested",
];

export function standingLabel(standing: Standing, t: Translate): string {
  const labels: Readonly<Record<Standing, string>> = {
    refuted: t("Refuted"),
    survived: t("Survived"),
    inconclusive: t("Inconclusive"),
    "dead-lever": t("Dead"),
    invalid: t("Invalid"),
    untested: t("Not tested"),
  };
  return labels[standing];
}

/** Codicon and colour; null: the colour of text. */
export function standingIcon(standing: Standing): { readonly id: string; readonly colour: string | null } {
  const icons: Readonly<Record<Standing, readonly [string, string | null]>> = {
    refuted: ["error", "testing.iconFailed"],
    survived: ["pass-filled", "testing.iconPassed"],
    inconclusive: ["question", "list.warningForeground"],
    "dead-lever": ["circle-slash", "testing.iconFailed"],
    invalid: ["warning", "testing.iconErrored"],
    untested: ["circle-outline", "descriptionForeground"],
  };
  const [id, colour] = icons[standing];
  return { id, colour };
}

/** Newest first. */
export function verdictsOn(verdicts: readonly RecordedVerdict[], lever: string): RecordedVerdict[] {
  return verdicts.filter((one) => one.lever === lever).toReversed();
}

/** `−0.0042 [−0.0060, −0.0024], claimed −0.0100, 5 seeds`; for a lever that gave no numbers the reason. */
export function outcomeText(outcome: LeverVerdict, t: Translate): string {
  const measured = measuredChange(outcome);
  if (measured === null) return outcome.reasons[0] ?? "";
  return [measured, t("claimed {0}", formatChange(-outcome.claim)), t("{0} seeds", outcome.pairs.length)].join(
    " \u00b7 ",
  );
}

/** `QK-norm: Refuted. Change −0.0042 [...] BPB, claimed −0.0100, 5 seeds.` The reasons where nothing was measured. */
export function verdictMessage(title: string, outcome: LeverVerdict, t: Translate): string {
  const { verdict, reasons, claim, pairs, seedsNeeded } = outcome;
  const measured = measuredChange(outcome);
  const head = `${title}: ${standingLabel(verdict, t)}.`;
  if (measured === null || verdict === "invalid") return `${head} ${reasons.join(" ")}`;
  const numbers = t("Change {0} BPB, claimed {1}, {2} seeds.", measured, formatChange(-claim), pairs.length);
  if (verdict !== "inconclusive") return `${head} ${numbers}`;
  return `${head} ${numbers} ${t("Pairs needed for the claim: {0}.", seedsNeeded ?? t("more than 1000"))}`;
}

export interface Question {
  readonly text: string;
  readonly detail: string;
}

/** What a start costs and what it can find, as one question. */
export function startQuestion(designs: readonly ExperimentDesign[], t: Translate): Question {
  const [only] = designs;
  if (designs.length === 1 && only !== undefined) {
    return { text: t("Falsify {0}?", only.title), detail: designText(only, t).join("\n\n") };
  }
  const flops = designs.reduce((sum, design) => sum + bothArms(design), 0);
  const times = designs.map(({ estimatedSeconds }) => estimatedSeconds);
  const known = times.every((time) => time !== null) ? times.reduce((sum, time) => sum + time, 0) : null;
  const steps = designs.reduce((sum, { totalSteps }) => sum + totalSteps, 0);
  return {
    text: t("Falsify {0} levers, one after the other?", designs.length),
    detail: [
      ...designs.map((design) => shortDesign(design, t)),
      t("In all: {0} training steps, {1}, {2}.", formatCount(steps), formatFlops(flops), timeText(known, t)),
    ].join("\n\n"),
  };
}

function bothArms(design: ExperimentDesign): number {
  const { off, on } = totalFlops(design);
  return off + on;
}

function timeText(seconds: number | null, t: Translate): string {
  return seconds === null ? t("time not known yet: none has run here") : t("about {0}", formatSeconds(seconds, t));
}

function shortDesign(design: ExperimentDesign, t: Translate): string {
  const claim = t("claimed {0} BPB", formatChange(-design.claim));
  const pairs = t("{0} pairs", design.seeds.length);
  const parts = [
    claim,
    pairs,
    formatFlops(bothArms(design)),
    timeText(design.estimatedSeconds, t),
    shortPower(design, t),
    ...(design.hypotheses > 1 ? [t("registration {0}", design.hypotheses)] : []),
  ];
  return `${design.title}: ${parts.join(", ")}`;
}

function shortPower({ expectedPower }: ExperimentDesign, t: Translate): string {
  return expectedPower === null ? t("power not known") : t("power {0} %", Math.round(expectedPower * 100));
}

function designText(design: ExperimentDesign, t: Translate): string[] {
  const { claim, claimSource, seeds, looks, alpha, arms, totalSteps, estimatedSeconds, corpus } = design;
  const family = familyText(design, t);
  const { off, on } = totalFlops(design);
  const looking = looks.length === 1 ? t("one look at the end") : t("looks after {0} pairs", looks.join(", "));
  const arm = ({ steps, parameters }: typeof arms.off, flops: number) =>
    t("{0} steps, {1} parameters, {2} in all", formatCount(steps), formatCount(parameters), formatFlops(flops));
  return [
    t("Claim: {0} BPB ({1}).", formatChange(-claim), claimSource),
    t("{0} pairs, seeds {1}, {2}; alpha {3}, two-sided.", seeds.length, formatSeeds(seeds), looking, alpha),
    ...(family === "" ? [] : [family]),
    `${t("Without: {0}.", arm(arms.off, off))}\n${t("With: {0}.", arm(arms.on, on))}`,
    t("{0} training steps, {1}, {2}.", formatCount(totalSteps), formatFlops(off + on), timeText(estimatedSeconds, t)),
    powerText(design, t),
    t("Corpus: {0}.", `${corpus.name} ${corpus.sha256.slice(0, 12)}, ${corpus.origin}`),
  ];
}

/** What was registered before on the same lever and configuration; empty: nothing. */
function familyText({ hypotheses, undecided, alpha }: ExperimentDesign, t: Translate): string {
  const share =
    hypotheses > 1
      ? t("Registration {0} on this lever and configuration: alpha {1} is divided by {0}.", hypotheses, alpha)
      : "";
  const open = undecided > 0 ? t("Other registrations on them without a verdict: {0}.", undecided) : "";
  return [share, open].filter(Boolean).join(" ");
}

/** What deviation is needed, what is known of it, and whether that is enough. */
export function powerText(design: ExperimentDesign, t: Translate): string {
  const { power, knownDeviation, expectedPower, largestDeviation, seedsNeeded, seeds } = design;
  if (largestDeviation === 0) return t("Power: none; so few pairs decide nothing, whatever they show.");
  const wanted = Math.round(power * 100);
  const needed = t(
    "Power: the claim is found with {0} % where the pairs differ by at most {1} BPB (standard deviation).",
    wanted,
    largestDeviation.toFixed(4),
  );
  if (knownDeviation === null || expectedPower === null) return `${needed} ${t("How much they do is not known yet.")}`;
  const before = t("Before it was {0}: power {1} %.", knownDeviation.toFixed(4), Math.round(expectedPower * 100));
  const tooFew = seedsNeeded === null || seedsNeeded > seeds.length;
  if (!tooFew) return `${needed} ${before}`;
  const pairs = seedsNeeded === null ? t("more than 1000 pairs are needed") : t("{0} pairs are needed", seedsNeeded);
  return `${needed} ${before} ${t("Too few: {0}.", pairs)}`;
}

/** `42 % · Training the pairs`. */
export function progressText({ phase }: Pick<Experiment, "phase">, percent: number): string {
  return `${percent} % \u00b7 ${phase}`;
}
