/** One trainer from spawn to exit: waits for `ready`, delivers events in order, remembers how it ended. */
import type { BackendDescription } from "../protocol/events.ts";
import type { TrainerCommand, TrainerEvent } from "../train/messages.ts";
import { backendOf } from "./trainer-facts.ts";
import type { SpawnTrainer, TrainerExit, TrainerHandle } from "./trainer-process.ts";

export interface TrainerReady {
  readonly backend: BackendDescription;
  readonly preferredLanes: number;
}

export type EventHandler = (event: TrainerEvent) => Promise<void>;

export class TrainerLink {
  readonly ready: Promise<TrainerReady | null>;
  /** Resolves after every event before it has been handled; never rejects. */
  readonly exited: Promise<TrainerExit>;
  readonly #handle: TrainerHandle;
  #handler: EventHandler | null = null;
  /** Events are handled one after the other, each after the one before it is stored. */
  #queue: Promise<void> = Promise.resolve();
  #exit: TrainerExit | null = null;

  constructor(spawn: SpawnTrainer, onFailure: (error: unknown) => void) {
    const ready = Promise.withResolvers<TrainerReady | null>();
    const exited = Promise.withResolvers<TrainerExit>();
    this.ready = ready.promise;
    this.exited = exited.promise;
    this.#handle = spawn({
      onEvent: (event) => {
        if (event.kind === "ready") {
          ready.resolve({ backend: backendOf(event.backend), preferredLanes: event.preferredLanes });
          return;
        }
        this.#queue = this.#queue.then(() => this.#handler?.(event)).catch(onFailure);
      },
      onExit: (exit) => {
        this.#exit = exit;
        ready.resolve(null);
        this.#queue = this.#queue.then(() => exited.resolve(exit));
      },
    });
  }

  get pid(): number | null {
    return this.#handle.pid;
  }
  get isAlive(): boolean {
    return this.#exit === null;
  }

  /** Who hears the events from now on; null: nobody. */
  setHandler(handler: EventHandler | null): void {
    this.#handler = handler;
  }

  /** False when the process is gone; `exited` tells the rest. */
  send(command: TrainerCommand): boolean {
    return this.#exit === null && this.#handle.send(command);
  }

  kill(): void {
    this.#handle.kill();
  }
}
