/** Opens one authenticated connection to the daemon that a `daemon.json` describes. */
import { createMessageConnection, ErrorCodes, type MessageConnection, ResponseError } from "vscode-jsonrpc/node";
import { WebSocket } from "ws";
import { IglaError, isErrorCode } from "../protocol/errors.ts";
import { errorDataSchema } from "../protocol/requests.ts";
import { formatProtocol, protocolVersion, subprotocol } from "../protocol/version.ts";
import type { DaemonFile } from "./daemon-file.ts";
import { maxReplyBytes, maxRequestBytes, SocketReader, SocketWriter } from "./transport.ts";

const handshakeTimeoutMs = 5000;

export interface OpenSocket {
  readonly connection: MessageConnection;
  /** Resolves with the close code when the connection has ended. */
  readonly closed: Promise<number>;
  readonly close: () => void;
}

/** @throws {IglaError} `protocol.version-mismatch`, `connection.refused`, `daemon.not-running` (nobody listens) */
export async function openSocket(file: DaemonFile): Promise<OpenSocket> {
  if (file.protocol.major !== protocolVersion.major) throw versionMismatch(formatProtocol(file.protocol));
  const socket = new WebSocket(`ws://127.0.0.1:${file.port}/`, [subprotocol()], {
    headers: { authorization: `Bearer ${file.token}` },
    handshakeTimeout: handshakeTimeoutMs,
    maxPayload: maxReplyBytes,
    perMessageDeflate: false,
  });
  const closed = new Promise<number>((resolve) => socket.once("close", resolve));
  await opened(socket);
  const connection = createMessageConnection(new SocketReader(socket), new SocketWriter(socket, maxRequestBytes));
  // Without a listener the error would end the process; the close that follows is what callers act on.
  connection.onError(() => socket.terminate());
  return { connection, closed, close: () => socket.close(1000) };
}

function opened(socket: WebSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("unexpected-response", (_request, response) => {
      response.resume();
      socket.terminate();
      if (response.statusCode === 426) reject(versionMismatch("another version"));
      else reject(new IglaError("connection.refused", `It answered ${response.statusCode}.`));
    });
    socket.once("error", (cause: NodeJS.ErrnoException) => {
      const nobody = cause.code === "ECONNREFUSED";
      reject(new IglaError(nobody ? "daemon.not-running" : "connection.refused", cause.message, null, { cause }));
    });
  });
}

function versionMismatch(theirs: string): IglaError {
  return new IglaError(
    "protocol.version-mismatch",
    `The daemon speaks ${theirs}, this client ${formatProtocol(protocolVersion)}.`,
  );
}

/** Codes that the library itself gives when a connection ends under a request. */
const connectionCodes: readonly number[] = [ErrorCodes.PendingResponseRejected, ErrorCodes.ConnectionInactive];

/** The failure that the daemon answered, or that the connection met. */
export function requestError(error: unknown): IglaError {
  if (error instanceof IglaError) return error;
  if (error instanceof ResponseError && !connectionCodes.includes(error.code)) {
    const parsed = errorDataSchema.safeParse(error.data);
    if (parsed.success && isErrorCode(parsed.data.code)) {
      return new IglaError(parsed.data.code, parsed.data.detail, parsed.data.data);
    }
    return new IglaError("daemon.internal", error.message);
  }
  const message = error instanceof Error ? error.message : String(error);
  return new IglaError("connection.lost", message, null, { cause: error });
}
