/** The races of a workspace: one trains at a time, the others wait in line. Carries out what users order. */
import { IglaError, isErrorCode } from "../protocol/errors.ts";
import type { CorpusPin, EventDraft } from "../protocol/events.ts";
import { isOver } from "../protocol/reduce.ts";
import { boundCorpus, type RaceState, type TrialState } from "../protocol/state.ts";
import { formatKeep } from "../search/ladder.ts";
import { readRace } from "../store/queries.ts";
import type { RunnerContext } from "./context.ts";
import { collectGarbage } from "./garbage.ts";
import type { Planner, RacePlan, ReadGuards } from "./plan.ts";
import { RaceRunner } from "./runner.ts";

export interface ManagerOptions extends RunnerContext {
  readonly planner: Planner;
  /** Absent: races start unguarded. */
  readonly readGuards?: ReadGuards;
  /** The store has failed: nothing can be recorded any more. */
  readonly onFatal: (error: IglaError) => void;
}

/** How long a trainer without work keeps its device: long enough for a pause and a second thought. */
const idleMs = 60_000;

type TrialOrder = "pause" | "resume" | "stop";

export class RaceManager {
  readonly #options: ManagerOptions;
  #active: { readonly raceId: string; readonly runner: RaceRunner | null; readonly done: Promise<void> } | null = null;
  #closed = false;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(options: ManagerOptions) {
    this.#options = options;
  }

  get activeRace(): string | null {
    return this.#active?.raceId ?? null;
  }

  #state(raceId: string): RaceState {
    return this.#options.store.state(raceId);
  }

  /** Continues what the last daemon left running, then what is queued. */
  resumeAll(): void {
    this.#pump();
  }

  /**
   * @param corpus what the client found; null: the trainer looks the corpus up
   * @throws {IglaError} `race.bad-config`, `race.bad-assertions`, `race.guarded`, `race.unproven`, `daemon.shutting-down`
   */
  async start(
    configText: string,
    path: string,
    budgetSteps: number | null,
    corpus: CorpusPin | null = null,
  ): Promise<RaceState> {
    if (this.#closed) throw new IglaError("daemon.shutting-down");
    const plan = this.#options.planner(configText, path, budgetSteps);
    const { rules, name, configHash, reportEvery, guarded } = plan;
    const guards = guarded === undefined ? null : ((await this.#options.readGuards?.(guarded, path)) ?? null);
    // Asking Coq can take a while.
    if (this.#closed) throw new IglaError("daemon.shutting-down");
    const state = await this.#options.store.createRace({
      kind: "race-created",
      name,
      path,
      configText,
      configHash,
      rungs: rules.ladder.rungs.map(({ steps, keep }) => ({ steps, keep: keep === null ? null : formatKeep(keep) })),
      maxTrials: rules.maxTrials,
      budgetSteps: rules.budgetSteps,
      reportEvery,
      ...(corpus === null ? {} : { corpus }),
      ...(guards === null ? {} : { guards: [...guards] }),
    });
    this.#pump();
    return state;
  }

  /**
   * The unfinished race of the same file, meaning, budget and corpus, in line again if it rested; null where there is
   * none. @param corpus what the client found; null: any will do
   * @throws {IglaError} `race.bad-config`
   */
  async takeUp(
    configText: string,
    path: string,
    budgetSteps: number | null,
    corpus: CorpusPin | null = null,
  ): Promise<RaceState | null> {
    const plan = this.#options.planner(configText, path, budgetSteps);
    const same = this.#options.store.raceIds
      .map((id) => this.#state(id))
      .filter((race) => race.path === path && race.configHash === plan.configHash && isUnfinished(race))
      .filter((race) => corpus === null || boundCorpus(race) === corpus.sha256)
      // Another budget is another race: its decisions would have been others.
      .findLast((race) => race.budgetSteps === plan.rules.budgetSteps);
    if (same === undefined) return null;
    return same.status === "paused" || same.status === "failed" ? this.resume(same.raceId) : same;
  }

  /** Running lanes give back at the next chunk border. @throws {IglaError} `race.not-found`, `race.wrong-state` */
  async pause(raceId: string): Promise<RaceState> {
    return this.#change(raceId, ["queued", "running"], "paused", "user-pause", "Paused by the user.");
  }

  /** @throws {IglaError} `race.not-found`, `race.wrong-state` */
  async resume(raceId: string): Promise<RaceState> {
    // A race that is only just pausing goes on where it is.
    const status = this.#active?.raceId === raceId ? "running" : "queued";
    return this.#change(raceId, ["paused", "failed"], status, "user-resume", "");
  }

  /** For good: what has been trained stays on the leaderboard. @throws {IglaError} `race.not-found`, `race.wrong-state` */
  async stop(raceId: string): Promise<RaceState> {
    const from = ["queued", "running", "paused", "failed"] as const;
    const state = await this.#change(raceId, from, "stopped", "user-stop", "Stopped by the user.");
    if (this.#active?.raceId !== raceId) await collectGarbage(raceId, this.#options);
    return state;
  }

  async #change(
    raceId: string,
    from: readonly RaceState["status"][],
    status: RaceState["status"],
    rule: string,
    detail: string,
  ): Promise<RaceState> {
    await this.#options.store.append(raceId, async ({ state }) => {
      if (!from.includes(state.status)) throw new IglaError("race.wrong-state", `${raceId} is ${state.status}.`);
      const change: EventDraft = { kind: "race-state", status, rule, detail };
      const endsGroup = status === "stopped" && state.group !== null;
      return endsGroup ? [change, { kind: "group-finished", groupId: state.group?.groupId ?? "" }] : [change];
    });
    if (this.#active?.raceId === raceId && status !== "running") {
      this.#active.runner?.pauseLanes("all");
      this.#active.runner?.wake();
    }
    this.#pump();
    return this.#state(raceId);
  }

  /** @throws {IglaError} `trial.not-found`, `trial.wrong-state` */
  async order(trialId: string, order: TrialOrder): Promise<TrialState> {
    const { raceId } = this.#options.store.raceOf(trialId);
    const events = await this.#options.store.append(raceId, async ({ state }) => trialDrafts(state, trialId, order));
    const gaveBack = events.some(({ kind }) => kind === "trial-state") && order !== "resume";
    if (gaveBack && this.#active?.raceId === raceId) this.#active.runner?.pauseLanes([trialId]);
    this.#pump();
    const trial = this.#state(raceId).trials[trialId];
    if (trial === undefined) throw new IglaError("trial.not-found", trialId);
    return trial;
  }

  /** Lets the active race write its checkpoints and leave; kills the trainer when that takes too long. */
  async close(graceMs: number): Promise<void> {
    this.#closed = true;
    const active = this.#active;
    active?.runner?.leave();
    const timer = setTimeout(() => void this.#options.supervisor.kill(), graceMs);
    await active?.done;
    clearTimeout(timer);
    clearTimeout(this.#idleTimer);
    await this.#options.supervisor.kill();
  }

  /** Starts the next race if none is active. */
  #pump(): void {
    if (this.#active !== null || this.#closed) return;
    const states = this.#options.store.raceIds.map((id) => this.#state(id));
    const next = states.find(({ status }) => status === "running") ?? states.find(({ status }) => status === "queued");
    clearTimeout(this.#idleTimer);
    if (next === undefined) {
      this.#idleTimer = setTimeout(() => void this.#options.supervisor.kill(), idleMs).unref();
      return;
    }
    const active = { raceId: next.raceId, runner: null as RaceRunner | null, done: Promise.resolve() };
    this.#active = active;
    active.done = this.#run(active)
      .catch((error: unknown) => this.failed(error))
      .finally(() => {
        this.#active = null;
        this.#pump();
      });
  }

  async #run(active: { readonly raceId: string; runner: RaceRunner | null }): Promise<void> {
    const { store } = this.#options;
    const { raceId } = active;
    const plan = await this.#plan(raceId);
    if (plan === null) return;
    // First, because a race that begins anew has all its attempts again.
    await store.append(raceId, async ({ state }) =>
      state.status === "queued" ? [{ kind: "race-state", status: "running", rule: "next-in-line", detail: "" }] : [],
    );
    active.runner = await RaceRunner.create(raceId, plan, this.#options);
    if (this.#closed) active.runner.leave();
    await active.runner.run();
    await collectGarbage(raceId, this.#options);
  }

  /** The plan of a stored race; null, and the race failed, when this version cannot read its file any more. */
  async #plan(raceId: string): Promise<RacePlan | null> {
    const { store, planner } = this.#options;
    const { configText, path } = await readRace(store.db, raceId);
    const { budgetSteps, configHash } = this.#state(raceId);
    try {
      const plan = planner(configText, path, budgetSteps);
      if (plan.configHash !== configHash) throw new IglaError("race.other-meaning", raceId);
      return plan;
    } catch (error) {
      if (!(error instanceof IglaError)) throw error;
      await store.append(raceId, [{ kind: "race-state", status: "failed", rule: error.code, detail: error.message }]);
      return null;
    }
  }

  /** A failing store ends the daemon; any other failure is a bug and ends the active race for now. */
  failed(error: unknown): void {
    if (error instanceof IglaError && error.code.startsWith("store.")) {
      this.#closed = true;
      this.#active?.runner?.leave();
      this.#options.onFatal(error);
      return;
    }
    const { store, supervisor } = this.#options;
    const raceId = this.#active?.raceId;
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const code = error instanceof IglaError && isErrorCode(error.code) ? error.code : "daemon.internal";
    void supervisor.kill();
    if (raceId === undefined) return;
    store
      .append(raceId, async ({ state }) =>
        state.status === "running" ? [{ kind: "race-state", status: "failed", rule: code, detail }] : [],
      )
      .catch((failure: unknown) => this.failed(failure));
  }
}

function isUnfinished({ status }: RaceState): boolean {
  return status !== "finished" && status !== "stopped";
}

/** Events that carry out a user's order about a trial. @throws {IglaError} `trial.wrong-state` */
function trialDrafts(state: RaceState, trialId: string, order: TrialOrder): readonly EventDraft[] {
  const trial = state.trials[trialId];
  if (trial === undefined) throw new IglaError("trial.not-found", trialId);
  const refuse = (why: string) => new IglaError("trial.wrong-state", `${trialId} ${why}.`);
  if (state.status === "finished" || state.status === "stopped") throw refuse(`belongs to a ${state.status} race`);
  if (isOver(trial.status)) throw refuse(`is ${trial.status}`);
  const change = (status: Extract<EventDraft, { kind: "trial-state" }>["status"]): EventDraft[] => [
    { kind: "trial-state", trialId, status },
    ...wakeRace(state, order),
  ];
  if (order === "stop") return change("stopped");
  if (order === "pause") {
    if (trial.held) throw refuse("is paused already");
    const inGroup = trial.job !== null && state.group?.trialIds.includes(trialId) === true;
    return change(inGroup ? "hold-requested" : "held");
  }
  if (!trial.held) throw refuse("was not paused by the user");
  return change(trial.status === "held" ? "released" : "hold-cancelled");
}

/** A race that had only paused trials left goes on when one of them is resumed or stopped. */
function wakeRace(state: RaceState, order: TrialOrder): EventDraft[] {
  if (order === "pause" || state.rule !== "only-held-trials") return [];
  return [{ kind: "race-state", status: "queued", rule: "trial-released", detail: "" }];
}
