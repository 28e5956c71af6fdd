/** The exported table holds every point. */
import { describe, expect, test } from "vitest";
import { emptyRace, type TrialState } from "../../daemon/protocol/state.ts";
import type { Connection } from "../../extension/connection/connection.ts";
import { csvHeader, csvRows, field, wholeCurve } from "../../extension/features/chart-csv.ts";
import type { CurveFacts } from "../../extension/webview/chart/messages.ts";
import { curveFacts } from "./curves.ts";

const curve = curveFacts(0, 1000);

/** Answers as the daemon does: a range with its neighbours, reduced when it is too long. */
const connection = {
  async request(_definition: unknown, params: unknown): Promise<never> {
    const { maxPoints, fromStep, toStep } = params as { maxPoints: number; fromStep: number; toStep: number | null };
    const from = Math.max(0, curve.steps.findIndex((step) => step >= fromStep) - 1);
    const after = toStep === null ? -1 : curve.steps.findIndex((step) => step > toStep);
    const to = after < 0 ? curve.steps.length : after + 1;
    const pick = <T>(values: readonly T[]) => values.slice(from, to).slice(0, maxPoints);
    const { steps, lossNats, atMs } = curve;
    const part: CurveFacts = {
      ...curve,
      steps: pick(steps),
      lossNats: pick(lossNats),
      atMs: pick(atMs),
      rangePoints: to - from,
    };
    return { curves: [part] } as never;
  },
} as Pick<Connection, "request">;

describe("wholeCurve", () => {
  test("reads a long curve in pieces and loses no point", async () => {
    for (const maxPoints of [2000, 600, 90]) {
      const whole = await wholeCurve(connection, curve.trialId, maxPoints);
      expect(whole.steps).toEqual(curve.steps);
      expect(whole.lossNats).toEqual(curve.lossNats);
      expect(whole.atMs).toEqual(curve.atMs);
    }
  });
});

describe("csvRows", () => {
  const race = {
    ...emptyRace("r1"),
    name: 'a "b", c',
    corpus: { name: "c", sha256: "s", bytes: 1, tag: "ascii", origin: "" } as const,
  };
  const trial = {
    trialId: "r1-t0000",
    seed: 43,
    status: "paused",
    results: [
      { rung: 0, step: 20, valBpb: 2.5 },
      { rung: 1, step: 60, valBpb: null },
    ],
  } as unknown as TrialState;
  const rows = csvRows(race, trial, { ...curveFacts(0, 2), lossNats: [Math.LN2 * 3, null], atMs: [0, 1000] });

  test("keeps training and validation apart", () => {
    expect(rows).toEqual([
      'r1,"a ""b"", c",r1-t0000,43,train,10,10240,1970-01-01T00:00:00.000Z,3,c,s,three-way,chunked,paused',
      'r1,"a ""b"", c",r1-t0000,43,train,20,20480,1970-01-01T00:00:01.000Z,,c,s,three-way,chunked,paused',
      'r1,"a ""b"", c",r1-t0000,43,validation,20,20480,,2.5,c,s,three-way,chunked,paused',
      'r1,"a ""b"", c",r1-t0000,43,validation,60,61440,,,c,s,three-way,chunked,paused',
    ]);
    expect(csvHeader.split(",")).toHaveLength(14);
  });

  test("gives a spreadsheet no formula", () => {
    expect(field('=HYPERLINK("x")')).toBe('"\'=HYPERLINK(""x"")"');
    expect(field(-3)).toBe("-3");
  });
});
