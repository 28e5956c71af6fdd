/** The chart's memory: messages in, series out. */
import { beforeEach, describe, expect, test } from "vitest";
import { smoothCurve } from "../../daemon/protocol/smooth.ts";
import type { CurveFacts, FreshPoints } from "../../extension/webview/chart/messages.ts";
import { ChartModel } from "../../extension/webview/chart/model.ts";
import { pickAt, pointBeside, pointNear } from "../../extension/webview/chart/nearest.ts";
import { adjustRange, fitX, fitY } from "../../extension/webview/chart/ranges.ts";
import { englishStrings } from "../../extension/webview/chart/strings.ts";
import { bannerText, groupText, seriesFacts, summaryText } from "../../extension/webview/chart/texts.ts";
import { curveFacts, raceFacts, trialFacts } from "./curves.ts";

let model: ChartModel;
const curves = [curveFacts(0, 100), curveFacts(1, 300), curveFacts(2, 900)] as const;
const trials = [
  trialFacts(0, "killed", curves[0]),
  trialFacts(1, "paused", curves[1]),
  trialFacts(2, "running", curves[2]),
] as const;

const plot = (races = [raceFacts]) => model.apply({ kind: "plotted", races, trials, leftOut: 0 });
const answer = (answered: readonly CurveFacts[], queryId = 1) =>
  model.apply({ kind: "curves", queryId, isDetail: false, range: null, curves: answered });
const fresh = (steps: number[], trialId = curves[2].trialId): FreshPoints => ({
  trialId,
  atMs: 5,
  steps,
  lossNats: steps.map(() => Math.LN2 * 2),
});
const series = (index = 2) => {
  const found = model.series.get(curves[index]?.trialId ?? "");
  if (found === undefined) throw new Error("not plotted");
  return found;
};

beforeEach(() => {
  model = new ChartModel();
  model.overviewId = 1;
  plot();
});

describe("curves", () => {
  test("are kept in bits per byte, with gaps", () => {
    answer([{ ...curves[2], lossNats: curves[2].lossNats.map((loss, index) => (index === 3 ? null : loss)) }]);
    const { bpb } = series().line ?? { bpb: [] };
    expect(bpb[0]).toBeCloseTo((curves[2].lossNats[0] ?? 0) / Math.LN2, 12);
    expect(bpb[3]).toBeNaN();
  });

  test("of an outdated query are ignored, and so are those of trials that are not plotted", () => {
    expect(answer([curves[2]], 7)).toBe(false);
    expect(series().line).toBeNull();
    answer([{ ...curves[2], trialId: "r9-t0001" }]);
    expect(model.series.size).toBe(3);
  });

  test("grow by new points once, whatever comes twice", () => {
    answer([curves[2]]);
    expect(model.apply({ kind: "points", points: [fresh([9000, 9010, 9020])] })).toBe(true);
    expect(model.apply({ kind: "points", points: [fresh([9010, 9020])] })).toBe(false);
    expect(series().line?.steps.slice(-3)).toEqual([9000, 9010, 9020]);
    expect(series().line?.lastBpb).toBeCloseTo(2, 12);
  });

  test("have no gap when points come before the answer, or between an old answer and a new one", () => {
    model.apply({ kind: "points", points: [fresh([9010])] });
    answer([curves[2]]);
    expect(series().line?.lastStep).toBe(9010);
    model.apply({ kind: "points", points: [fresh([9020])] });
    model.overviewId = 2;
    answer([curves[2]], 2);
    expect(series().line?.steps.slice(-3)).toEqual([9000, 9010, 9020]);
  });

  test("go on smoothed as the daemon began", () => {
    const losses = curves[2].lossNats.map((loss) => loss ?? 0);
    const whole = smoothCurve([...losses, Math.LN2 * 2], 0.9).smoothed;
    const { smoothed, state } = smoothCurve(losses, 0.9);
    model.smoothing = 0.9;
    answer([{ ...curves[2], lossNats: [...smoothed], ema: state }]);
    model.apply({ kind: "points", points: [fresh([9010])] });
    expect(series().line?.lastBpb).toBeCloseTo((whole.at(-1) ?? 0) / Math.LN2, 12);
  });
});

