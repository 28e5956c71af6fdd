/** From what the chart knows to what is drawn in one frame. No DOM. */
import type { DrawnSeries, Scene } from "./draw.ts";
import { formatCount } from "./format.ts";
import type { SavedView, XAxis } from "./messages.ts";
import { type ChartModel, isActive, type Series } from "./model.ts";
import type { Range } from "./ranges.ts";
import { seriesStyle, type Theme } from "./theme.ts";

export interface SceneOptions {
  readonly view: SavedView;
  readonly target: number | null;
  readonly focused: string | null;
  readonly theme: Theme;
}

export function buildScene(
  model: ChartModel,
  ranges: { readonly x: Range; readonly y: Range },
  { view, target, focused, theme }: SceneOptions,
): Scene {
  const drawn = (series: Series): DrawnSeries => {
    const line = model.lineFor(series, view.xAxis, ranges.x[0], ranges.x[1]);
    return {
      xs: line === null ? [] : model.xs(series, line, view.xAxis),
      bpb: line?.bpb ?? [],
      marks: model.marks(series, view.xAxis),
      style: seriesStyle(series.slot, theme),
      isActive: isActive(series.facts.status),
      isFocused: series.facts.trialId === focused,
    };
  };
  return {
    ...ranges,
    series: [...model.series.values()].map(drawn),
    rungs: view.rungLines ? rungPlaces(model, view.xAxis) : [],
    best: view.bestSoFar ? model.bestSoFar(view.xAxis) : [],
    target,
  };
}

/** A rung is a number of steps: it has no place on a time axis, and one in tokens only if all trials share a batch. */
function rungPlaces(model: ChartModel, axis: XAxis): Scene["rungs"] {
  if (axis === "time") return [];
  const perStep = new Set(
    [...model.series.values()].flatMap(({ line }) => (line === null ? [] : [line.tokensPerStep])),
  );
  const [tokens] = perStep;
  if (axis === "tokens" && (perStep.size !== 1 || tokens === undefined)) return [];
  const plotted = new Set([...model.series.values()].map(({ facts }) => facts.raceId));
  const steps = new Set(
    [...model.races.values()].filter(({ raceId }) => plotted.has(raceId)).flatMap(({ rungs }) => rungs),
  );
  return [...steps]
    .sort((a, b) => a - b)
    .map((step) => ({ x: axis === "tokens" ? step * (tokens ?? 1) : step, label: formatCount(step) }));
}
