/** What the host sends to an open chart. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { IglaError } from "../../daemon/protocol/errors.ts";
import type { IglaEvent } from "../../daemon/protocol/events.ts";
import type { Experiment } from "../../daemon/protocol/experiments.ts";
import { emptyRace, type RaceState, type TrialState } from "../../daemon/protocol/state.ts";
import type { Connection, ConnectionStatus } from "../../extension/connection/connection.ts";
import { Emitter } from "../../extension/connection/emitter.ts";
import { ChartSession } from "../../extension/features/chart-session.ts";
import type { HostMessage } from "../../extension/webview/chart/messages.ts";
import { englishStrings } from "../../extension/webview/chart/strings.ts";
import { curveFacts } from "./curves.ts";

const fail = (error: unknown) => {
  throw error;
};
const trialId = (number: number) => `r1-t${String(number).padStart(4, "0")}`;

function trial(number: number, step = 0): TrialState {
  return {
    trialId: trialId(number),
    number,
    point: {},
    seed: number,
    specHash: "h",
    status: "running",
    held: false,
    job: null,
    step,
    lossNats: null,
    results: [],
    checkpoints: [],
    reason: "",
  };
}

class FakeConnection implements Connection {
  readonly events = new Emitter<IglaEvent>(fail);
  readonly changes = new Emitter<string>(fail);
  readonly statuses = new Emitter<ConnectionStatus>(fail);
  readonly onDidReceiveEvent = this.events.event;
  readonly onDidChangeExperiment = new Emitter<Experiment>(fail).event;
  readonly onDidChangeRace = this.changes.event;
  readonly onDidChangeStatus = this.statuses.event;
  status: ConnectionStatus = { kind: "connected", pid: 1 };
  readonly races = new Map<string, RaceState>();
  readonly asked: { trialIds: string[]; [key: string]: unknown }[] = [];
  failure: Error | null = null;

  async request(_definition: unknown, params: unknown): Promise<never> {
    const asked = params as { trialIds: string[] };
    this.asked.push(asked);
    if (this.failure !== null) throw this.failure;
    return { curves: asked.trialIds.map((id) => ({ ...curveFacts(0, 5), trialId: id })) } as never;
  }

  setTrials(trials: readonly TrialState[], raceId = "r1"): void {
    const byId = Object.fromEntries(trials.map((one) => [one.trialId, one]));
    this.races.set(raceId, { ...emptyRace(raceId), createdAt: 1, trials: byId });
  }
}

let connection: FakeConnection;
let trialIds: Set<string>;
let ticks: Emitter<void>;
let sent: HostMessage[];
let log: string[];
let session: ChartSession;

const settle = () => new Promise((resolve) => setTimeout(resolve, 40));
const ofKind = <K extends HostMessage["kind"]>(kind: K) =>
  sent.filter((message): message is Extract<HostMessage, { kind: K }> => message.kind === kind);
const query = { smoothing: 0, spacing: "linear", maxPoints: 1000, range: null } as const;
const points = (seq: number, ...steps: number[]): IglaEvent => ({
  kind: "curve",
  seq,
  raceId: "r1",
  at: 77,
  points: [1, 9].flatMap((number) =>
    steps.map((step) => ({ trialId: trialId(number), step, lossNats: 1, gradNorm: 1 })),
  ),
  tokensPerSec: 1,
  stepsPerSec: 1,
});

beforeEach(() => {
  connection = new FakeConnection();
  connection.setTrials([trial(0), trial(1), trial(9)]);
  trialIds = new Set([trialId(1), trialId(0)]);
  ticks = new Emitter<void>(fail);
  sent = [];
  log = [];
  session = new ChartSession({
    connection,
    plotted: { trialIds, onDidChange: ticks.event },
    post: (message) => sent.push(message),
    greeting: () => ({ kind: "init", strings: englishStrings, locale: "en", targetBpb: null }),
    label: ({ number }) => `#${number}`,
    log: (message) => log.push(message),
  });
});
afterEach(() => session.dispose());

async function open(): Promise<void> {
  session.handle({ kind: "ready" });
  session.handle({ kind: "query", queryId: 1, query });
  await settle();
}

describe("a chart that opens", () => {
  test("hears nothing before it is ready, then texts, state, trials, and curves on request", async () => {
    ticks.fire();
    connection.events.fire(points(1, 10));
    expect(sent).toEqual([]);
    await open();
    expect(sent.map(({ kind }) => kind)).toEqual(["init", "daemon", "plotted", "curves"]);
    expect(ofKind("plotted")[0]?.trials.map(({ label }) => label)).toEqual(["#0", "#1"]);
    expect(ofKind("curves")[0]?.curves.map((curve) => curve.trialId)).toEqual([trialId(0), trialId(1)]);
  });

  test("gets curves in parts, and at most as many trials as a request may name", async () => {
    const many = Array.from({ length: 300 }, (_, number) => trial(number));
    connection.setTrials(many);
    for (const one of many) trialIds.add(one.trialId);
    await open();
    expect(ofKind("plotted")[0]?.trials).toHaveLength(256);
    expect(ofKind("plotted")[0]?.leftOut).toBe(44);
    expect(connection.asked).toHaveLength(16);
    expect(new Set(connection.asked.flatMap((asked) => asked.trialIds)).size).toBe(256);
  });

  test("gets everything again after its page was thrown away", async () => {
    await open();
    session.pause();
    sent.length = 0;
    connection.events.fire(points(1, 10));
    await settle();
    expect(sent).toEqual([]);
    await open();
    expect(sent.map(({ kind }) => kind)).toEqual(["init", "daemon", "plotted", "curves"]);
  });
});

describe("an open chart", () => {
  beforeEach(open);

  test("gets the points of plotted trials, those of one moment together", async () => {
    connection.events.fire(points(1, 10, 20));
    connection.events.fire(points(2, 30));
    await settle();
    const [message, ...more] = ofKind("points");
    expect(more).toEqual([]);
    expect(message?.points).toEqual([
      { trialId: trialId(1), atMs: 77, steps: [10, 20], lossNats: [1, 1] },
      { trialId: trialId(1), atMs: 77, steps: [30], lossNats: [1] },
    ]);
  });

  test("gets the curve of a trial that is ticked, and no curve twice", async () => {
    trialIds.add(trialId(9));
    ticks.fire();
    await settle();
    expect(connection.asked.at(-1)?.trialIds).toEqual([trialId(9)]);
    connection.changes.fire("r1");
    await settle();
    expect(connection.asked).toHaveLength(2);
  });

  test("asks again where the state is ahead of the events: some were missed", async () => {
    connection.events.fire(points(1, 10));
    connection.setTrials([trial(0), trial(1, 10), trial(9)]);
    connection.changes.fire("r1");
    await settle();
    expect(connection.asked).toHaveLength(1);
    connection.setTrials([trial(0), trial(1, 500), trial(9)]);
    connection.changes.fire("r1");
    await settle();
    expect(connection.asked.slice(1).map((asked) => asked.trialIds)).toEqual([[trialId(1)]]);
  });

  test("gets all curves again when the daemon is back, and says that it is away", async () => {
    connection.status = { kind: "lost", reason: "crashed" };
    connection.statuses.fire(connection.status);
    expect(ofKind("daemon").at(-1)).toEqual({ kind: "daemon", state: "lost", detail: "crashed" });
    connection.status = { kind: "connected", pid: 2 };
    connection.statuses.fire(connection.status);
    await settle();
    expect(ofKind("daemon").at(-1)?.state).toBe("connected");
    expect(ofKind("curves")).toHaveLength(2);
  });

  test("tries again after a request that failed", async () => {
    connection.failure = new IglaError("connection.lost", "x");
    trialIds.add(trialId(9));
    ticks.fire();
    await settle();
    expect(log).toHaveLength(1);
    connection.failure = null;
    connection.changes.fire("r1");
    await settle();
    expect(connection.asked.at(-1)?.trialIds).toEqual([trialId(9)]);
  });

  test("gets details of a range under their own number", async () => {
    const range = { fromStep: 10, toStep: 20 };
    session.handle({ kind: "query", queryId: 2, query: { ...query, range } });
    await settle();
    expect(ofKind("curves").at(-1)).toMatchObject({ queryId: 2, isDetail: true, range });
    expect(connection.asked.at(-1)).toMatchObject(range);
  });
});
