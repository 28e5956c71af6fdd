/** What the chart knows. Changed by the host's messages alone; drawing reads it. No DOM. */
import type { TrialStatus } from "../../../daemon/protocol/events.ts";
import { CurveLine, firstAtLeast } from "./curve-line.ts";
import type { DaemonState, FreshPoints, HostMessage, RaceFacts, TrialFacts, XAxis } from "./messages.ts";

export interface Series {
  facts: TrialFacts;
  /** Decides colour, dash and marker; kept as long as the trial is plotted. */
  readonly slot: number;
  /** The whole curve, null until the daemon has answered. */
  line: CurveLine | null;
  /** The part that is on the screen, in more detail. */
  detail: CurveLine | null;
  /** Points that came as events since the last answer: an answer that was under way lacks them. */
  fresh: FreshPoints[];
}

/** A validation result at its place on the axis. */
export interface ResultMark {
  readonly x: number;
  readonly step: number;
  readonly valBpb: number;
}

export class ChartModel {
  readonly series = new Map<string, Series>();
  races: ReadonlyMap<string, RaceFacts> = new Map();
  leftOut = 0;
  daemon: { readonly state: DaemonState; readonly detail: string } = { state: "connected", detail: "" };
  /** Numbers of the latest queries; answers to older ones are out of date. */
  overviewId = 0;
  detailId = 0;
  smoothing = 0;

  /** @returns true when the picture may have changed */
  apply(message: Exclude<HostMessage, { kind: "init" }>): boolean {
    switch (message.kind) {
      case "plotted":
        this.#plot(message.trials);
        this.races = new Map(message.races.map((race) => [race.raceId, race]));
        this.leftOut = message.leftOut;
        return true;
      case "curves":
        return message.isDetail ? this.#setDetails(message) : this.#setLines(message);
      case "points":
        return message.points.map((points) => this.#append(points)).some((added) => added);
      case "daemon":
        this.daemon = { state: message.state, detail: message.detail };
        return true;
    }
  }

  #plot(trials: readonly TrialFacts[]): void {
    const chosen = new Set(trials.map(({ trialId }) => trialId));
    for (const trialId of this.series.keys()) if (!chosen.has(trialId)) this.series.delete(trialId);
    const used = new Set([...this.series.values()].map(({ slot }) => slot));
    let free = 0;
    for (const facts of trials) {
      const known = this.series.get(facts.trialId);
      if (known !== undefined) {
        known.facts = facts;
        continue;
      }
      while (used.has(free)) free++;
      used.add(free);
      this.series.set(facts.trialId, { facts, slot: free, line: null, detail: null, fresh: [] });
    }
  }

