/** Ctrl-C as something a command can wait for. Without a listener it ends the process as usual. */
export interface SignalSource {
  on(signal: "SIGINT" | "SIGTERM", listener: () => void): unknown;
  off(signal: "SIGINT" | "SIGTERM", listener: () => void): unknown;
}

export class Interrupts {
  readonly #source: SignalSource;

  constructor(source: SignalSource) {
    this.#source = source;
  }

  /** Calls `onInterrupt` with 1, 2, ... for each Ctrl-C (or SIGTERM) while `work` runs. */
  async during<T>(onInterrupt: (count: number) => void, work: () => Promise<T>): Promise<T> {
    let count = 0;
    const listener = () => onInterrupt(++count);
    this.#source.on("SIGINT", listener);
    this.#source.on("SIGTERM", listener);
    try {
      return await work();
    } finally {
      this.#source.off("SIGINT", listener);
      this.#source.off("SIGTERM", listener);
    }
  }
}
