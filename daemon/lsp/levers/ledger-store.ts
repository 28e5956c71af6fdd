/** The ledgers around the race files that are looked at, as they stand on the disk; each is read once for each change. */
import { sep } from "node:path";
import { type LeverLedger, readLeverLedger, registrationsOf, stampOf } from "./ledger-file.ts";

interface Entry {
  stamp: string | null;
  ledger: LeverLedger | null;
  /** A look that has not begun yet: whoever asks now may wait for it. */
  queued: Promise<void> | null;
  last: Promise<void>;
}

/** A row and the file beside the ledger are written one after the other. */
const settleMs = 100;

export class LedgerStore {
  readonly #onChange: () => void;
  readonly #entries = new Map<string, Entry>();
  readonly #written = new Set<string>();
  #settle: NodeJS.Timeout | null = null;

  /** @param onChange what `known` says of some ledger is no longer what it said */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** As last read; what has never been is read now, and told of. @param paths absolute */
  known(paths: readonly string[]): LeverLedger[] {
    return paths.map((path) => {
      const ledger = this.#entries.get(path)?.ledger ?? null;
      if (ledger === null) void this.look([path]);
      return ledger ?? { kind: "pending", path };
    });
  }

  /** Looks at the disk; resolves when `known` says what is there. */
  async look(paths: readonly string[]): Promise<void> {
    await Promise.all(paths.map((path) => this.#look(path)));
  }

  /** A file was written, or a file or folder came or went. @param path absolute */
  written(path: string): void {
    this.#written.add(path);
    this.#settle ??= setTimeout(() => {
      this.#settle = null;
      const paths = [...this.#written];
      this.#written.clear();
      const touched = [...this.#entries.keys()].filter((ledger) => paths.some((each) => concerns(each, ledger)));
      void this.look(touched);
    }, settleMs).unref();
  }

  #look(path: string): Promise<void> {
    const entry = this.#entries.get(path) ?? { stamp: null, ledger: null, queued: null, last: Promise.resolve() };
    this.#entries.set(path, entry);
    entry.queued ??= entry.last = entry.last.then(async () => {
      entry.queued = null;
      await this.#read(path, entry);
    });
    return entry.queued;
  }

  async #read(path: string, entry: Entry): Promise<void> {
    const stamp = await stampOf(path);
    if (stamp === entry.stamp) return;
    const before = entry.ledger;
    entry.ledger = await readLeverLedger(path);
    entry.stamp = stamp;
    if (!(isNothing(before) && isNothing(entry.ledger))) this.#onChange();
  }
}

/** Neither a verdict nor a registration. */
function isNothing(ledger: LeverLedger | null): boolean {
  return ledger === null || (ledger.kind === "absent" && (ledger.open ?? []).length === 0);
}

function concerns(written: string, ledger: string): boolean {
  return written.startsWith(ledger) || written.startsWith(registrationsOf(ledger)) || ledger.startsWith(written + sep);
}