describe("details", () => {
  const detail = (from: number, to: number): CurveFacts => {
    const steps = curves[2].steps.slice(from, to);
    return { ...curves[2], steps, lossNats: curves[2].lossNats.slice(from, to), atMs: curves[2].atMs.slice(from, to) };
  };

  test("are drawn where they cover the view, and only there", () => {
    answer([curves[2]]);
    model.detailId = 5;
    const range = { fromStep: 1000, toStep: 2000 };
    model.apply({ kind: "curves", queryId: 5, isDetail: true, range, curves: [detail(98, 202)] });
    expect(model.lineFor(series(), "steps", 1000, 2000)).toBe(series().detail);
    expect(model.lineFor(series(), "steps", 500, 2000)).toBe(series().line);
    expect(model.lineFor(series(), "tokens", 1000 * 1024, 2000 * 1024)).toBe(series().detail);
    // Later points are not part of a piece from the middle.
    model.apply({ kind: "points", points: [fresh([9010])] });
    expect(series().detail?.lastStep).toBe(curves[2].steps[201]);
  });

  test("that reach the end grow with the curve", () => {
    answer([curves[2]]);
    model.detailId = 5;
    const range = { fromStep: 8000, toStep: 9000 };
    model.apply({ kind: "curves", queryId: 5, isDetail: true, range, curves: [detail(798, 900)] });
    model.apply({ kind: "points", points: [fresh([9010])] });
    expect(series().detail?.lastStep).toBe(9010);
  });
});

describe("trials", () => {
  test("keep their colours when others leave and come", () => {
    const slots = () => [...model.series.values()].map(({ facts, slot }) => [facts.trialId, slot]);
    const before = slots();
    model.apply({ kind: "plotted", races: [raceFacts], trials: [trials[2]], leftOut: 0 });
    expect(slots()).toEqual([before[2]]);
    plot();
    expect(new Map(slots() as [string, number][]).get(curves[2].trialId)).toBe(2);
    expect(new Set(slots().map(([, slot]) => slot)).size).toBe(3);
  });

  test("stand on three axes", () => {
    answer(curves);
    const { line } = series();
    expect(line?.xs("tokens", 0)[0]).toBe(10 * 1024);
    expect(line?.xs("time", raceFacts.createdAtMs)[0]).toBeCloseTo(2.12, 9);
    expect(model.marks(series(), "steps").map(({ x }) => x)).toEqual([1000, 3000, 9000]);
    expect(model.marks(series(), "tokens")[0]?.x).toBe(1000 * 1024);
    expect(model.marks(series(), "time")[0]?.x).toBeCloseTo(2 + 12, 9);
  });

  test("have a best result that only falls", () => {
    answer(curves);
    const best = model.bestSoFar("steps").map(({ valBpb }) => valBpb);
    // Several results of one rung stand at one place: the best of them counts.
    expect(best).toHaveLength(3);
    expect(best).toEqual(best.toSorted((a, b) => b - a));
    expect(best.at(-1)).toBe(model.bestTrial?.valBpb);
  });

  test("of different corpora are not compared", () => {
    const other = { ...raceFacts, raceId: "r2", corpus: { label: "other", sha256: "f".repeat(64) } };
    const far = { ...trials[1], raceId: "r2" };
    model.apply({ kind: "plotted", races: [raceFacts, other], trials: [trials[0], far], leftOut: 0 });
    answer(curves);
    expect(model.groups()).toHaveLength(2);
    expect(model.bestSoFar("steps")).toEqual([]);
    expect(bannerText(model, englishStrings)).toBe(englishStrings.incomparable);
  });
});

