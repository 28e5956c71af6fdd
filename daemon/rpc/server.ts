/** The daemon's socket: HTTP on 127.0.0.1, nothing but guarded WebSocket upgrades. */
import { createServer, type IncomingMessage, type Server, STATUS_CODES } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { IglaError } from "../protocol/errors.ts";
import { subprotocol } from "../protocol/version.ts";
import { checkUpgrade, type Refusal } from "./guard.ts";
import { Session, type SessionOptions } from "./session.ts";
import { maxRequestBytes } from "./transport.ts";

export interface ServerOptions extends SessionOptions {
  readonly token: string;
  readonly allowedOrigins: readonly string[];
  readonly maxClients: number;
}

export class RpcServer {
  readonly #http: Server;
  readonly #sockets: WebSocketServer;
  readonly #sessions = new Set<Session>();
  readonly port: number;

  private constructor(http: Server, sockets: WebSocketServer, port: number, options: ServerOptions) {
    this.#http = http;
    this.#sockets = sockets;
    this.port = port;
    http.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head, options));
  }

  static async listen(options: ServerOptions): Promise<RpcServer> {
    // Plain requests get no answer that says what runs here.
    const http = createServer((_request, response) => response.writeHead(404).end());
    const sockets = new WebSocketServer({
      noServer: true,
      maxPayload: maxRequestBytes,
      perMessageDeflate: false,
      handleProtocols: () => subprotocol(),
    });
    await new Promise<void>((resolve, reject) => {
      http.once("error", reject).listen({ host: "127.0.0.1", port: 0 }, resolve);
    });
    return new RpcServer(http, sockets, (http.address() as AddressInfo).port, options);
  }

  get clients(): number {
    return this.#sessions.size;
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, options: ServerOptions): void {
    socket.on("error", (error) => options.log(`socket: ${error.message}`));
    const refusal = checkUpgrade(request, { ...options, port: this.port });
    if (refusal !== null) {
      options.log(`refused a connection: ${refusal.reason}`);
      refuse(socket, refusal);
      return;
    }
    if (this.#sessions.size >= options.maxClients) {
      refuse(socket, { status: 403, reason: "too many connections" });
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const session = new Session(webSocket, options);
      this.#sessions.add(session);
      webSocket.on("close", () => this.#sessions.delete(session));
    });
  }

  /** Every client hears of it; one that is gone does not matter. */
  broadcast(name: string, params: object): void {
    for (const session of this.#sessions) session.tell(name, params).catch(() => undefined);
  }

  /** Tells every client why the daemon is going to exit. */
  async fail(error: IglaError): Promise<void> {
    await Promise.allSettled([...this.#sessions].map((session) => session.fail(error)));
  }

  async close(): Promise<void> {
    for (const session of this.#sessions) session.close();
    this.#sockets.close();
    const closed = new Promise<void>((resolve) => this.#http.close(() => resolve()));
    // A client that does not answer the closing handshake must not keep the daemon alive.
    const timer = setTimeout(() => {
      for (const client of this.#sockets.clients) client.terminate();
      this.#http.closeAllConnections();
    }, 500);
    await closed;
    clearTimeout(timer);
  }
}

function refuse(socket: Duplex, { status, reason }: Refusal): void {
  const body = `${reason}\n`;
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: text/plain\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
