/** Feeds one open chart: facts of the plotted trials, their curves on request, and new points as they come. */
import type { Disposable } from "vscode";
import type { EventOf, IglaEvent } from "../../daemon/protocol/events.ts";
import { maxPlotted, trialCurves } from "../../daemon/protocol/requests.ts";
import type { RaceState, TrialState } from "../../daemon/protocol/state.ts";
import type { Connection } from "../connection/connection.ts";
import { corpusLabel } from "../views/format.ts";
import type { PlottedTrials } from "../views/plotted.ts";
import type {
  ChartMessage,
  CurveQuery,
  FreshPoints,
  HostMessage,
  RaceFacts,
  TrialFacts,
} from "../webview/chart/messages.ts";

/** Trials whose curves travel in one message: the first ones are on the screen before the last ones are read. */
const trialsPerRequest = 16;
/** Points that come within one frame travel together. */
const flushMs = 16;

export interface ChartSessionOptions {
  readonly connection: Connection;
  readonly plotted: PlottedTrials;
  readonly post: (message: HostMessage) => void;
  /** Sent first, whenever the chart's script starts. */
  readonly greeting: () => HostMessage;
  readonly label: (trial: TrialState) => string;
  readonly log: (message: string) => void;
}

interface AskedQuery {
  readonly queryId: number;
  readonly query: CurveQuery;
}

