/** Follows a race in the terminal until it ends or the user leaves. The race itself lives in the daemon. */
import { setTimeout as delay } from "node:timers/promises";
import { IglaError } from "../protocol/errors.ts";
import type { IglaEvent } from "../protocol/events.ts";
import { snapshotRace, stopRace } from "../protocol/requests.ts";
import type { RaceState } from "../protocol/state.ts";
import type { DaemonClient } from "../rpc/client.ts";
import type { CliContext } from "./context.ts";
import { openDaemon } from "./daemon-link.ts";
import { doneSteps, StepRate } from "./render/race-progress.ts";
import { eventLine, raceView } from "./render/race-view.ts";
import { type Line, styled } from "./render/text.ts";

export interface WatchOptions {
  readonly workspace: string;
  readonly backend?: string;
  /** Printed when Ctrl-C already does what `stopOnExit` says: whoever reads them may act on them. */
  readonly opening: readonly Line[];
  /** Ctrl-C stops the race for good instead of leaving it to the daemon. */
  readonly stopOnExit: boolean;
}

export interface WatchResult {
  readonly state: RaceState;
  /** `detached`: the user left, the race goes on. */
  readonly end: "over" | "detached" | "stopped";
}

const REDRAW_MS = 150;
/** After the first Ctrl-C: how long a second one still means "stop the race". */
const SECOND_CHANCE_MS = 2000;
/** A killed daemon is started again this often before the failure is shown. */
const RESTARTS = 3;

/**
 * Resolves when the race has ended or the user left. `client` is closed at the end.
 * @throws {IglaError} why the daemon cannot be reached any more, or what ended it
 */
export async function watchRace(
  context: CliContext,
  client: DaemonClient,
  start: RaceState,
  options: WatchOptions,
): Promise<WatchResult> {
  const watch = new RaceWatch(context, client, start, options);
  try {
    return await context.interrupts.during(
      (count) => watch.interrupt(count),
      () => watch.run(),
    );
  } finally {
    await watch.close();
  }
}

class RaceWatch {
  readonly #context: CliContext;
  readonly #options: WatchOptions;
  readonly #rate = new StepRate();
  readonly #left = Promise.withResolvers<WatchResult>();
  /** The connection, or the attempt to get one back. */
  #client: Promise<DaemonClient>;
  #state: RaceState;
  #timer: NodeJS.Timeout | null = null;
  #isLeaving = false;

  constructor(context: CliContext, client: DaemonClient, start: RaceState, options: WatchOptions) {
    this.#context = context;
    this.#client = Promise.resolve(client);
    this.#state = start;
    this.#options = options;
  }

  async run(): Promise<WatchResult> {
    this.#context.progress.print(...this.#options.opening);
    this.#timer = setInterval(() => this.#draw(), REDRAW_MS);
    for (let restarts = 0; ; restarts++) {
      const client = await this.#client;
      const failure = await Promise.race([this.#follow(client), this.#left.promise, client.closed]);
      if (failure !== null && "end" in failure) return failure;
      if (failure === null || failure.code !== "connection.lost" || restarts === RESTARTS) {
        throw failure ?? new IglaError("connection.lost");
      }
      this.#print([styled("yellow", "the daemon is gone; starting it again")]);
      this.#client = openDaemon(this.#options.workspace, this.#options.backend);
    }
  }

  /** Resolves when the race is over; never rejects when the connection ends, `client.closed` tells that. */
  async #follow(client: DaemonClient): Promise<WatchResult> {
    const over = Promise.withResolvers<WatchResult>();
    const hear = (state: RaceState, events: readonly IglaEvent[]): void => {
      this.#hear(state, events);
      if (isOver(state)) over.resolve({ state, end: state.status === "stopped" ? "stopped" : "over" });
    };
    try {
      await client.subscribe(this.#state.raceId, hear, this.#state);
    } catch (error) {
      if (!(error instanceof IglaError) || error.code !== "connection.lost") throw error;
    }
    if (isOver(this.#state)) hear(this.#state, []);
    return over.promise;
  }

  #hear(state: RaceState, events: readonly IglaEvent[]): void {
    this.#state = state;
    this.#rate.observe(this.#context.now(), doneSteps(state));
    for (const event of events) {
      if (this.#context.progress.isLive && !isRemarkable(event)) continue;
      const line = eventLine(event, state);
      if (line !== null) this.#print(line);
    }
  }

  #print(line: Line): void {
    this.#context.progress.print(line);
  }

  #draw(): void {
    const { progress } = this.#context;
    if (!progress.isLive || this.#isLeaving) return;
    const { columns, rows } = progress;
    progress.draw(raceView(this.#state, { width: columns ?? 80, rows, stepsPerSec: this.#rate.stepsPerSec }));
  }

  interrupt(count: number): void {
    if (count > 2) process.exit(130);
    this.#isLeaving = true;
    this.#context.progress.close(true);
    const work = this.#options.stopOnExit || count === 2 ? this.#stop() : this.#detach();
    work.catch((error: unknown) => this.#left.reject(error));
  }

  async #detach(): Promise<void> {
    const { raceId } = this.#state;
    this.#print([`Left ${raceId}; it goes on in the background. Press Ctrl-C again now to stop it for good.`]);
    await delay(SECOND_CHANCE_MS);
    this.#left.resolve({ state: this.#state, end: "detached" });
  }

  async #stop(): Promise<void> {
    const { raceId } = this.#state;
    this.#print([`Stopping ${raceId} ...`]);
    const client = await this.#client;
    await client.request(stopRace, { raceId });
    const { state } = await client.request(snapshotRace, { raceId });
    this.#left.resolve({ state, end: "stopped" });
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#context.progress.close(false);
    // Without a connection there is nothing to close; its failure has been thrown already.
    const client = await this.#client.catch(() => null);
    await client?.close();
  }
}

function isOver({ status }: RaceState): boolean {
  return status === "finished" || status === "stopped" || status === "failed";
}

/** What stays readable above the live view; everything else the view shows itself. */
function isRemarkable(event: IglaEvent): boolean {
  return (
    (event.kind === "notice" && event.level !== "info") ||
    event.kind === "replay-mismatch" ||
    (event.kind === "guard" && event.finding.outcome === "violated") ||
    (event.kind === "trainer" && (event.status === "exited" || event.status === "failed") && event.failures > 0)
  );
}
