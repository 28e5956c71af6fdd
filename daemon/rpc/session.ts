/** One connected client on the daemon's side: its requests, and its feeds of events. */
import {
  createMessageConnection,
  type MessageConnection,
  ParameterStructures,
  ResponseError,
} from "vscode-jsonrpc/node";
import type { WebSocket } from "ws";
import { type IglaError, toIglaError } from "../protocol/errors.ts";
import { type BoundRequest, bindRequest } from "../protocol/request.ts";
import { daemonFailed, raceEvents, raceReset, subscribeRace, unsubscribeRace } from "../protocol/requests.ts";
import { type EventSource, Feed, type FeedLimits } from "./feed.ts";
import { maxReplyBytes, SocketReader, SocketWriter } from "./transport.ts";

/** Outside of JSON-RPC's reserved range. Which failure it is stands in the data. */
export const applicationError = 1;

export interface SessionOptions {
  readonly requests: readonly BoundRequest[];
  readonly source: EventSource;
  readonly limits: FeedLimits;
  /** Failures that no client can be told of. */
  readonly log: (message: string) => void;
}

export class Session {
  readonly #socket: WebSocket;
  readonly #connection: MessageConnection;
  readonly #options: SessionOptions;
  readonly #feeds = new Map<string, Feed>();
  readonly #stopListening: () => void;

  constructor(socket: WebSocket, options: SessionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#connection = createMessageConnection(new SocketReader(socket), new SocketWriter(socket, maxReplyBytes));
    const own = [
      bindRequest(subscribeRace, ({ raceId, sinceSeq }) => this.#subscribe(raceId, sinceSeq)),
      bindRequest(unsubscribeRace, async ({ raceId }) => {
        this.#feeds.get(raceId)?.close();
        this.#feeds.delete(raceId);
        return {};
      }),
    ];
    for (const { definition, answer } of [...options.requests, ...own]) {
      this.#connection.onRequest(definition.name, async (params: unknown) =>
        this.#answer(definition.name, answer, params),
      );
    }
    this.#connection.onError(([error]) => options.log(`client: ${error.message}`));
    this.#stopListening = options.source.subscribe((raceId) => this.#feeds.get(raceId)?.poke());
    this.#connection.onClose(() => this.#release());
    this.#connection.listen();
  }

  async #answer(name: string, answer: BoundRequest["answer"], params: unknown): Promise<unknown> {
    try {
      return await answer(params);
    } catch (error) {
      const failure = toIglaError(error);
      if (failure.code === "daemon.internal") {
        this.#options.log(`${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      }
      const { code, detail, data } = failure;
      return new ResponseError(applicationError, failure.message, { code, detail, data });
    }
  }

  async #subscribe(raceId: string, sinceSeq: number): Promise<{ mode: "events" | "snapshot"; headSeq: number }> {
    const { source, limits } = this.#options;
    const headSeq = source.headSeq(raceId);
    this.#feeds.get(raceId)?.close();
    this.#feeds.delete(raceId);
    const backlog = await source.count(raceId, sinceSeq, limits.maxBacklog + 1);
    // A client that is ahead of the log knows another one: the database was replaced.
    if (backlog > limits.maxBacklog || sinceSeq > headSeq) return { mode: "snapshot", headSeq };
    const feed = new Feed(raceId, sinceSeq, source, this.#sink(raceId), limits, (error) =>
      this.#options.log(`feed of ${raceId}: ${toIglaError(error).message}`),
    );
    this.#feeds.set(raceId, feed);
    // After the answer: then the client knows what the events belong to.
    setImmediate(() => feed.poke());
    return { mode: "events", headSeq };
  }

  #sink(raceId: string) {
    return {
      events: (prevSeq: number, events: readonly unknown[]) =>
        this.#notify(raceEvents.name, { raceId, prevSeq, events }),
      reset: (headSeq: number) => this.#notify(raceReset.name, { raceId, headSeq }),
    };
  }

  async #notify(name: string, params: object): Promise<void> {
    await this.#connection.sendNotification(name, ParameterStructures.byName, params);
  }

  /** A notification that has nothing to do with a subscription. */
  async tell(name: string, params: object): Promise<void> {
    await this.#notify(name, params);
  }

  /** Tells the client why the daemon is going to exit. */
  async fail({ code, detail }: IglaError): Promise<void> {
    await this.#notify(daemonFailed.name, { code, detail });
  }

  #release(): void {
    this.#stopListening();
    for (const feed of this.#feeds.values()) feed.close();
    this.#feeds.clear();
    this.#connection.dispose();
  }

  close(): void {
    // 1001: going away.
    this.#socket.close(1001, "the daemon is shutting down");
  }
}
