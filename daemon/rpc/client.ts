/** What every front end uses to talk to a workspace's daemon. */
import type { MessageConnection } from "vscode-jsonrpc/node";
import { ParameterStructures } from "vscode-jsonrpc/node";
import type { z } from "zod";
import { IglaError, isErrorCode } from "../protocol/errors.ts";
import type { Experiment } from "../protocol/experiments.ts";
import type { ParamsOf, RequestDefinition } from "../protocol/request.ts";
import {
  daemonFailed,
  experimentChanged,
  raceEvents,
  raceReset,
  snapshotRace,
  subscribeRace,
  unsubscribeRace,
} from "../protocol/requests.ts";
import type { RaceState } from "../protocol/state.ts";
import { daemonFilePath, readDaemonFile } from "./daemon-file.ts";
import { type MirrorListener, RaceMirror } from "./mirror.ts";
import { type OpenSocket, openSocket, requestError } from "./socket.ts";
import { maxRequestBytes } from "./transport.ts";

export interface ClientOptions {
  /** How long to look for a daemon again after a lost connection; 0: not at all. */
  readonly reconnectMs?: number;
}

export interface Subscription {
  /** The race as far as this client has heard. */
  readonly state: RaceState;
  readonly close: () => Promise<void>;
}

/** Room for what JSON-RPC puts around the parameters. */
const envelopeBytes = 1024;
const retryMs = { first: 50, most: 250 } as const;

export class DaemonClient {
  readonly #workspace: string;
  readonly #reconnectMs: number;
  readonly #experimentListeners = new Set<(experiment: Experiment) => void>();
  readonly #mirrors = new Map<string, RaceMirror>();
  readonly #closed = Promise.withResolvers<IglaError | null>();
  /** The connection, or the attempt to get one back. */
  #socket: Promise<OpenSocket>;
  #isClosing = false;
  #failure: IglaError | null = null;

  private constructor(workspace: string, socket: OpenSocket, reconnectMs: number) {
    this.#workspace = workspace;
    this.#reconnectMs = reconnectMs;
    this.#socket = Promise.resolve(socket);
    this.#adopt(socket);
  }

  /**
   * Connects to the daemon that serves `workspace` (an absolute path).
   * @throws {IglaError} `daemon.not-running`, `connection.refused`, `protocol.version-mismatch`
   */
  static async connect(workspace: string, { reconnectMs = 10_000 }: ClientOptions = {}): Promise<DaemonClient> {
    return new DaemonClient(workspace, await connectOnce(workspace), reconnectMs);
  }

  /** Resolves when the client has ended: null after `close`, else why the daemon is out of reach. */
  get closed(): Promise<IglaError | null> {
    return this.#closed.promise;
  }

  /**
   * @throws {IglaError} the codes of the definition; `connection.lost` when the answer did not come, in which
   * case the daemon may or may not have carried the request out
   */
  async request<P extends z.ZodType, R extends z.ZodType>(
    definition: RequestDefinition<P, R>,
    params: z.input<P>,
  ): Promise<z.output<R>> {
    const { connection } = await this.#socket;
    assertSendable(params);
    try {
      return await connection.sendRequest(definition.name, ParameterStructures.byName, params);
    } catch (error) {
      throw requestError(error);
    }
  }