  #setLines({ queryId, curves }: Extract<HostMessage, { kind: "curves" }>): boolean {
    if (queryId !== this.overviewId) return false;
    for (const facts of curves) {
      const series = this.series.get(facts.trialId);
      if (series === undefined) continue;
      series.line = new CurveLine(facts, this.smoothing);
      series.detail = null;
      series.fresh = series.fresh.filter(({ steps }) => (steps.at(-1) ?? 0) > facts.lastStep);
      for (const points of series.fresh) series.line.append(points);
    }
    return true;
  }

  #setDetails({ queryId, curves }: Extract<HostMessage, { kind: "curves" }>): boolean {
    if (queryId !== this.detailId) return false;
    for (const facts of curves) {
      const series = this.series.get(facts.trialId);
      if (series === undefined) continue;
      series.detail = new CurveLine(facts, this.smoothing);
      for (const points of series.fresh) series.detail.append(points);
    }
    return true;
  }

  #append(points: FreshPoints): boolean {
    const series = this.series.get(points.trialId);
    if (series === undefined) return false;
    series.fresh.push(points);
    series.detail?.append(points);
    return (series.line?.append(points) ?? 0) > 0;
  }

  /** Throws away what was drawn in another way; the next answers bring it anew. */
  forgetDetails(): void {
    for (const series of this.series.values()) series.detail = null;
  }

  startMs(series: Series): number {
    return this.races.get(series.facts.raceId)?.createdAtMs ?? 0;
  }

  xs(series: Series, line: CurveLine, axis: XAxis): readonly number[] {
    return line.xs(axis, this.startMs(series));
  }

  /** The line to draw between two places: the detailed one where it covers them. */
  lineFor(series: Series, axis: XAxis, from: number, to: number): CurveLine | null {
    const { line, detail } = series;
    if (line === null || detail === null) return line;
    const whole = this.xs(series, line, axis);
    const part = this.xs(series, detail, axis);
    const covers =
      (part[0] ?? Infinity) <= Math.max(from, whole[0] ?? 0) && (part.at(-1) ?? 0) >= Math.min(to, whole.at(-1) ?? 0);
    return covers ? detail : line;
  }

  /** Validation results in order of x. On the time axis a result stands where its last training point was recorded. */
  marks(series: Series, axis: XAxis): readonly ResultMark[] {
    const marks: ResultMark[] = [];
    for (const { step, valBpb } of series.facts.results) {
      const x = this.#placeOf(series, axis, step);
      if (valBpb !== null && x !== null) marks.push({ x, step, valBpb });
    }
    return marks;
  }

  #placeOf(series: Series, axis: XAxis, step: number): number | null {
    if (axis === "steps") return step;
    if (series.line === null) return null;
    return axis === "tokens" ? step * series.line.tokensPerStep : series.line.secondsAt(step, this.startMs(series));
  }

  /** Lowest validation BPB up to each place, over all plotted trials; empty when they may not be compared. */
  bestSoFar(axis: XAxis): readonly ResultMark[] {
    if (this.groups().length > 1) return [];
    const all = [...this.series.values()]
      .flatMap((series) => this.marks(series, axis))
      .sort((a, b) => a.x - b.x || a.valBpb - b.valBpb);
    const best: ResultMark[] = [];
    for (const mark of all) if (mark.valBpb < (best.at(-1)?.valBpb ?? Infinity)) best.push(mark);
    return best;
  }

  /** The plotted trial with the lowest validation BPB. */
  get bestTrial(): { readonly series: Series; readonly step: number; readonly valBpb: number } | null {
    let best: { series: Series; step: number; valBpb: number } | null = null;
    for (const series of this.series.values()) {
      for (const { step, valBpb } of series.facts.results) {
        if (valBpb !== null && valBpb < (best?.valBpb ?? Infinity)) best = { series, step, valBpb };
      }
    }
    return best;
  }

  /** What the numbers were measured on: one group may be compared, several may not. */
  groups(): readonly DataGroup[] {
    const groups = new Map<string, DataGroup>();
    for (const { facts, line } of this.series.values()) {
      const corpus = this.races.get(facts.raceId)?.corpus ?? null;
      if (line === null) continue;
      const group = { corpus, split: line.split, protocol: line.protocol };
      groups.set(`${corpus?.sha256 ?? ""}|${line.split}|${line.protocol}`, group);
    }
    return [...groups.values()];
  }

  /** Steps that are on the screen between two places of the axis, with a margin of one point; null without curves. */
  stepRange(axis: XAxis, from: number, to: number): { fromStep: number; toStep: number } | null {
    let fromStep = Infinity;
    let toStep = 0;
    for (const series of this.series.values()) {
      const { line } = series;
      if (line === null || line.steps.length === 0) continue;
      const xs = this.xs(series, line, axis);
      fromStep = Math.min(fromStep, line.steps[Math.max(0, firstAtLeast(xs, from) - 1)] ?? 0);
      toStep = Math.max(toStep, line.steps[Math.min(xs.length - 1, firstAtLeast(xs, to))] ?? 0);
    }
    return fromStep === Infinity ? null : { fromStep, toStep };
  }
}

export interface DataGroup {
  readonly corpus: RaceFacts["corpus"];
  readonly split: string;
  readonly protocol: string;
}

/** False for trials that do not train at present and never finished the ladder: they are drawn in grey. */
export function isActive(status: TrialStatus): boolean {
  return status === "running" || status === "waiting" || status === "completed";
}
