/** Keeps at most one trainer alive and starts another when it is needed. Knows nothing of races. */
import { IglaError } from "../protocol/errors.ts";
import { TrainerLink, type TrainerReady } from "./trainer-link.ts";
import { describeExit, type SpawnTrainer } from "./trainer-process.ts";

export interface SupervisorOptions {
  readonly spawn: SpawnTrainer;
  /** Failures in a row without progress after which a race gives up. */
  readonly maxFailures: number;
  /** Wait before the first restart; doubled for each further one up to `maxBackoffMs`. */
  readonly backoffMs: number;
  readonly maxBackoffMs: number;
  /** Longest time from spawn to `ready`. */
  readonly readyTimeoutMs: number;
  /** Longest time that a trainer with work may report nothing; it is killed then. */
  readonly silenceMs: number;
  /** Called when an event of a trainer could not be handled: a bug, or a failing disk. */
  readonly onFailure: (error: unknown) => void;
}

export const defaultSupervision = {
  maxFailures: 5,
  backoffMs: 500,
  maxBackoffMs: 15_000,
  readyTimeoutMs: 120_000,
  silenceMs: 600_000,
} as const;

export interface ReadyTrainer extends TrainerReady {
  readonly link: TrainerLink;
  /** True when this call started the process. */
  readonly isNew: boolean;
}

export class TrainerSupervisor {
  readonly options: SupervisorOptions;
  #current: (TrainerReady & { readonly link: TrainerLink }) | null = null;
  #starting: TrainerLink | null = null;

  constructor(options: SupervisorOptions) {
    this.options = options;
  }

  get current(): (TrainerReady & { readonly link: TrainerLink }) | null {
    return this.#current?.link.isAlive ? this.#current : null;
  }

  /**
   * The running trainer, or a new one that has said `ready`.
   * @throws {IglaError} `trainer.start-failed`
   */
  async acquire(): Promise<ReadyTrainer> {
    if (this.current !== null) return { ...this.current, isNew: false };
    const link = new TrainerLink(this.options.spawn, this.options.onFailure);
    this.#starting = link;
    const timer = setTimeout(() => link.kill(), this.options.readyTimeoutMs);
    const ready = await link.ready;
    clearTimeout(timer);
    this.#starting = null;
    if (ready === null) throw new IglaError("trainer.start-failed", describeExit(await link.exited));
    this.#current = { ...ready, link };
    return { ...ready, link, isNew: true };
  }

  backoffMs(failures: number): number {
    const { backoffMs, maxBackoffMs } = this.options;
    return Math.min(maxBackoffMs, backoffMs * 2 ** Math.max(0, failures - 1));
  }

  /** Ends the trainer at once and waits until it is gone. */
  async kill(): Promise<void> {
    const link = this.#current?.link ?? this.#starting;
    if (link?.isAlive !== true) return;
    link.kill();
    await link.exited;
  }
}