export class ChartSession {
  readonly #options: ChartSessionOptions;
  readonly #subscriptions: readonly Disposable[];
  #isReady = false;
  #overview: AskedQuery | null = null;
  #detail: AskedQuery | null = null;
  /** Trials whose curves have been asked for, with the step that is known to be on its way to the chart. */
  readonly #knownStep = new Map<string, number>();
  #fresh: FreshPoints[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ChartSessionOptions) {
    this.#options = options;
    const { connection, plotted } = options;
    this.#subscriptions = [
      connection.onDidReceiveEvent((event) => this.#hear(event)),
      connection.onDidChangeRace((raceId) => this.#raceChanged(raceId)),
      connection.onDidChangeStatus(() => this.#statusChanged()),
      plotted.onDidChange(() => this.#plottedChanged()),
    ];
  }

  /** Trials that the chart shows, in a fixed order, so that colours do not depend on the order of ticks. */
  get trialIds(): readonly string[] {
    return this.#plottedTrials().map(({ trial }) => trial.trialId);
  }

  handle(message: Extract<ChartMessage, { kind: "ready" | "query" }>): void {
    if (message.kind === "ready") {
      this.#isReady = true;
      this.#overview = null;
      this.#detail = null;
      this.#knownStep.clear();
      this.#fresh = [];
      this.#options.post(this.#options.greeting());
      this.#postDaemon();
      this.#postPlotted();
      return;
    }
    const { queryId, query } = message;
    if (query.range === null) {
      this.#overview = { queryId, query };
      this.#knownStep.clear();
      this.#load(this.#overview, this.trialIds);
    } else {
      this.#detail = { queryId, query };
      this.#load(this.#detail, this.trialIds);
    }
  }

  /** The page is gone; it says `ready` when it comes back. */
  pause(): void {
    this.#isReady = false;
  }

  dispose(): void {
    this.#isReady = false;
    clearTimeout(this.#timer);
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #plottedTrials(): { readonly race: RaceState; readonly trial: TrialState }[] {
    const { connection, plotted } = this.#options;
    const found: { race: RaceState; trial: TrialState }[] = [];
    for (const race of connection.races.values()) {
      for (const trialId of plotted.trialIds) {
        const trial = race.trials[trialId];
        if (trial !== undefined) found.push({ race, trial });
      }
    }
    const order = (a: RaceState, b: RaceState) => a.createdAt - b.createdAt || a.raceId.localeCompare(b.raceId);
    found.sort((a, b) => order(a.race, b.race) || a.trial.number - b.trial.number);
    return found.slice(0, maxPlotted);
  }

  #postPlotted(): void {
    if (!this.#isReady) return;
    const shown = this.#plottedTrials();
    const races = new Map(shown.map(({ race }) => [race.raceId, race]));
    this.#options.post({
      kind: "plotted",
      races: [...races.values()].map(raceFacts),
      trials: shown.map(({ race, trial }) => trialFacts(race, trial, this.#options.label(trial))),
      leftOut: Math.max(0, this.#options.plotted.trialIds.size - maxPlotted),
    });
  }

  #postDaemon(): void {
    if (!this.#isReady) return;
    const { status } = this.#options.connection;
    const detail = status.kind === "lost" ? status.reason : status.kind === "failed" ? status.message : "";
    this.#options.post({ kind: "daemon", state: status.kind, detail });
  }

  #statusChanged(): void {
    this.#postDaemon();
    // Events of the time between may be missing.
    if (this.#options.connection.status.kind === "connected") this.#reload();
  }

  #reload(): void {
    this.#knownStep.clear();
    this.#loadMissing();
  }

  #plottedChanged(): void {
    this.#postPlotted();
    const shown = new Set(this.trialIds);
    for (const trialId of this.#knownStep.keys()) if (!shown.has(trialId)) this.#knownStep.delete(trialId);
    this.#loadMissing();
  }

  /** A state that is ahead of the events that came means that the connection took a snapshot: events are missing. */
  #raceChanged(raceId: string): void {
    if (!this.#isReady) return;
    const trials = this.#options.connection.races.get(raceId)?.trials ?? {};
    for (const [trialId, step] of this.#knownStep) {
      if ((trials[trialId]?.step ?? 0) > step) this.#knownStep.delete(trialId);
    }
    if (Object.keys(trials).some((trialId) => this.#options.plotted.trialIds.has(trialId))) this.#postPlotted();
    this.#loadMissing();
  }

  #loadMissing(): void {
    if (this.#overview === null) return;
    const missing = this.trialIds.filter((trialId) => !this.#knownStep.has(trialId));
    if (missing.length > 0) this.#load(this.#overview, missing);
  }

  #load(asked: AskedQuery, trialIds: readonly string[]): void {
    if (!this.#isReady || trialIds.length === 0) return;
    if (asked === this.#overview) {
      for (const { trial } of this.#plottedTrials()) {
        if (trialIds.includes(trial.trialId)) this.#knownStep.set(trial.trialId, trial.step);
      }
    }
    this.#request(asked, trialIds).catch((error: unknown) => {
      // The chart keeps what it has; it asks again when the daemon is back.
      this.#options.log(`chart: ${error instanceof Error ? error.message : String(error)}`);
      if (asked === this.#overview) for (const trialId of trialIds) this.#knownStep.delete(trialId);
    });
  }

  async #request(asked: AskedQuery, trialIds: readonly string[]): Promise<void> {
    const { queryId, query } = asked;
    const { range, ...rest } = query;
    for (let start = 0; start < trialIds.length; start += trialsPerRequest) {
      if (!this.#isReady || (asked !== this.#overview && asked !== this.#detail)) return;
      const part = trialIds.slice(start, start + trialsPerRequest);
      const { curves } = await this.#options.connection.request(trialCurves, {
        ...rest,
        ...range,
        trialIds: [...part],
      });
      this.#options.post({ kind: "curves", queryId, isDetail: range !== null, range, curves });
    }
  }

  #hear(event: IglaEvent): void {
    if (!this.#isReady) return;
    if (event.kind === "rung-result") this.#advance(event.trialId, event.step);
    if (event.kind === "curve") this.#hearCurve(event);
  }

  #advance(trialId: string, step: number): void {
    const known = this.#knownStep.get(trialId);
    if (known !== undefined) this.#knownStep.set(trialId, Math.max(known, step));
  }

  #hearCurve({ points, at }: EventOf<"curve">): void {
    const byTrial = new Map<string, { steps: number[]; lossNats: (number | null)[] }>();
    for (const { trialId, step, lossNats } of points) {
      if (!this.#options.plotted.trialIds.has(trialId)) continue;
      const columns = byTrial.get(trialId) ?? { steps: [], lossNats: [] };
      byTrial.set(trialId, columns);
      columns.steps.push(step);
      columns.lossNats.push(lossNats);
      this.#advance(trialId, step);
    }
    for (const [trialId, columns] of byTrial) this.#fresh.push({ trialId, atMs: at, ...columns });
    if (this.#fresh.length > 0) this.#timer ??= setTimeout(() => this.#flush(), flushMs);
  }

  #flush(): void {
    this.#timer = undefined;
    const points = this.#fresh;
    this.#fresh = [];
    if (this.#isReady && points.length > 0) this.#options.post({ kind: "points", points });
  }
}

function raceFacts({ raceId, name, status, createdAt, rungs, corpus }: RaceState): RaceFacts {
  return {
    raceId,
    name,
    status,
    createdAtMs: createdAt,
    rungs: rungs.map(({ steps }) => steps),
    corpus: corpus === null ? null : { label: corpusLabel(corpus), sha256: corpus.sha256 },
  };
}

function trialFacts({ raceId }: RaceState, trial: TrialState, label: string): TrialFacts {
  const { trialId, seed, status, step, results } = trial;
  return { trialId, raceId, label, seed, status, step, results };
}
