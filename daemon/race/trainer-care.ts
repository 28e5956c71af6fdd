/** A race's dealings with its trainer process: lifecycle events, counted failures, waits between attempts. */
import { type ErrorCode, IglaError } from "../protocol/errors.ts";
import type { BackendDescription, EventDraft } from "../protocol/events.ts";
import type { Store } from "../store/store.ts";
import type { ReadyTrainer, TrainerSupervisor } from "./supervisor.ts";

export class TrainerCare {
  readonly #raceId: string;
  readonly #store: Store;
  readonly #supervisor: TrainerSupervisor;
  #failures: number;
  #progressed = false;
  /** Most lanes that a run gets; shrinks when full groups keep failing. */
  #laneLimit = Number.POSITIVE_INFINITY;
  #wait: AbortController | null = null;
  #notedBackend: string | null = null;
  #introduced: number | null = null;

  constructor(raceId: string, store: Store, supervisor: TrainerSupervisor) {
    this.#raceId = raceId;
    this.#store = store;
    this.#supervisor = supervisor;
    this.#failures = store.state(raceId).trainer.failures;
  }

  get laneLimit(): number {
    return this.#laneLimit;
  }

  /** A ready trainer; null when it did not start (the failure has been counted and waited out). */
  async acquire(isWanted: () => boolean): Promise<ReadyTrainer | null> {
    try {
      const ready = await this.#supervisor.acquire();
      const pid = ready.link.pid;
      if (this.#introduced !== pid) {
        this.#introduced = pid;
        await this.#lifecycle("ready", pid, ready.backend, "");
      }
      return ready;
    } catch (error) {
      if (!(error instanceof IglaError)) throw error;
      if (isWanted()) await this.failed(error.code, error.detail, 0);
      return null;
    }
  }

  /** The attempt got something done: the next failure is a first one again. */
  progress(): void {
    this.#progressed = true;
  }

  /** A whole group went through. */
  async groupDone(): Promise<void> {
    this.#progressed = false;
    if (this.#failures === 0) return;
    this.#failures = 0;
    const current = this.#supervisor.current;
    await this.#lifecycle("ready", current?.link.pid ?? null, current?.backend ?? null, "");
  }

  /** The trainer ended because it was told to; nothing failed. */
  async exited(detail: string): Promise<void> {
    await this.#lifecycle("exited", null, null, detail);
  }

  /**
   * Counts a failure of `lanes` lanes, then waits before the next attempt, or gives the race up.
   * Fewer lanes are tried first when memory ran out or when several lanes failed twice without progress.
   */
  async failed(code: string, detail: string, lanes: number): Promise<void> {
    this.#failures = this.#progressed ? 1 : this.#failures + 1;
    this.#progressed = false;
    const outOfMemory = code.endsWith("out-of-memory");
    if (lanes > 1 && (outOfMemory || this.#failures >= 2)) {
      this.#laneLimit = Math.ceil(lanes / 2);
      if (outOfMemory) this.#failures--;
    }
    const message = `${code}: ${detail}`;
    const gaveUp = this.#failures >= this.#supervisor.options.maxFailures;
    await this.#lifecycle(gaveUp ? "failed" : "exited", null, null, message);
    if (gaveUp) await this.failRace("trainer.gave-up", `${this.#failures} failures in a row; the last one: ${message}`);
    else await this.#sleep(this.#supervisor.backoffMs(this.#failures));
  }

  /** Ends the race for now; `race/resume` continues it once the cause is gone. */
  async failRace(rule: string, detail: string): Promise<void> {
    await this.#append([{ kind: "race-state", status: "failed", rule, detail }]);
  }

  async notice(code: ErrorCode | string, message: string, trialId: string | null): Promise<void> {
    await this.#append([{ kind: "notice", level: "warning", code, message, trialId }]);
  }

  /** Says once per change that results now come from another device. */
  async noteBackend(first: BackendDescription | null, now: BackendDescription): Promise<void> {
    if (first === null || this.#notedBackend === now.description) return;
    this.#notedBackend = now.description;
    if (first.kind === now.kind && first.description === now.description) return;
    const message = `The race began on ${first.description} and goes on on ${now.description}: results stay valid, but are no longer bit-identical to those of one device.`;
    await this.notice("backend-changed", message, null);
  }

  /** Ends a wait between attempts. */
  interrupt(): void {
    this.#wait?.abort();
  }

  async #sleep(ms: number): Promise<void> {
    const controller = new AbortController();
    this.#wait = controller;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      controller.signal.addEventListener("abort", () => {
        clearTimeout(timer);
        resolve();
      });
    });
    this.#wait = null;
  }

  async #lifecycle(
    status: "ready" | "exited" | "failed",
    pid: number | null,
    backend: BackendDescription | null,
    detail: string,
  ): Promise<void> {
    await this.#append([{ kind: "trainer", status, pid, backend, failures: this.#failures, detail }]);
  }

  async #append(drafts: readonly EventDraft[]): Promise<void> {
    await this.#store.append(this.#raceId, drafts);
  }
}
