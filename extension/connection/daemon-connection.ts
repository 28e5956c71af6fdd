/**
 * The editor's connection to its folder's daemon: attaches to one that runs, starts one when it is needed, follows
 * every race, and comes back by itself when the daemon dies. Loads sockets and schemas on first use only.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { input as ZodInput, output as ZodOutput, ZodType } from "zod";
import type { IglaError } from "../../daemon/protocol/errors.ts";
import type { IglaEvent } from "../../daemon/protocol/events.ts";
import type { Experiment } from "../../daemon/protocol/experiments.ts";
import type { RequestDefinition } from "../../daemon/protocol/request.ts";
import type { RaceState } from "../../daemon/protocol/state.ts";
import type { DaemonClient } from "../../daemon/rpc/client.ts";
import type { SpawnOptions } from "../../daemon/spawn-daemon.ts";
import { Coalescer } from "./coalesce.ts";
import type { Connection, ConnectionStatus } from "./connection.ts";
import { Emitter } from "./emitter.ts";
import { RaceFollower } from "./race-follower.ts";

export interface DaemonConnectionOptions {
  /** Absolute path of the folder that is served; null: no folder on this machine is open. */
  readonly workspace: string | null;
  /** Nothing is connected to and nothing is started while this is false. */
  readonly isTrusted: () => boolean;
  /** Asked at each start, because settings change. */
  readonly spawnOptions: () => SpawnOptions;
  readonly log: (level: "info" | "warn" | "error", message: string) => void;
  /** Pauses between attempts to get a lost daemon back; the last one repeats. */
  readonly retryMs?: readonly number[];
  /** How often to look for new races and for a daemon that hangs. */
  readonly pollMs?: number;
}

const raceChangeMs = 100;
const defaultRetryMs = [100, 250, 500, 1000, 2000, 4000, 8000] as const;
/** Starts of a daemon without anything coming of it, before the connection gives up. */
const maxStarts = 4;
/** A daemon that does not answer for so long is treated as lost. */
const answerMs = 20_000;
const stopMs = 20_000;

export class DaemonConnection implements Connection {
  readonly #options: DaemonConnectionOptions;
  readonly #statusChanges: Emitter<ConnectionStatus>;
  readonly #raceChanges: Emitter<string>;
  readonly #events: Emitter<IglaEvent>;
  readonly #experiments: Emitter<Experiment>;
  readonly #coalescer: Coalescer<string>;
  readonly #follower: RaceFollower;
  #status: ConnectionStatus = { kind: "idle" };
  #client: DaemonClient | null = null;
  /** The attempt to connect that is under way. */
  #opening: Promise<DaemonClient> | null = null;
  #pollTimer: NodeJS.Timeout | undefined;
  #retryTimer: NodeJS.Timeout | undefined;
  #isDisposed = false;

