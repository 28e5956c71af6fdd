/**
 * Runs one race: fills groups, has them trained, commits their results, until the race ends or is told to stop.
 * Everything that it knows follows from the event log, so it may be abandoned at any moment and built again.
 */
import type { EventDraft, IglaEvent } from "../protocol/events.ts";
import type { RaceState } from "../protocol/state.ts";
import { Asha } from "../search/asha.ts";
import { readEvents } from "../store/events.ts";
import { commitGroup } from "./commit.ts";
import type { RunnerContext } from "./context.ts";
import { descentDrafts } from "./descent-watch.ts";
import { accept, fillGroup } from "./fill.ts";
import { collectGarbage } from "./garbage.ts";
import { GroupSession } from "./group-session.ts";
import { waitingJobs } from "./packing.ts";
import type { RacePlan } from "./plan.ts";
import { numberIn, toSearchEvent } from "./search-log.ts";
import { TrainerCare } from "./trainer-care.ts";

const pageSize = 2000;

export class RaceRunner {
  readonly raceId: string;
  readonly #plan: RacePlan;
  readonly #context: RunnerContext;
  readonly #search: Asha;
  readonly #care: TrainerCare;
  readonly #stopListening: () => void;
  #session: GroupSession | null = null;
  #leaving = false;

  private constructor(raceId: string, plan: RacePlan, context: RunnerContext, search: Asha) {
    this.raceId = raceId;
    this.#plan = plan;
    this.#context = context;
    this.#search = search;
    this.#care = new TrainerCare(raceId, context.store, context.supervisor);
    this.#stopListening = context.store.subscribe((id, events, state) => {
      if (id === raceId) for (const event of events) fold(search, event, state);
    });
  }

  /** Folds the race's log into the search's state. */
  static async create(raceId: string, plan: RacePlan, context: RunnerContext): Promise<RaceRunner> {
    const search = new Asha(plan.rules);
    const state = context.store.state(raceId);
    let seq = 0;
    while (true) {
      const events = await readEvents(context.store.db, raceId, seq, pageSize);
      for (const event of events) fold(search, event, state);
      seq = events.at(-1)?.seq ?? seq;
      if (events.length < pageSize) break;
    }
    return new RaceRunner(raceId, plan, context, search);
  }

  get #state(): RaceState {
    return this.#context.store.state(this.raceId);
  }

  get #isRunning(): boolean {
    return !this.#leaving && this.#state.status === "running";
  }

  /** Runs until the race is no longer `running` or `leave` is called. Rejects only on a failing store or a bug. */
  async run(): Promise<void> {
    try {
      while (this.#isRunning) {
        const lanes = await this.#lanes();
        if (lanes === null) continue;
        if (this.#state.group === null && !(await this.#fill(lanes))) continue;
        await this.#runGroup();
      }
    } finally {
      this.#stopListening();
    }
  }

  /** Lanes of a group, once a trainer is ready; null when it failed to start. */
  async #lanes(): Promise<number | null> {
    const ready = await this.#care.acquire(() => this.#isRunning);
    if (ready === null) return null;
    const { lanes, backend } = this.#state;
    if (lanes !== null) {
      await this.#care.noteBackend(backend, ready.backend);
      return lanes;
    }
    const fixed = this.#plan.lanes ?? Math.max(1, ready.preferredLanes);
    await this.#append([{ kind: "lanes-fixed", lanes: fixed, backend: ready.backend }]);
    return fixed;
  }

  /** Orders the next group; ends the race when there is nothing left to order. */
  async #fill(lanes: number): Promise<boolean> {
    const plan = this.#plan;
    const events = await this.#context.store.append(this.raceId, async ({ state }) => {
      // A pause may have come in since the loop looked.
      if (state.status !== "running") return [];
      const waiting = waitingJobs(state, (id) => plan.shapeKey(plan.trial(numberIn(state)(id)).spec));
      const filled = fillGroup({ state, plan, search: this.#copySearch(), lanes, waiting });
      return filled.hasGroup ? filled.drafts : [...filled.drafts, endOf(filled.end)];
    });
    return events.some((event) => event.kind === "group-started");
  }

  async #runGroup(): Promise<void> {
    const { group } = this.#state;
    if (group === null) return;
    if (this.#session?.groupId !== group.groupId) {
      this.#session = new GroupSession(this.raceId, group.groupId, this.#plan, this.#context, this.#care);
    }
    const complete = await this.#session.run(() => this.#isRunning);
    if (!complete) return;
    const { outcomes } = this.#session;
    this.#session = null;
    await this.#context.store.append(this.raceId, async (view) => {
      const { state } = view;
      // A stop by the user ends the group without results.
      if (state.group === null) return [];
      const results = commitGroup(state, this.#copySearch(), outcomes);
      return [...results, ...(await descentDrafts(view, outcomes))];
    });
    await this.#care.groupDone();
    await collectGarbage(this.raceId, this.#context);
  }

  /** Gives lanes back at the next chunk border; their progress is kept. */
  pauseLanes(trialIds: readonly string[] | "all"): void {
    this.#session?.pauseLanes(trialIds);
  }

  /** Ends `run` without changing the race: the next daemon continues it. */
  leave(): void {
    this.#leaving = true;
    this.#care.interrupt();
    this.pauseLanes("all");
  }

  /** Ends a wait between attempts, so that `run` looks at the race's state again. */
  wake(): void {
    this.#care.interrupt();
  }

  async #append(drafts: readonly EventDraft[]): Promise<void> {
    await this.#context.store.append(this.raceId, drafts);
  }

  /** What-if copy: decisions are tried on it and reach the original through the log. */
  #copySearch(): Asha {
    return Asha.restore(this.#plan.rules, this.#search.snapshot());
  }
}

function fold(search: Asha, event: IglaEvent, state: RaceState): void {
  const translated = toSearchEvent(event, numberIn(state));
  if (translated !== null) accept(search, translated);
}

function endOf(end: { readonly kind: "wait" | "done"; readonly reason: string } | null): EventDraft {
  if (end?.kind === "done") {
    const detail = end.reason === "budget" ? "The step budget is used up." : "Every trial has run its course.";
    return { kind: "race-state", status: "finished", rule: `search-${end.reason}`, detail };
  }
  if (end?.reason === "held") {
    const detail = "Only paused trials are left; resume one of them to go on.";
    return { kind: "race-state", status: "paused", rule: "only-held-trials", detail };
  }
  throw new Error(`the search waits for results (${end?.reason}) although nothing is running`);
}
