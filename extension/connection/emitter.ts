/** An event source of the shape that VS Code expects, without VS Code: the connection also runs in tests. */
import type { Disposable, Event } from "vscode";

export class Emitter<T> {
  readonly #listeners = new Set<(value: T) => void>();
  readonly #onError: (error: unknown) => void;

  /** @param onError hears what a listener throws; the other listeners are called all the same */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  readonly event: Event<T> = (listener, thisArg, disposables) => {
    // A listener may be registered twice, as two subscriptions.
    const call = (value: T): void => void listener.call(thisArg, value);
    this.#listeners.add(call);
    const subscription: Disposable = { dispose: () => this.#listeners.delete(call) };
    disposables?.push(subscription);
    return subscription;
  };

  fire(value: T): void {
    for (const call of [...this.#listeners]) {
      try {
        call(value);
      } catch (error) {
        this.#onError(error);
      }
    }
  }

  dispose(): void {
    this.#listeners.clear();
  }
}
