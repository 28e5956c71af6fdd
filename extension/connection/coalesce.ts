/** Many changes of one thing become few calls: the first at once, the others together after a pause. */
export class Coalescer<K> {
  readonly #waiting = new Map<K, { timer: NodeJS.Timeout; isDue: boolean }>();
  readonly #everyMs: number;
  readonly #call: (key: K) => void;

  constructor(everyMs: number, call: (key: K) => void) {
    this.#everyMs = everyMs;
    this.#call = call;
  }

  touch(key: K): void {
    const waiting = this.#waiting.get(key);
    if (waiting !== undefined) {
      waiting.isDue = true;
      return;
    }
    this.#arm(key);
    this.#call(key);
  }

  dispose(): void {
    for (const { timer } of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
  }

  #arm(key: K): void {
    const timer = setTimeout(() => {
      const isDue = this.#waiting.get(key)?.isDue === true;
      this.#waiting.delete(key);
      if (!isDue) return;
      this.#arm(key);
      this.#call(key);
    }, this.#everyMs);
    this.#waiting.set(key, { timer, isDue: false });
  }
}
