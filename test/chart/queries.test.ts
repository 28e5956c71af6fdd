/** When the chart asks for curves, and for what. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  type ChartMessage,
  type CurveFacts,
  defaultView,
  type SavedView,
} from "../../extension/webview/chart/messages.ts";
import { ChartModel } from "../../extension/webview/chart/model.ts";
import { Queries } from "../../extension/webview/chart/queries.ts";
import { curveFacts, raceFacts, trialFacts } from "./curves.ts";

let model: ChartModel;
let queries: Queries;
let posted: Extract<ChartMessage, { kind: "query" }>[];
const reduced = curveFacts(0, 10_000, 10, 500);
const zoomed: SavedView = { ...defaultView, zoomX: [20_000, 40_000] };

function plot(curves: readonly CurveFacts[]): void {
  const trials = curves.map((curve, number) => trialFacts(number, "running", curve));
  model.apply({ kind: "plotted", races: [raceFacts], trials, leftOut: 0 });
  queries.refresh(defaultView);
  model.apply({ kind: "curves", queryId: model.overviewId, isDetail: false, range: null, curves });
}

beforeEach(() => {
  vi.useFakeTimers();
  model = new ChartModel();
  posted = [];
  queries = new Queries(model, (message) => {
    if (message.kind === "query") posted.push(message);
  });
});
afterEach(() => {
  vi.useRealTimers();
});

/** The view rests at this range. */
function rest(view: SavedView): void {
  queries.refine(view, view.zoomX ?? [0, 100_000]);
  vi.runAllTimers();
}

describe("whole curves", () => {
  test("are asked for once, and again when smoothing or the axis needs other points", () => {
    plot([reduced]);
    queries.refresh(defaultView);
    expect(posted).toHaveLength(1);
    queries.refresh({ ...defaultView, smoothing: 0.9 });
    queries.refresh({ ...defaultView, smoothing: 0.9, logX: true });
    expect(posted.map(({ query }) => [query.smoothing, query.spacing])).toEqual([
      [0, "linear"],
      [0.9, "linear"],
      [0.9, "log"],
    ]);
    expect(model.smoothing).toBe(0.9);
  });

  test("are asked for again when they have grown too long to draw", () => {
    plot([reduced]);
    const steps = Array.from({ length: 16_000 }, (_, index) => 100_010 + index);
    const lossNats = steps.map(() => 1);
    model.apply({ kind: "points", points: [{ trialId: reduced.trialId, atMs: 1, steps, lossNats }] });
    queries.refresh(defaultView);
    expect(posted).toHaveLength(2);
  });
});

describe("details", () => {
  test("are asked for when the view rests, once, where a curve was reduced", () => {
    plot([reduced]);
    for (let i = 0; i < 5; i++) queries.refine(zoomed, [20_000 + i, 40_000]);
    expect(posted).toHaveLength(1);
    vi.runAllTimers();
    rest(zoomed);
    expect(posted).toHaveLength(3);
    const { fromStep, toStep } = posted.at(-1)?.query.range ?? { fromStep: 0, toStep: 0 };
    expect(fromStep).toBeLessThanOrEqual(20_000);
    expect(toStep).toBeGreaterThanOrEqual(40_000);
    rest(zoomed);
    expect(posted).toHaveLength(3);
  });

  test("are not asked for when the curves are whole, or when nothing is zoomed", () => {
    plot([curveFacts(0, 500)]);
    rest({ ...defaultView, zoomX: [1000, 2000] });
    plot([reduced]);
    rest(defaultView);
    expect(posted.every(({ query }) => query.range === null)).toBe(true);
  });

  test("are asked for again when a curve came anew, and not when it has them", () => {
    plot([reduced]);
    rest(zoomed);
    const answer = () => {
      const { queryId, query } = posted.at(-1) ?? { queryId: 0, query: null };
      const all = curveFacts(0, 10_000);
      const cut = <T>(values: readonly T[]) => values.slice(1990, 4010);
      const curve = { ...all, steps: cut(all.steps), lossNats: cut(all.lossNats), atMs: cut(all.atMs) };
      model.apply({ kind: "curves", queryId, isDetail: true, range: query?.range ?? null, curves: [curve] });
    };
    answer();
    rest(zoomed);
    expect(posted).toHaveLength(2);
    model.apply({ kind: "curves", queryId: model.overviewId, isDetail: false, range: null, curves: [reduced] });
    rest(zoomed);
    expect(posted).toHaveLength(3);
  });
});