  constructor(options: DaemonConnectionOptions) {
    this.#options = options;
    const onError = (error: unknown): void => options.log("error", describe(error));
    this.#statusChanges = new Emitter(onError);
    this.#raceChanges = new Emitter(onError);
    this.#events = new Emitter(onError);
    this.#experiments = new Emitter(onError);
    this.#coalescer = new Coalescer(raceChangeMs, (raceId) => this.#raceChanges.fire(raceId));
    this.#follower = new RaceFollower((raceId, events) => {
      for (const event of events) this.#events.fire(event);
      this.#coalescer.touch(raceId);
    });
  }

  get status(): ConnectionStatus {
    return this.#status;
  }
  get races(): ReadonlyMap<string, RaceState> {
    return this.#follower.races;
  }
  get onDidChangeStatus() {
    return this.#statusChanges.event;
  }
  get onDidChangeRace() {
    return this.#raceChanges.event;
  }
  get onDidReceiveEvent() {
    return this.#events.event;
  }
  get onDidChangeExperiment() {
    return this.#experiments.event;
  }

  /** True when this folder has seen a race: its daemon can be started to show it. */
  get hasHistory(): boolean {
    const { workspace } = this.#options;
    return workspace !== null && existsSync(join(workspace, ".igla", "igla.db"));
  }

  /** Connects to a daemon that runs already; never starts one, never fails. */
  async attach(): Promise<void> {
    const { workspace } = this.#options;
    if (workspace === null || !this.#options.isTrusted() || !existsSync(join(workspace, ".igla", "daemon.json")))
      return;
    await this.#open(false).catch(() => undefined);
  }

  /** Connects, starting a daemon where none runs. @throws {IglaError} why it cannot be done */
  async start(): Promise<void> {
    await this.#open(true);
  }

  async request<P extends ZodType, R extends ZodType>(
    definition: RequestDefinition<P, R>,
    params: ZodInput<P>,
    { start = false }: { readonly start?: boolean } = {},
  ): Promise<ZodOutput<R>> {
    const client = this.#client ?? (await this.#open(start));
    const result = await client.request(definition, params);
    // A race that this client started is followed without waiting for the next look.
    if (definition.name === "race/start") await this.#followAll(client);
    return result;
  }

  /** Ends the daemon if one runs, and starts another. Running lanes write their checkpoints first. */
  async restart(): Promise<void> {
    const { workspace } = this.#options;
    await this.#opening?.catch(() => undefined);
    if (workspace !== null && this.#options.isTrusted()) await this.#stopDaemon(workspace);
    await this.#open(true);
  }

  /** The daemon goes on without this window. */
  async dispose(): Promise<void> {
    this.#isDisposed = true;
    clearTimeout(this.#pollTimer);
    clearTimeout(this.#retryTimer);
    this.#coalescer.dispose();
    for (const emitter of [this.#statusChanges, this.#raceChanges, this.#events, this.#experiments]) emitter.dispose();
    await this.#client?.close();
  }

  #setStatus(status: ConnectionStatus): void {
    if (this.#isDisposed) return;
    this.#status = status;
    this.#statusChanges.fire(status);
  }

  /** One attempt at a time; later callers share it. One that must start is not content with a mere look. */
  async #open(mayStart: boolean): Promise<DaemonClient> {
    while (this.#opening !== null) {
      const client = await this.#opening.catch(() => null);
      if (client !== null) return client;
    }
    if (this.#client !== null) return this.#client;
    this.#opening = this.#connect(mayStart);
    try {
      return await this.#opening;
    } finally {
      this.#opening = null;
    }
  }

  async #connect(mayStart: boolean): Promise<DaemonClient> {
    const { workspace, isTrusted, log } = this.#options;
    const { IglaError } = await import("../../daemon/protocol/errors.ts");
    if (workspace === null) throw new IglaError("daemon.no-workspace", "No folder is open.");
    if (!isTrusted()) throw new IglaError("daemon.not-running", "The workspace is not trusted.");
    const before = this.#status;
    if (before.kind !== "lost") this.#setStatus({ kind: "connecting" });
    try {
      if (mayStart) {
        const { spawnDaemon } = await import("../../daemon/spawn-daemon.ts");
        await spawnDaemon(workspace, this.#options.spawnOptions());
      }
      const { DaemonClient } = await import("../../daemon/rpc/client.ts");
      const client = await DaemonClient.connect(workspace, { reconnectMs: 0 });
      client.onExperiment((experiment) => this.#experiments.fire(experiment));
      void client.closed.then((error) => this.#onClosed(client, error));
      await this.#followAll(client);
      const { daemonStatus } = await import("../../daemon/protocol/requests.ts");
      const { pid, version } = await client.request(daemonStatus, {});
      this.#client = client;
      log("info", `connected to daemon ${version}, process ${pid}`);
      this.#setStatus({ kind: "connected", pid });
      this.#poll(client);
      return client;
    } catch (error) {
      const failure = await coded(error);
      this.#afterFailure(failure, before, mayStart);
      throw failure;
    }
  }

  /** A failed look for a daemon is no failure; a failed start is. */
  #afterFailure(failure: IglaError, before: ConnectionStatus, wasStarting: boolean): void {
    this.#options.log(wasStarting ? "error" : "info", `${failure.code}: ${failure.message}`);
    if (before.kind === "lost") return;
    if (!wasStarting && failure.code === "daemon.not-running") this.#setStatus({ kind: "idle" });
    else if (!wasStarting && failure.code === "connection.refused") this.#setStatus({ kind: "idle" });
    else this.#setStatus({ kind: "failed", code: failure.code, message: failure.message, action: failure.action });
  }

  async #followAll(client: DaemonClient): Promise<void> {
    const { listRaces } = await import("../../daemon/protocol/requests.ts");
    const { races } = await client.request(listRaces, {});
    await this.#follower.follow(
      client,
      races.map(({ raceId }) => raceId),
    );
  }

  /** Others may start races too; and a daemon that has stopped answering is as good as lost. */
  #poll(client: DaemonClient): void {
    clearTimeout(this.#pollTimer);
    this.#pollTimer = setTimeout(async () => {
      const deadline = setTimeout(() => void client.close(), answerMs);
      try {
        await this.#followAll(client);
      } catch (error) {
        if (this.#client === client) this.#options.log("warn", describe(error));
      } finally {
        clearTimeout(deadline);
      }
      if (this.#client === client && !this.#isDisposed) this.#poll(client);
    }, this.#options.pollMs ?? 2000);
  }

  #onClosed(client: DaemonClient, error: IglaError | null): void {
    if (this.#client !== client || this.#isDisposed) return;
    this.#client = null;
    clearTimeout(this.#pollTimer);
    const reason = error?.message ?? "The daemon did not answer.";
    this.#options.log("warn", reason);
    this.#setStatus({ kind: "lost", reason });
    this.#retry(0, 0);
  }

  /**
   * A daemon that ended by order may be replaced by whoever ordered it; so first only look, then start one, if there
   * is anything left to do.
   */
  #retry(attempt: number, starts: number): void {
    if (this.#isDisposed || this.#status.kind !== "lost") return;
    const pauses = this.#options.retryMs ?? defaultRetryMs;
    const mayStart = attempt > 1 && this.#hasUnfinished();
    this.#retryTimer = setTimeout(
      () => {
        this.#open(mayStart).catch(async (error: unknown) => {
          const failure = await coded(error);
          if (this.#status.kind !== "lost") return;
          const started = starts + (mayStart ? 1 : 0);
          if (started >= maxStarts) {
            const { code, message, action } = failure;
            this.#setStatus({ kind: "failed", code, message, action });
          } else if (!this.#hasUnfinished() && attempt > 1) this.#setStatus({ kind: "idle" });
          else this.#retry(attempt + 1, started);
        });
      },
      pauses[Math.min(attempt, pauses.length - 1)],
    );
  }

  #hasUnfinished(): boolean {
    return [...this.races.values()].some(({ status }) => status === "running" || status === "queued");
  }

  async #stopDaemon(workspace: string): Promise<void> {
    const client = this.#client;
    this.#client = null;
    clearTimeout(this.#pollTimer);
    clearTimeout(this.#retryTimer);
    if (client !== null) {
      this.#setStatus({ kind: "connecting" });
      const { shutdownDaemon } = await import("../../daemon/protocol/requests.ts");
      await client.request(shutdownDaemon, {}).catch((error: unknown) => this.#options.log("warn", describe(error)));
      await client.close();
    }
    const { stopDaemonProcess } = await import("./stop-daemon.ts");
    await stopDaemonProcess(workspace, stopMs);
  }
}

async function coded(error: unknown): Promise<IglaError> {
  const { toIglaError } = await import("../../daemon/protocol/errors.ts");
  return toIglaError(error);
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
