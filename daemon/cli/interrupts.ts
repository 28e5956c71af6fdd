/** Ctrl-C as something a command can wait for. Without a listener it ends the process as usual. */
export interface SignalSource {
  on(signal: "SIGINT" | "SIGTERM", listener: () => void): unknown;
  off(signal: "SIGINT" | "SIGTERM", listener: () => void): unknown;
}

/** One press of Ctrl-C may arrive more than once: from the terminal and from npm. No hand is this quick. */
const SAME_PRESS_MS = 300;

export class Interrupts {
  readonly #source: SignalSource;
  readonly #now: () => number;

  constructor(source: SignalSource, now: () => number) {
    this.#source = source;
    this.#now = now;
  }

  /** Calls `onInterrupt` with 1, 2, ... for each Ctrl-C (or SIGTERM) while `work` runs. */
  async during<T>(onInterrupt: (count: number) => void, work: () => Promise<T>): Promise<T> {
    let count = 0;
    let lastMs = Number.NEGATIVE_INFINITY;
    const listener = () => {
      const isSamePress = this.#now() - lastMs < SAME_PRESS_MS;
      lastMs = this.#now();
      if (!isSamePress) onInterrupt(++count);
    };
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
