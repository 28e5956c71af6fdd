/**
 * The event log of a workspace and the state that follows from it. Every change is an append: events, tables and
 * in-memory state move together or not at all, and listeners hear of it in the order of `seq`.
 */
import type { Kysely } from "kysely";
import { IglaError } from "../protocol/errors.ts";
import { type EventDraft, eventSchema, type IglaEvent } from "../protocol/events.ts";
import { reduce } from "../protocol/reduce.ts";
import { emptyRace, type RaceState } from "../protocol/state.ts";
import type { OpenDatabase } from "./database.ts";
import { eventFromRow } from "./events.ts";
import { storeError } from "./failure.ts";
import { project } from "./project.ts";
import type { Tables } from "./schema.ts";

export type EventListener = (raceId: string, events: readonly IglaEvent[], state: RaceState) => void;

/** What an append may look at while nothing else can change: the state, and the tables. */
export interface AppendView {
  readonly state: RaceState;
  readonly trx: Kysely<Tables>;
}

export type Drafts = readonly EventDraft[] | ((view: AppendView) => Promise<readonly EventDraft[]>);

export interface AppendOptions {
  /** `full` (default): survives a power cut. `normal`: survives the death of any process. */
  readonly durability?: "full" | "normal";
}

export class Store {
  readonly #database: OpenDatabase;
  readonly #file: string;
  readonly #now: () => number;
  readonly #states = new Map<string, RaceState>();
  readonly #listeners = new Set<EventListener>();
  #queue: Promise<unknown> = Promise.resolve();
  #headSeq = 0;

  private constructor(database: OpenDatabase, file: string, now: () => number) {
    this.#database = database;
    this.#file = file;
    this.#now = now;
  }

  /** Rebuilds every race's state from its events. */
  static async open(database: OpenDatabase, file: string, now: () => number): Promise<Store> {
    const store = new Store(database, file, now);
    const rows = database.db.selectFrom("events").selectAll().orderBy("seq").stream();
    for await (const row of rows) {
      const event = eventFromRow(row);
      store.#states.set(event.raceId, reduce(store.#states.get(event.raceId) ?? emptyRace(event.raceId), event));
      store.#headSeq = event.seq;
    }
    return store;
  }

  get db(): Kysely<Tables> {
    return this.#database.db;
  }
  /** Number of the last event in the workspace; 0 before the first. */
  get headSeq(): number {
    return this.#headSeq;
  }
  /** Races in order of creation. */
  get raceIds(): readonly string[] {
    return [...this.#states.keys()];
  }

  /** @throws {IglaError} `race.not-found` */
  state(raceId: string): RaceState {
    const state = this.#states.get(raceId);
    if (state === undefined) throw new IglaError("race.not-found", raceId);
    return state;
  }

  /** Race that a trial belongs to. @throws {IglaError} `trial.not-found` */
  raceOf(trialId: string): RaceState {
    for (const state of this.#states.values()) if (state.trials[trialId] !== undefined) return state;
    throw new IglaError("trial.not-found", trialId);
  }

  /** Calls `listener` after each append, before the append resolves. Returns the way to stop it. */
  subscribe(listener: EventListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Name for the next race: `r1`, `r2`, ... Two races started at once get different names. */
  async createRace(draft: Extract<EventDraft, { kind: "race-created" }>): Promise<RaceState> {
    return this.#serial(async () => {
      const raceId = `r${this.#states.size + 1}`;
      const drafts: EventDraft[] = [draft, { kind: "race-state", status: "queued", rule: "created", detail: "" }];
      await this.#write(raceId, emptyRace(raceId), drafts, "full");
      return this.state(raceId);
    });
  }

  /**
   * Appends events to a race in one transaction and returns them. An empty list changes nothing.
   * @throws {IglaError} `store.*`; nothing has changed then.
   */
  async append(
    raceId: string,
    drafts: Drafts,
    { durability = "full" }: AppendOptions = {},
  ): Promise<readonly IglaEvent[]> {
    return this.#serial(() => this.#write(raceId, this.state(raceId), drafts, durability));
  }

  /** One append at a time; a failed one does not stop the next. */
  #serial<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work);
    this.#queue = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }

  async #write(
    raceId: string,
    before: RaceState,
    drafts: Drafts,
    durability: "full" | "normal",
  ): Promise<readonly IglaEvent[]> {
    if (Array.isArray(drafts) && drafts.length === 0) return [];
    const events: IglaEvent[] = [];
    let state = before;
    try {
      this.#database.setDurability(durability);
      await this.#database.transaction(async (trx) => {
        for (const draft of typeof drafts === "function" ? await drafts({ state: before, trx }) : drafts) {
          const event = await this.#insert(trx, raceId, draft);
          const next = reduce(state, event);
          await project(trx, event, state, next);
          state = next;
          events.push(event);
        }
      });
    } catch (error) {
      throw storeError(error, this.#file);
    }
    const last = events.at(-1);
    if (last === undefined) return events;
    this.#headSeq = last.seq;
    this.#states.set(raceId, state);
    for (const listener of this.#listeners) listener(raceId, events, state);
    return events;
  }

  async #insert(trx: Kysely<Tables>, raceId: string, draft: EventDraft): Promise<IglaEvent> {
    const at = this.#now();
    const { kind, ...body } = draft;
    const { insertId } = await trx
      .insertInto("events")
      .values({ race_id: raceId, at, kind, body: JSON.stringify(body) })
      .executeTakeFirstOrThrow();
    // What could not be read back must not be written.
    return eventSchema.parse({ ...draft, seq: Number(insertId), raceId, at });
  }

  /** Waits for the appends under way, then closes the database. */
  async close(): Promise<void> {
    await this.#queue;
    await this.#database.close();
  }
}
