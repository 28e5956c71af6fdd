import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  doneSteps,
  expectedSteps,
  raceFraction,
  StepRate,
  secondsLeft,
} from "../../daemon/cli/render/race-progress.ts";
import { eventLine, raceView } from "../../daemon/cli/render/race-view.ts";
import { raceStandings } from "../../daemon/cli/render/standings.ts";
import { lineWidth, renderLine } from "../../daemon/cli/render/text.ts";
import type { EventDraft, IglaEvent } from "../../daemon/protocol/events.ts";
import { reduce } from "../../daemon/protocol/reduce.ts";
import { emptyRace, type RaceState } from "../../daemon/protocol/state.ts";
import { tinySpec } from "../fixtures/specs.ts";

const evaluation = (valBpb: number) => ({ valBpb, nllNats: 1, bytes: 1, protocol: "chunked" });
const checkpoint = (step: number) => ({ file: `f${step}`, sha256: "0".repeat(64), step, bytes: 1 });
const corpus = { name: "tinyshakespeare", sha256: "86c4e6aa9db7cc", bytes: 9, tag: "ascii", origin: "cache" } as const;
const backend = { kind: "cpu", description: "WASM SIMD, 2 threads", software: false } as const;

/** Three configurations of a ladder 100 -> 300 that keeps a third; two have results, the best trains on. */
const drafts: readonly EventDraft[] = [
  {
    kind: "race-created",
    name: "demo",
    path: "/x/demo.igla.toml",
    configText: "",
    configHash: "c",
    rungs: [
      { steps: 100, keep: "1/3" },
      { steps: 300, keep: null },
    ],
    maxTrials: 3,
    budgetSteps: null,
    reportEvery: 20,
  },
  { kind: "race-state", status: "running", rule: "next-in-line", detail: "" },
  { kind: "lanes-fixed", lanes: 2, backend },
  ...[0, 1, 2].flatMap((number): EventDraft[] => [
    {
      kind: "trial-created",
      trialId: `t${number}`,
      number,
      point: { "optimizer.lr": 0.01 / (number + 1) },
      spec: tinySpec({ seed: number }),
      specHash: "h",
    },
    { kind: "decision", action: "start", trialId: `t${number}`, rung: 0, rule: "bottom", inputs: {} },
  ]),
  {
    kind: "group-started",
    groupId: "g0",
    jobs: [0, 1].map((n) => ({ trialId: `t${n}`, rung: 0, fromStep: 0, toStep: 100 })),
  },
  { kind: "group-info", groupId: "g0", parameters: 131_392, bytesOnDevice: 1, corpus },
  ...(
    [
      ["t0", 3.5],
      ["t1", 3.25],
    ] as const
  ).map(
    ([trialId, bpb], arrival): EventDraft => ({
      kind: "rung-result",
      trialId,
      rung: 0,
      step: 100,
      arrival,
      outcome: { kind: "finished", evaluation: evaluation(bpb), checkpoint: checkpoint(100 + arrival) },
    }),
  ),
  { kind: "group-finished", groupId: "g0" },
  { kind: "decision", action: "promote", trialId: "t1", rung: 1, rule: "top", inputs: {} },
  { kind: "group-started", groupId: "g1", jobs: [{ trialId: "t1", rung: 1, fromStep: 100, toStep: 300 }] },
  {
    kind: "curve",
    points: [{ trialId: "t1", step: 160, lossNats: 2, gradNorm: 1 }],
    tokensPerSec: 20_480,
    stepsPerSec: 20,
  },
];

const events = drafts.map((draft, i) => ({ ...draft, seq: i + 1, raceId: "r1", at: i }) as IglaEvent);

function raceAfter(count = events.length): RaceState {
  return events.slice(0, count).reduce(reduce, emptyRace("r1"));
}

function screen(state: RaceState, width: number, rows = 24): string[] {
  return raceView(state, { width, rows, stepsPerSec: 20 }).map((line) => renderLine(line, false));
}

describe("progress of a race", () => {
  it("counts results and jobs in flight against the ladder's full size", () => {
    const state = raceAfter();
    expect(expectedSteps(state)).toBe(3 * 100 + 1 * 200);
    expect(doneSteps(state)).toBe(200 + 60);
    expect(raceFraction(state)).toBeCloseTo(260 / 500);
    expect(secondsLeft(state, 20)).toBe(12);
    expect(raceFraction({ ...state, status: "finished" })).toBe(1);
  });

  it("ends at the budget, and knows no end without limit", () => {
    const state = raceAfter();
    expect(expectedSteps({ ...state, budgetSteps: 400 })).toBe(400);
    expect(expectedSteps({ ...state, maxTrials: null, budgetSteps: 900 })).toBe(900);
    expect(expectedSteps({ ...state, maxTrials: null })).toBeNull();
  });

  it("measures speed over the last minute, and only after a few seconds", () => {
    const rate = new StepRate();
    rate.observe(0, 0);
    rate.observe(1000, 50);
    expect(rate.stepsPerSec).toBeNull();
    for (let second = 2; second <= 200; second++)
      rate.observe(second * 1000, second < 100 ? 50 * second : 5000 + 10 * (second - 100));
    expect(rate.stepsPerSec).toBeCloseTo(10, 5);
  });
});

