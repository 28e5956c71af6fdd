/** What is known of experiments and verdicts: follows the daemon's, and reads the ledger again when it has changed. */
import type { Event } from "vscode";
import type { Experiment, LeverEntry } from "../../daemon/protocol/experiments.ts";
import type { ResultOf } from "../../daemon/protocol/request.ts";
import type { experimentVerdicts } from "../../daemon/protocol/requests.ts";
import { Coalescer } from "../connection/coalesce.ts";
import type { Connection } from "../connection/connection.ts";
import { Emitter } from "../connection/emitter.ts";

export type LedgerReport = ResultOf<typeof experimentVerdicts>;

/** Catalogue and ledger as the daemon has told them last. */
export interface LeverBook {
  readonly levers: readonly LeverEntry[];
  readonly ledger: LedgerReport;
}

/** Many changes of one running experiment become few. */
const changeMs = 250;

export class Experiments {
  readonly #connection: Connection;
  readonly #changes: Emitter<undefined>;
  readonly #each: Emitter<Experiment>;
  readonly #loads: Emitter<undefined>;
  readonly #refresh = new Coalescer<"all">(changeMs, () => this.#changes.fire(undefined));
  readonly #subscriptions: { dispose(): unknown }[];
  readonly #onError: (error: unknown) => void;
  #known = new Map<string, Experiment>();
  /** Ids heard of while the list was being asked for: what was heard is newer. */
  #heard = new Set<string>();
  #book: LeverBook | null = null;

  constructor(connection: Connection, onError: (error: unknown) => void) {
    this.#connection = connection;
    this.#onError = onError;
    this.#changes = new Emitter(onError);
    this.#each = new Emitter(onError);
    this.#loads = new Emitter(onError);
    this.#subscriptions = [
      connection.onDidChangeExperiment((experiment) => this.#hear(experiment)),
      connection.onDidChangeStatus(({ kind }) => {
        if (kind === "connected") void this.load();
        else this.#refresh.touch("all");
      }),
    ];
  }

  /** Something of rows or numbers has changed; at most a few times a second. */
  get onDidChange(): Event<undefined> {
    return this.#changes.event;
  }
  /** Each state of each experiment, also those that a new connection finds. */
  get onDidChangeExperiment(): Event<Experiment> {
    return this.#each.event;
  }
  /** All that the daemon knows has been read: an experiment that is not there now is gone. */
  get onDidLoad(): Event<undefined> {
    return this.#loads.event;
  }
  /** Of this run of the daemon, by id. */
  get known(): ReadonlyMap<string, Experiment> {
    return this.#known;
  }
  get running(): Experiment | null {
    return [...this.#known.values()].find(({ status }) => status === "running") ?? null;
  }
  /** Null until a daemon was there. */
  get book(): LeverBook | null {
    return this.#book;
  }

  titleOf(lever: string): string {
    return this.#book?.levers.find(({ id }) => id === lever)?.title ?? lever;
  }

  /** Reads catalogue, ledger and experiments; what the daemon does not answer stays as it was. */
  async load(): Promise<void> {
    this.#heard = new Set();
    try {
      const { listExperiments } = await import("../../daemon/protocol/requests.ts");
      const { experiments } = await this.#connection.request(listExperiments, {});
      const listed = experiments.filter(({ experimentId }) => !this.#heard.has(experimentId));
      const heard = [...this.#known.values()].filter(({ experimentId }) => this.#heard.has(experimentId));
      this.#known = new Map([...listed, ...heard].map((one) => [one.experimentId, one]));
      await this.readLedger();
      for (const one of [...this.#known.values()]) this.#each.fire(one);
      this.#loads.fire(undefined);
    } catch (error) {
      // The daemon went away in between; a new connection asks again.
      this.#onError(error);
    }
  }

  /** @throws {IglaError} */
  async readLedger(): Promise<LeverBook> {
    const { experimentVerdicts, listLevers } = await import("../../daemon/protocol/requests.ts");
    const [ledger, { levers }] = await Promise.all([
      this.#connection.request(experimentVerdicts, {}),
      this.#connection.request(listLevers, {}),
    ]);
    this.#book = { levers, ledger };
    this.#refresh.touch("all");
    return this.#book;
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#refresh.dispose();
    for (const emitter of [this.#changes, this.#each, this.#loads]) emitter.dispose();
  }

  #hear(experiment: Experiment): void {
    this.#heard.add(experiment.experimentId);
    this.#known.set(experiment.experimentId, experiment);
    // Nobody can name the lever yet; the load that is under way tells of it.
    if (this.#book === null) return;
    // The ledger has the verdict before anybody hears of it, and rows are drawn with it.
    const read = experiment.status === "decided" ? this.readLedger().catch(this.#onError) : Promise.resolve();
    void read.then(() => {
      this.#each.fire(experiment);
      this.#refresh.touch("all");
    });
  }
}
