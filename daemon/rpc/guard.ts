/** Who may open a connection: the checks that run before a WebSocket is accepted. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { formatProtocol, protocolVersion, subprotocol } from "../protocol/version.ts";

export interface GuardOptions {
  readonly token: string;
  readonly port: number;
  /** Values of the Origin header that are accepted; a request without the header always is. */
  readonly allowedOrigins: readonly string[];
}

export interface Refusal {
  readonly status: 400 | 401 | 403 | 404 | 426;
  readonly reason: string;
}

/**
 * Null when the upgrade may go on. A web page can reach a local port: it cannot read the token file, it cannot
 * leave out its Origin, and a rebound host name shows in the Host header. All three are checked.
 */
export function checkUpgrade(request: IncomingMessage, { token, port, allowedOrigins }: GuardOptions): Refusal | null {
  const { host, origin, authorization } = request.headers;
  if (host !== `127.0.0.1:${port}`) return { status: 403, reason: "wrong Host header" };
  if (origin !== undefined && !allowedOrigins.includes(origin)) return { status: 403, reason: "foreign Origin" };
  if (!hasToken(authorization, token)) return { status: 401, reason: "missing or wrong token" };
  if (request.url !== "/") return { status: 404, reason: "unknown path" };
  if (!offered(request).includes(subprotocol())) {
    return { status: 426, reason: `this daemon speaks protocol ${formatProtocol(protocolVersion)}` };
  }
  return null;
}

function offered(request: IncomingMessage): string[] {
  const header = request.headers["sec-websocket-protocol"] ?? "";
  return header.split(",").map((name) => name.trim());
}

/** Compares digests, so that neither content nor length of the token shows in the time that it takes. */
function hasToken(authorization: string | undefined, token: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(authorization ?? ""), digest(`Bearer ${token}`));
}
