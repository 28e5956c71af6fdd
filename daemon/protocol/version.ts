/** Version of the wire protocol. A client and a daemon talk only when `major` is equal. */
export const protocolVersion = { major: 1, minor: 0 } as const;

export interface ProtocolVersion {
  readonly major: number;
  readonly minor: number;
}

export function formatProtocol(version: ProtocolVersion): string {
  return `${version.major}.${version.minor}`;
}

/** WebSocket subprotocol that carries the major version, so that a mismatch is refused at the upgrade. */
export function subprotocol(major: number = protocolVersion.major): string {
  return `igla.v${major}`;
}
