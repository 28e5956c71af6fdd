/** An experiment on a lever as text: what it will cost, how far it is, what it found. */
import type { Experiment, ExperimentDesign, LeverVerdict, LeverVerdictKind } from "../../protocol/experiments.ts";
import type { TokenReport } from "../token-budget.ts";
import { formatCount, formatDuration } from "./format.ts";
import { percent, progressBar } from "./progress-bar.ts";
import { type Line, styled } from "./text.ts";
import { tokenLine } from "./tokens.ts";

const BAR_WIDTH = 24;

/** @param tokens of each arm; arms whose bytes a parameter differ get a line each */
export function designLines(
  design: ExperimentDesign,
  tokens: { readonly off: TokenReport; readonly on: TokenReport },
): Line[] {
  const { title, lever, claim, claimSource, seeds, looks, alpha, arms, totalSteps, estimatedSeconds } = design;
  const time = estimatedSeconds === null ? "" : `, about ${formatDuration(estimatedSeconds)} as measured before`;
  const looking = looks.length === 1 ? "one look at the end" : `looks after ${looks.join(" and ")} pairs`;
  return [
    [styled("bold", `${title} (${lever})`), ` is said to gain ${claim} BPB: ${claimSource}`],
    [`${seeds.length} pairs, seeds ${seeds.join(", ")}; ${looking}; alpha ${alpha}, two-sided`],
    ...familyLines(design),
    [armLine("without", arms.off)],
    [armLine("with", arms.on)],
    ...(tokens.off.ratio === tokens.on.ratio
      ? [tokenLine(tokens.off)]
      : [tokenLine(tokens.off, "without: "), tokenLine(tokens.on, "with: ")]),
    [`${formatCount(totalSteps)} training steps${time}`],
    [powerLine(design)],
  ];
}

/** What was registered before on the same lever and configuration; nothing: no line. */
function familyLines({ hypotheses, undecided, alpha }: ExperimentDesign): Line[] {
  const open = undecided === 0 ? "" : `${undecided} ${hypotheses > 1 ? "of the others" : "other"} without a verdict`;
  if (hypotheses > 1) {
    const share = `registration ${hypotheses} on this lever and configuration: alpha ${alpha} is divided by ${hypotheses}`;
    return [[[share, open].filter(Boolean).join("; ")]];
  }
  return open === "" ? [] : [[`registered on this lever and configuration: ${open}`]];
}

function armLine(name: string, { steps, parameters, flopsPerStep }: ExperimentDesign["arms"]["off"]): string {
  return `  ${name.padEnd(8)}${formatCount(steps)} steps, ${formatCount(parameters)} parameters, ${mega(flopsPerStep)} MFLOP a step`;
}

const mega = (flops: number) => (flops / 1e6).toFixed(1);

/** What the experiment can find, said before it runs. */
export function powerLine({
  power,
  claim,
  largestDeviation,
  knownDeviation,
  expectedPower,
  seedsNeeded,
}: ExperimentDesign): string {
  if (largestDeviation === 0)
    return "power: none; so few pairs decide nothing, whatever they show: ask for more with --seeds";
  const wanted = `${Math.round(power * 100)} %`;
  const limit = `a gain of ${claim} is found with ${wanted} power if the pairs scatter by at most ${largestDeviation.toFixed(4)} BPB`;
  if (knownDeviation === null || expectedPower === null) return `power: ${limit}; how much they do is not known yet`;
  const needed = seedsNeeded === null ? "more than 1000" : String(seedsNeeded);
  const known = `they scattered by ${knownDeviation.toFixed(4)} before: power ${Math.round(expectedPower * 100)} %, ${needed} pairs needed`;
  return `power: ${limit}; ${known}`;
}

export function progressLine({ phase, doneSteps, totalSteps }: Experiment): Line {
  const share = totalSteps === 0 ? 0 : doneSteps / totalSteps;
  return [styled("cyan", progressBar(share, BAR_WIDTH)), ` ${percent(share)} ${phase}`];
}

const colours: Readonly<Record<LeverVerdictKind, "green" | "red" | "yellow">> = {
  survived: "green",
  refuted: "red",
  inconclusive: "yellow",
  "dead-lever": "red",
  invalid: "red",
};

export function verdictLines(lever: string, verdict: LeverVerdict): Line[] {
  const { gain, interval, level, pairs, deviation, minimumDetectableEffect, seedsNeeded, arms } = verdict;
  const lines: Line[] = [
    [styled("bold", `${lever}: `), styled(colours[verdict.verdict], verdict.verdict)],
    ...verdict.reasons.map((reason): Line => [`  ${reason}`]),
  ];
  if (gain !== null && interval !== null && level !== null) {
    // As the metric moves: negative is better.
    const range = `[${signed(-interval.high)}, ${signed(-interval.low)}]`;
    lines.push([
      `change ${signed(-gain)} BPB ${range} at ${share(level)} %, ${pairs.length} pairs, claimed ${signed(-verdict.claim)}`,
    ]);
  }
  for (const { seed, off, on } of pairs) {
    const difference = off === null || on === null ? "" : `, change ${signed(on - off)}`;
    lines.push([styled("dim", `  seed ${seed}: without ${bpb(off)}, with ${bpb(on)}${difference}`)]);
  }
  if (deviation !== null && minimumDetectableEffect !== null) {
    const needed = seedsNeeded === null ? "more than 1000" : String(seedsNeeded);
    lines.push([
      `pairs scatter by ${deviation.toFixed(4)}; a gain of ${minimumDetectableEffect.toFixed(4)} would be found; ${needed} pairs for the claim`,
    ]);
  }
  if (arms !== null) {
    for (const [name, arm] of [
      ["without", arms.off],
      ["with", arms.on],
    ] as const) {
      const time =
        arm.seconds === null
          ? ""
          : `, ${arm.seconds < 60 ? `${arm.seconds.toFixed(1)} s` : formatDuration(arm.seconds)} a trial`;
      lines.push([styled("dim", `${armLine(name, arm)}${time}`)]);
    }
  }
  return lines;
}

/** Never rounded up: an early look is close to 100 %, and is not. */
const share = (level: number) => Number((Math.floor(level * 1e6) / 1e4).toFixed(4));
const signed = (value: number) => `${value < 0 ? "-" : "+"}${Math.abs(value).toFixed(4)}`;
const bpb = (value: number | null) => (value === null ? "diverged" : value.toFixed(4));