  /**
   * Follows a race: `listener` hears of every event once and in order, across reconnections and restarts of the
   * daemon. One subscription per race and client. `from`: a state to continue from instead of the beginning.
   * @throws {IglaError} `race.not-found`
   */
  async subscribe(raceId: string, listener: MirrorListener, from: RaceState | null = null): Promise<Subscription> {
    const calls = {
      subscribe: (sinceSeq: number) => this.request(subscribeRace, { raceId, sinceSeq }),
      snapshot: async () => (await this.request(snapshotRace, { raceId })).state,
    };
    const mirror = new RaceMirror(raceId, from, calls, listener);
    this.#mirrors.get(raceId)?.close();
    this.#mirrors.set(raceId, mirror);
    try {
      await mirror.catchUp();
    } catch (error) {
      this.#mirrors.delete(raceId);
      throw error;
    }
    return {
      get state() {
        return mirror.state;
      },
      close: async () => {
        mirror.close();
        if (this.#mirrors.get(raceId) !== mirror) return;
        this.#mirrors.delete(raceId);
        if (!this.#isClosing) await this.request(unsubscribeRace, { raceId });
      },
    };
  }

  /** Hears of every change of an experiment. Returns the way to stop it. */
  onExperiment(listener: (experiment: Experiment) => void): () => void {
    this.#experimentListeners.add(listener);
    return () => void this.#experimentListeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    for (const mirror of this.#mirrors.values()) mirror.close();
    const socket = await this.#socket.catch(() => null);
    socket?.close();
    if (socket === null) this.#closed.resolve(null);
    await this.closed;
  }

  #adopt(socket: OpenSocket): void {
    this.#listen(socket.connection);
    socket.connection.listen();
    void socket.closed.then(() => {
      socket.connection.dispose();
      this.#onClosed();
    });
  }

  #listen(connection: MessageConnection): void {
    connection.onNotification(raceEvents.name, ({ raceId, prevSeq, events }: ParamsOf<typeof raceEvents>) => {
      if (this.#mirrors.get(raceId)?.accept(prevSeq, events) === false) this.#catchUp(raceId);
    });
    connection.onNotification(raceReset.name, ({ raceId }: ParamsOf<typeof raceReset>) => this.#catchUp(raceId));
    connection.onNotification(experimentChanged.name, (experiment: Experiment) => {
      for (const listener of this.#experimentListeners) listener(experiment);
    });
    connection.onNotification(daemonFailed.name, ({ code, detail }: ParamsOf<typeof daemonFailed>) => {
      this.#failure = isErrorCode(code) ? new IglaError(code, detail) : new IglaError("daemon.internal", detail);
    });
  }

  /** A failed attempt needs nothing here: the connection is gone then, and the next one catches up. */
  #catchUp(raceId: string): void {
    this.#mirrors
      .get(raceId)
      ?.catchUp()
      .catch((error: unknown) => {
        if (requestError(error).code !== "connection.lost") this.#end(requestError(error));
      });
  }

  #onClosed(): void {
    if (this.#isClosing) this.#end(null);
    else if (this.#failure !== null || this.#reconnectMs === 0) {
      this.#end(this.#failure ?? new IglaError("connection.lost"));
    } else {
      this.#socket = this.#reconnect();
      // Requests that wait for the connection see the failure; without any there is nobody to tell.
      this.#socket.catch((error: unknown) => this.#end(requestError(error)));
    }
  }

  async #reconnect(): Promise<OpenSocket> {
    const deadline = Date.now() + this.#reconnectMs;
    let waitMs: number = retryMs.first;
    while (true) {
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      if (this.#isClosing) throw new IglaError("connection.lost");
      try {
        const socket = await connectOnce(this.#workspace);
        this.#adopt(socket);
        for (const raceId of this.#mirrors.keys()) this.#catchUp(raceId);
        return socket;
      } catch (error) {
        const { code, detail } = requestError(error);
        if (Date.now() >= deadline) throw new IglaError("connection.lost", `${code} ${detail}`.trim());
      }
      waitMs = Math.min(retryMs.most, waitMs * 2);
    }
  }

  #end(error: IglaError | null): void {
    this.#isClosing = true;
    for (const mirror of this.#mirrors.values()) mirror.close();
    this.#closed.resolve(error);
  }
}

/** The daemon would end the connection without a word. @throws {IglaError} `protocol.too-large` */
function assertSendable(params: unknown): void {
  const bytes = Buffer.byteLength(JSON.stringify(params));
  if (bytes <= maxRequestBytes - envelopeBytes) return;
  throw new IglaError("protocol.too-large", `${bytes} bytes; the limit is ${maxRequestBytes - envelopeBytes}.`);
}

async function connectOnce(workspace: string): Promise<OpenSocket> {
  const file = await readDaemonFile(workspace);
  if (file === null) throw new IglaError("daemon.not-running", `${daemonFilePath(workspace)} does not exist.`);
  return openSocket(file);
}