describe("live view", () => {
  it("shows what is raced, how far it is, how fast, and the standings", () => {
    expect(screen(raceAfter(), 100)).toEqual([
      "demo r1 · 131.4k parameters",
      "tinyshakespeare 86c4e6aa9db7 ascii · cpu: WASM SIMD, 2 threads",
      "████████████░░░░░░░░░░░░  52%  3 of 3 trials · 260 of 500 steps · 0:12 left",
      "20.5k tokens/s · 20 steps/s · best 3.2500 BPB (t1)",
      "",
      "#  trial  val BPB  step  state             seed  configuration",
      "1  t1      3.2500   100  training 160/300     1  lr 0.005",
      "2  t0      3.5000   100  paused               0  lr 0.01",
      "-  t2           -     0  waiting              2  lr 0.00333",
    ]);
  });

  it("fits any terminal after any number of events", () => {
    fc.assert(
      fc.property(
        fc.nat(events.length),
        fc.integer({ min: 20, max: 140 }),
        fc.integer({ min: 5, max: 40 }),
        (count, width, rows) => {
          const lines = raceView(raceAfter(count), { width, rows, stepsPerSec: null });
          expect(lines.slice(5).every((line) => lineWidth(line) <= width)).toBe(true);
          expect(lines.length).toBeLessThanOrEqual(Math.max(rows, 11));
        },
      ),
    );
  });

  it("says how many trials do not fit", () => {
    const state = raceAfter();
    const many = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [`n${i}`, { ...state.trials.t2, trialId: `n${i}`, number: i + 3 }]),
    ) as RaceState["trials"];
    const lines = screen({ ...state, trials: { ...state.trials, ...many } }, 80, 20);
    expect(lines.at(-1)).toBe("and 31 more");
    expect(lines.length).toBeLessThan(20);
  });

  it("names a stand-in corpus in every picture", () => {
    const state = { ...raceAfter(), corpus: { ...corpus, name: "typescript-lib-dom", origin: "offline stand-in" } };
    expect(screen(state, 80)[1]).toContain("typescript-lib-dom 86c4e6aa9db7 ascii (offline stand-in)");
  });

  it("calls unpromoted trials by that name once the race is over", () => {
    const states = (status: RaceState["status"]) => raceStandings({ ...raceAfter(), status }).map((row) => row.state);
    expect(states("finished")).toEqual(["training 160/300", "not promoted", "waiting"]);
    expect(states("stopped")).toEqual(["left at 160", "paused", "left at 0"]);
  });
});

describe("lines for output that cannot be redrawn", () => {
  it("tell results, decisions that end a trial, and trouble; nothing else", () => {
    let state = emptyRace("r1");
    const lines = events.flatMap((event) => {
      state = reduce(state, event);
      const line = eventLine(event, state);
      return line === null ? [] : [renderLine(line, false)];
    });
    expect(lines).toEqual([
      "race r1 running",
      "engine cpu: WASM SIMD, 2 threads",
      "corpus tinyshakespeare 86c4e6aa9db7 ascii · 131.4k parameters",
      " 20%  t0 step 100: 3.5000 BPB  (best)  lr 0.01",
      " 40%  t1 step 100: 3.2500 BPB  (best)  lr 0.005",
    ]);
  });

  it.each([
    [
      { kind: "rung-result", trialId: "t2", rung: 0, step: 7, arrival: 2, outcome: { kind: "diverged", step: 7 } },
      /t2 diverged at step 7/,
    ],
    [{ kind: "decision", action: "kill", trialId: "t0", rung: 0, rule: "INV-2", inputs: {} }, /t0 killed: INV-2/],
    [{ kind: "notice", level: "warning", code: "x.y", message: "m", trialId: null }, /x\.y m/],
    [
      { kind: "trainer", status: "exited", pid: 1, backend: null, failures: 1, detail: "signal 9" },
      /trainer exited: signal 9/,
    ],
  ] as const)("%j", (draft, expected) => {
    const event = { ...draft, seq: 99, raceId: "r1", at: 0 } as unknown as IglaEvent;
    expect(renderLine(eventLine(event, raceAfter()) ?? [], false)).toMatch(expected);
  });
});
