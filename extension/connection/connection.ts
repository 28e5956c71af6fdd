/** What the editor's features see of the daemon. Implemented in `daemon-connection.ts`; tests pass their own. */
import type { Event } from "vscode";
import type { input as ZodInput, output as ZodOutput, ZodType } from "zod";
import type { IglaEvent } from "../../daemon/protocol/events.ts";
import type { Experiment } from "../../daemon/protocol/experiments.ts";
import type { RequestDefinition } from "../../daemon/protocol/request.ts";
import type { RaceState } from "../../daemon/protocol/state.ts";

export type ConnectionStatus =
  /** No daemon is needed yet: nothing was started in this workspace. */
  | { readonly kind: "idle" }
  | { readonly kind: "connecting" }
  | { readonly kind: "connected"; readonly pid: number }
  /** The daemon went away; the connection tries again by itself. */
  | { readonly kind: "lost"; readonly reason: string }
  /** It cannot be started; `action` says what the user can do. */
  | { readonly kind: "failed"; readonly code: string; readonly message: string; readonly action: string };

export interface Connection {
  readonly status: ConnectionStatus;
  readonly onDidChangeStatus: Event<ConnectionStatus>;
  /** Races of this workspace by id, newest state; kept through a lost connection. */
  readonly races: ReadonlyMap<string, RaceState>;
  /** After one or more events of a race were applied. Coalesced: at most about ten times a second per race. */
  readonly onDidChangeRace: Event<string>;
  /** Every event, in order, once. */
  readonly onDidReceiveEvent: Event<IglaEvent>;
  /** Every state of every experiment that the daemon tells of while it is connected. */
  readonly onDidChangeExperiment: Event<Experiment>;
  /**
   * Sends a request, starting the daemon when `start` is true and none runs.
   * @throws {IglaError} the daemon's coded failure; `daemon.not-running` when none runs and none may be started
   */
  request<P extends ZodType, R extends ZodType>(
    definition: RequestDefinition<P, R>,
    params: ZodInput<P>,
    options?: { readonly start?: boolean },
  ): Promise<ZodOutput<R>>;
}
