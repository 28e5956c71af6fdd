import { describe, expect, it } from "vitest";
import { chooseSpeaker, speakerLines } from "../../daemon/cli/demo-speaker.ts";
import { renderLine } from "../../daemon/cli/render/text.ts";
import { raceState, trialState } from "../fixtures/race-states.ts";

const checkpoint = (step: number) => ({ file: `${step}.safetensors`, sha256: "0".repeat(64), step, bytes: 1 });
const result = (rung: number, step: number, valBpb: number | null) => ({ rung, step, valBpb });

/** Best at its first rung, worse at the next; another one is better now. */
const fallen = trialState(0, {
  results: [result(0, 1000, 2.0), result(1, 3000, 2.6)],
  checkpoints: [checkpoint(3000)],
});
const steady = trialState(1, {
  results: [result(0, 1000, 2.5), result(1, 3000, 2.3)],
  checkpoints: [checkpoint(3000)],
});
const diverged = trialState(2, { results: [result(0, 1000, 2.1), result(1, 3000, null)], status: "diverged" });

const text = (lines: Parameters<typeof renderLine>[0][]) => lines.map((line) => renderLine(line, false)).join("\n");

describe("who speaks at the end of the demo", () => {
  it("is the best model that has weights, and is named; the best result of all is named as gone", () => {
    const best = { trialId: fallen.trialId, valBpb: 2.0, step: 1000 };
    const state = raceState([fallen, steady, diverged], { status: "finished", best });
    const speaker = chooseSpeaker(state);
    expect(speaker).toEqual({ trialId: steady.trialId, step: 3000, valBpb: 2.3 });
    if (speaker === null) return;
    expect(text(speakerLines(state, speaker, 400, "a corpus"))).toBe(
      "the best result, 2.0000 BPB, was that of r1-t0000 at step 1000; those weights are gone\n" +
        "400 bytes from r1-t0001 after 3000 steps, 2.3000 BPB (a corpus):",
    );
  });

  it("is the winner without further words, where its weights are those of the best result", () => {
    const best = { trialId: steady.trialId, valBpb: 2.3, step: 3000 };
    const state = raceState([steady], { status: "finished", best });
    const speaker = chooseSpeaker(state);
    expect(speaker).toMatchObject(best);
    if (speaker !== null) expect(speakerLines(state, speaker, 400, "a corpus")).toHaveLength(1);
  });

  it("is nobody before the first result", () => {
    expect(chooseSpeaker(raceState([trialState(0), diverged]))).toBeNull();
  });
});
