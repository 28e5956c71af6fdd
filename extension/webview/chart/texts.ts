/** Sentences that the chart makes of what it knows. No DOM. */
import { formatBpb, formatCount, formatX, statusText } from "./format.ts";
import type { SavedView } from "./messages.ts";
import type { ChartModel, DataGroup } from "./model.ts";
import type { Picked } from "./nearest.ts";
import { type ChartStrings, fill } from "./strings.ts";

/** `tinyshakespeare 86c4e6aa9db7 ascii · three-way · chunked`: goes with every number. */
export function groupText({ corpus, split, protocol }: DataGroup, strings: ChartStrings): string {
  return [corpus?.label ?? strings.corpusUnknown, split, protocol].join(" · ");
}

/** Changes when a trial starts, ends or becomes the best one: a screen reader must not read every step. */
export function summaryText(model: ChartModel, strings: ChartStrings): string {
  const all = [...model.series.values()];
  const running = all.filter(({ facts }) => facts.status === "running").length;
  const sentences = [fill(strings.summary, all.length, running)];
  const best = model.bestTrial;
  if (best !== null) {
    const { valBpb, step, series } = best;
    sentences.push(fill(strings.summaryBest, formatBpb(valBpb), formatCount(step), series.facts.label));
  }
  return sentences.join(" ");
}

export function pickedText(picked: Picked, view: SavedView, strings: ChartStrings): readonly string[] {
  const { series, kind, x, step, bpb } = picked;
  const { facts, line } = series;
  const train = view.smoothing === 0 ? strings.train : fill(strings.trainSmoothed, view.smoothing);
  const what = kind === "train" ? train : fill(strings.validation, line?.protocol ?? "–");
  const place = `${strings.columnStep} ${formatCount(step)}`;
  return [
    `${facts.label} · ${statusText(facts.status, strings)}`,
    `${formatBpb(bpb)} BPB · ${what}`,
    view.xAxis === "steps" ? place : `${place} · ${formatX(view.xAxis, x)}`,
  ];
}

/** What stands between the user and a curve: nothing plotted, or no daemon; null when all is well. */
export function bannerText(model: ChartModel, strings: ChartStrings): string | null {
  if (isAway(model)) return strings.daemonLost;
  if (model.daemon.state === "failed") return fill(strings.daemonFailed, model.daemon.detail);
  if (model.series.size === 0) return strings.nothingPlotted;
  const hasPoints = [...model.series.values()].some(({ line }) => line !== null && line.steps.length > 0);
  if (!hasPoints) return strings.noCurve;
  if (model.groups().length > 1) return strings.incomparable;
  return model.leftOut > 0 ? fill(strings.leftOut, model.leftOut, model.series.size) : null;
}

/** One object a series, for tests and for whoever looks at the page: `data-series` of the body. */
export function seriesFacts(model: ChartModel): string {
  return JSON.stringify(
    [...model.series.values()].map(({ facts, line, slot }) => ({
      trialId: facts.trialId,
      slot,
      status: facts.status,
      points: line?.steps.length ?? 0,
      lastStep: line?.lastStep ?? 0,
      trainBpb: line?.lastBpb ?? null,
      valBpb: facts.results.at(-1)?.valBpb ?? null,
    })),
  );
}

/** True while what is drawn may be behind what happens. */
export function isAway({ daemon, series }: ChartModel): boolean {
  return daemon.state === "lost" || (daemon.state === "connecting" && series.size > 0);
}
