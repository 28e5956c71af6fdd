/** Progress of one training run, as `igla train` shows it. */
import { formatBpb, formatCount, formatDuration } from "./format.ts";
import { percent, progressBar } from "./progress-bar.ts";
import { type Line, styled } from "./text.ts";

export interface TrialProgress {
  readonly step: number;
  readonly totalSteps: number;
  /** Mean training loss since the last point, in bits per byte; null before the first point. */
  readonly trainBpb: number | null;
  readonly stepsPerSec: number | null;
  readonly tokensPerSec: number | null;
}

/** One line of at most `width` columns; the bar takes what the figures leave. */
export function trialProgressLine(progress: TrialProgress, width: number): Line {
  const { step, totalSteps, trainBpb, stepsPerSec, tokensPerSec } = progress;
  const fraction = step / totalSteps;
  const figures = [`${step}/${totalSteps} steps`];
  if (trainBpb !== null) figures.push(`train ${formatBpb(trainBpb)} BPB`);
  if (stepsPerSec !== null && stepsPerSec > 0) {
    figures.push(`${formatCount(stepsPerSec)} steps/s`, `${formatCount(tokensPerSec ?? 0)} tokens/s`);
    figures.push(`${formatDuration((totalSteps - step) / stepsPerSec)} left`);
  }
  const text = ` ${percent(fraction)}  ${figures.join(" · ")}`;
  const bar = progressBar(fraction, Math.min(24, Math.max(0, width - text.length)));
  return [styled("cyan", bar), text];
}
