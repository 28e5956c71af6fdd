/** Which model of a race speaks: the best one whose weights are still there. */
import type { RaceState } from "../protocol/state.ts";
import { bestTrials } from "../race/retention.ts";
import { formatBpb } from "./render/format.ts";
import { type Line, styled } from "./render/text.ts";

export interface Speaker {
  readonly trialId: string;
  /** Of the weights, and of the result below. */
  readonly step: number;
  readonly valBpb: number;
}

/** Null before the first result. */
export function chooseSpeaker(state: RaceState): Speaker | null {
  for (const trialId of bestTrials(state)) {
    const last = state.trials[trialId]?.results.at(-1);
    if (last !== undefined && last.valBpb !== null) return { trialId, step: last.step, valBpb: last.valBpb };
  }
  return null;
}

/** Names the speaker; where the best result of the race was another model's, says so. */
export function speakerLines(state: RaceState, speaker: Speaker, bytes: number, corpus: string): Line[] {
  const name = `${speaker.trialId} after ${speaker.step} steps, ${formatBpb(speaker.valBpb)} BPB`;
  const lines: Line[] = [[styled("bold", `${bytes} bytes from ${name}`), ` (${corpus}):`]];
  const { best } = state;
  if (best === null || (best.trialId === speaker.trialId && best.step === speaker.step)) return lines;
  const earlier = `the best result, ${formatBpb(best.valBpb)} BPB, was that of ${best.trialId} at step ${best.step}`;
  return [[styled("dim", `${earlier}; those weights are gone`)], ...lines];
}
