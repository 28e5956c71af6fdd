/** JSON-RPC messages over a WebSocket: one text frame per message. */
import {
  AbstractMessageReader,
  AbstractMessageWriter,
  type DataCallback,
  type Disposable,
  type Message,
  type MessageReader,
  type MessageWriter,
} from "vscode-jsonrpc/node";
import type { RawData, WebSocket } from "ws";
import { IglaError } from "../protocol/errors.ts";

/** Largest message that a daemon accepts: a race file is a few kilobytes. */
export const maxRequestBytes = 4 * 2 ** 20;
/** Largest message that a client accepts: the snapshot of a race with thousands of trials. */
export const maxReplyBytes = 64 * 2 ** 20;

export class SocketReader extends AbstractMessageReader implements MessageReader {
  readonly #socket: WebSocket;

  constructor(socket: WebSocket) {
    super();
    this.#socket = socket;
  }

  listen(callback: DataCallback): Disposable {
    const onMessage = (data: RawData, isBinary: boolean): void => {
      try {
        if (isBinary) throw new SyntaxError("binary frames are not part of the protocol");
        callback(parseMessage(String(data)));
      } catch (error) {
        this.fireError(error);
        // 1007: the data does not fit the message type.
        this.#socket.close(1007, "not a JSON-RPC message");
      }
    };
    const onError = (error: Error): void => this.fireError(error);
    const onClose = (): void => this.fireClose();
    this.#socket.on("message", onMessage).on("error", onError).on("close", onClose);
    return {
      dispose: () => {
        this.#socket.off("message", onMessage).off("error", onError).off("close", onClose);
      },
    };
  }
}

function parseMessage(text: string): Message {
  const message: unknown = JSON.parse(text);
  const isMessage =
    typeof message === "object" && message !== null && "jsonrpc" in message && message.jsonrpc === "2.0";
  if (!isMessage) throw new SyntaxError("not a JSON-RPC 2.0 message");
  return message as Message;
}

export class SocketWriter extends AbstractMessageWriter implements MessageWriter {
  readonly #socket: WebSocket;
  readonly #maxBytes: number;

  constructor(socket: WebSocket, maxBytes: number) {
    super();
    this.#socket = socket;
    this.#maxBytes = maxBytes;
    socket.on("close", () => this.fireClose());
  }

  /** Resolves when the message has left this process. @throws {IglaError} `protocol.too-large` */
  async write(message: Message): Promise<void> {
    const text = JSON.stringify(message);
    const bytes = Buffer.byteLength(text);
    if (bytes > this.#maxBytes) {
      throw new IglaError("protocol.too-large", `${bytes} bytes; the limit is ${this.#maxBytes}.`);
    }
    await new Promise<void>((resolve, reject) => {
      this.#socket.send(text, (error) => (error ? reject(error) : resolve()));
    });
  }

  end(): void {
    this.#socket.close();
  }
}
