/** Follows all races of a daemon, and goes on from where it was when the daemon is another one. */
import type { IglaEvent } from "../../daemon/protocol/events.ts";
import type { RaceState } from "../../daemon/protocol/state.ts";
import type { DaemonClient } from "../../daemon/rpc/client.ts";

export class RaceFollower {
  readonly races = new Map<string, RaceState>();
  readonly #listener: (raceId: string, events: readonly IglaEvent[]) => void;
  #client: DaemonClient | null = null;
  /** Subscriptions on the present client, made or under way. */
  #followed = new Map<string, Promise<unknown>>();

  /** @param listener hears of changes after `races` has them; no events when a state came as a whole */
  constructor(listener: (raceId: string, events: readonly IglaEvent[]) => void) {
    this.#listener = listener;
  }

  /** Resolves when something is known of each race; the rest follows by itself. @throws {IglaError} */
  async follow(client: DaemonClient, raceIds: readonly string[]): Promise<void> {
    if (this.#client !== client) {
      this.#client = client;
      this.#followed = new Map();
    }
    this.#forgetOthers(raceIds);
    await Promise.all(raceIds.map((raceId) => this.#followOne(client, raceId)));
  }

  #followOne(client: DaemonClient, raceId: string): Promise<unknown> {
    const known = this.#followed.get(raceId);
    if (known !== undefined) return known;
    const first = Promise.withResolvers<void>();
    const from = this.races.get(raceId) ?? null;
    if (from !== null) first.resolve();
    const listener = (state: RaceState, events: readonly IglaEvent[]): void => {
      if (this.#client !== client) return;
      this.races.set(raceId, state);
      first.resolve();
      this.#listener(raceId, events);
    };
    const subscription = client.subscribe(raceId, listener, from);
    // A connection that is lost in between brings no first event either.
    const following = subscription.then(() => Promise.race([first.promise, client.closed]));
    this.#followed.set(raceId, following);
    following.catch(() => this.#followed.delete(raceId));
    return following;
  }

  /** Races that the daemon does not know any more: its database was moved away. */
  #forgetOthers(raceIds: readonly string[]): void {
    for (const raceId of [...this.races.keys()]) {
      if (raceIds.includes(raceId)) continue;
      this.races.delete(raceId);
      this.#followed.delete(raceId);
      this.#listener(raceId, []);
    }
  }
}