describe("texts", () => {
  test("name corpus, hash, split and protocol", () => {
    answer(curves);
    const [group] = model.groups();
    expect(group && groupText(group, englishStrings)).toBe("tinyshakespeare 86c4e6aa9db7 ascii · three-way · chunked");
  });

  test("say what is missing, and nothing when all is well", () => {
    expect(bannerText(model, englishStrings)).toBe(englishStrings.noCurve);
    answer(curves);
    expect(bannerText(model, englishStrings)).toBeNull();
    model.apply({ kind: "daemon", state: "lost", detail: "" });
    expect(bannerText(model, englishStrings)).toBe(englishStrings.daemonLost);
    model.apply({ kind: "daemon", state: "failed", detail: "no Node" });
    expect(bannerText(model, englishStrings)).toBe("The daemon does not run: no Node");
  });

  test("of the summary stay the same while points come", () => {
    answer(curves);
    const before = summaryText(model, englishStrings);
    expect(before).toMatch(/^3 trials plotted, 1 running\. Best validation: \d\.\d{3} BPB at step 9000, trial #2/);
    model.apply({ kind: "points", points: [fresh([9010])] });
    expect(summaryText(model, englishStrings)).toBe(before);
    expect(JSON.parse(seriesFacts(model))[2]).toMatchObject({
      trialId: curves[2].trialId,
      lastStep: 9010,
      points: 901,
    });
  });
});

describe("the view", () => {
  test("fits all curves and leaves the fall from chance at the top", () => {
    answer(curves);
    const x = fitX(model, "steps", false);
    expect(x[0]).toBe(0);
    expect(x[1]).toBeGreaterThanOrEqual(9000);
    const [low, high] = fitY(model, "steps", x, false, null);
    const all = [...model.series.values()].flatMap(({ line }) => line?.bpb ?? []);
    expect(low).toBeLessThan(Math.min(...all));
    expect(high).toBeLessThan(Math.max(...all));
    for (const { line } of model.series.values()) expect(high).toBeGreaterThan(line?.lastBpb ?? Infinity);
    expect(fitY(model, "steps", x, true, null)[1]).toBeGreaterThan(Math.max(...all));
    expect(fitY(model, "steps", x, false, 0.5)[0]).toBeLessThan(0.5);
  });

  test("of an empty chart is not empty", () => {
    expect(fitX(new ChartModel(), "steps", true)).toEqual([1, 10]);
    expect(fitY(new ChartModel(), "steps", [0, 1], false, null)).toEqual([0, 8]);
  });

  test("zooms around the pointer and pans, on linear and logarithmic axes", () => {
    expect(adjustRange([0, 100], false, { factor: 0.5, share: 0.25 })).toEqual([12.5, 62.5]);
    expect(adjustRange([0, 100], false, { shift: 0.1 })).toEqual([10, 110]);
    const [low, high] = adjustRange([1, 100], true, { shift: 0.5 });
    expect([low, high]).toEqual([expect.closeTo(10, 9), expect.closeTo(1000, 9)]);
  });
});

describe("picking", () => {
  const place = { axis: "steps", x: [0, 9000], toLeft: (x: number) => x / 10, toTop: (y: number) => y * 100 } as const;

  test("finds the nearest point, a marker before the line under it, and nothing far away", () => {
    answer(curves);
    const { bpb } = series().line ?? { bpb: [] };
    expect(pickAt(model, place, 600, (bpb[599] ?? 0) * 100)).toMatchObject({ kind: "train", step: 6000 });
    const mark = trials[2].results[1];
    expect(pickAt(model, place, 300, (mark?.valBpb ?? 0) * 100 - 1)).toMatchObject({ kind: "validation", step: 3000 });
    expect(pickAt(model, place, 600, 5000)).toBeNull();
  });

  test("walks along a curve and stays on it", () => {
    answer(curves);
    const end = pointNear(model, series(), "steps", [0, 9000], 1e9);
    expect(end?.step).toBe(9000);
    if (end === null) return;
    expect(pointBeside(model, end, "steps", [0, 9000], -1)?.step).toBe(8990);
    expect(pointBeside(model, end, "steps", [0, 9000], 1)?.step).toBe(9000);
  });
});
