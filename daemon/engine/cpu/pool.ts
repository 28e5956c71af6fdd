/** The worker threads of a CPU backend: starting, one run at a time on all of them, and their loss. */
import { Worker } from "node:worker_threads";
import { EngineError } from "../error.ts";
import { CONTROL_BYTES } from "./barrier.ts";
import type { WorkerCommand, WorkerReply, WorkerSetup } from "./messages.ts";

interface Pending {
  missing: number;
  readonly resolve: () => void;
  readonly reject: (error: EngineError) => void;
}

export class WorkerPool {
  readonly lost: Promise<{ readonly reason: string }>;
  readonly #workers: Worker[];
  #resolveLost: (value: { readonly reason: string }) => void = () => {};
  #pending: Pending | undefined;
  /** Set once, by loss or disposal; every later run is rejected with it. */
  #failure: EngineError | undefined;

  constructor(workerUrl: URL | string, module: WebAssembly.Module, memory: WebAssembly.Memory, threads: number) {
    this.lost = new Promise((resolve) => {
      this.#resolveLost = resolve;
    });
    const setup: WorkerSetup = { module, memory, control: new SharedArrayBuffer(CONTROL_BYTES), threads };
    this.#workers = Array.from({ length: threads }, () => this.#start(workerUrl, setup));
  }

  get threads(): number {
    return this.#workers.length;
  }

  #start(workerUrl: URL | string, setup: WorkerSetup): Worker {
    const worker = new Worker(workerUrl, { workerData: setup });
    worker.on("message", (reply: WorkerReply) => this.#onReply(reply));
    worker.on("error", (error) => this.#lose(`a worker thread failed: ${error.message}`));
    worker.on("exit", (code) => this.#lose(`a worker thread ended with code ${code}`));
    return worker;
  }

  /** Resolves when every worker has its kernels. @throws {EngineError} `engine.device-lost` */
  ready(): Promise<void> {
    return this.#expectReplies();
  }

  /** Runs one command on all workers and waits for them. @throws {EngineError} `engine.device-lost`, `engine.disposed` */
  run(command: WorkerCommand & { readonly kind: "run" }): Promise<void> {
    for (const worker of this.#workers) {
      // An idle pool must not keep the process alive; a run in progress must.
      worker.ref();
      worker.postMessage(command);
    }
    return this.#expectReplies();
  }

  /** Sends a command that has no answer; messages arrive in order. */
  tell(command: (thread: number) => WorkerCommand): void {
    this.#workers.forEach((worker, thread) => {
      worker.postMessage(command(thread));
    });
  }

  /** @throws {EngineError} when the workers are gone. */
  assertAlive(): void {
    if (this.#failure) throw this.#failure;
  }

  async dispose(): Promise<void> {
    this.#fail(new EngineError("engine.disposed", "The CPU backend was disposed."));
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #expectReplies(): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#pending = { missing: this.#workers.length, resolve, reject };
    });
  }

  #onReply(_: WorkerReply): void {
    const pending = this.#pending;
    if (!pending || --pending.missing > 0) return;
    this.#pending = undefined;
    for (const worker of this.#workers) worker.unref();
    pending.resolve();
  }

  #lose(reason: string): void {
    if (this.#failure) return;
    this.#fail(new EngineError("engine.device-lost", `The CPU backend was lost: ${reason}.`));
    this.#resolveLost({ reason });
    // The others may wait at a barrier for the one that is gone.
    for (const worker of this.#workers) void worker.terminate();
  }

  #fail(error: EngineError): void {
    this.#failure ??= error;
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.reject(this.#failure);
  }
}
