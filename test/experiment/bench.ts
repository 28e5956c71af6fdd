/** Experiments in a workspace of their own, trained by the real engine. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type DaemonOptions, type RunningDaemon, startDaemon } from "../../daemon/app.ts";
import { tagCorpus } from "../../daemon/data/tag.ts";
import type { CorpusPin } from "../../daemon/protocol/events.ts";
import type { Experiment, LeverVerdict } from "../../daemon/protocol/experiments.ts";
import type { ParamsOf } from "../../daemon/protocol/request.ts";
import { listExperiments, snapshotRace, startExperiment } from "../../daemon/protocol/requests.ts";
import type { RaceState } from "../../daemon/protocol/state.ts";
import { DaemonClient } from "../../daemon/rpc/client.ts";
import { syntheticCorpus } from "../fixtures/specs.ts";

export const trainerScript = fileURLToPath(new URL("../../dist/trainer.js", import.meta.url));
export const daemonScript = fileURLToPath(new URL("../../dist/daemon.js", import.meta.url));
export const isBuilt = existsSync(trainerScript);

/** A model that trains in a moment. @param race further keys of [race] @param more further sections */
export function labFile(race = "", more = ""): string {
  return `
[data]
corpus = "text.txt"
[model]
layers = 1
width = 16
heads = 2
context = 16
[optimizer]
batch = 4
[schedule]
warmup = 5
[race]
name = "adamw"
report_every_steps = 5
checkpoint_every_sec = 0.05
rungs = [{ steps = 30 }]
${race}
${more}`;
}

type Wish = ParamsOf<typeof startExperiment>;

/** A folder with a corpus and a race file. */
export class LabFolder {
  readonly path = mkdtempSync(join(tmpdir(), "igla-experiment-"));
  readonly corpus = syntheticCorpus(40_000);

  constructor() {
    this.writeCorpus(this.corpus);
  }

  writeCorpus(bytes: Uint8Array): void {
    writeFileSync(join(this.path, "text.txt"), bytes);
  }

  get ledger(): string {
    return join(this.path, "assertions", "seed_results.jsonl");
  }

  /** Rows of the ledger; none where there is no file. */
  rows(): Record<string, unknown>[] {
    if (!existsSync(this.ledger)) return [];
    return readFileSync(this.ledger, "utf8")
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line));
  }

  pin(): CorpusPin {
    const { sha256 } = tagCorpus("text.txt", this.corpus, "race file");
    return { path: join(this.path, "text.txt"), sha256, name: "text.txt", origin: "race file" };
  }

  wish(changes: Partial<Wish> = {}): Wish {
    const corpus = this.pin();
    const path = join(this.path, "lab.igla.toml");
    return { configText: labFile(), path, lever: "relu2", seeds: 3, corpus, ...changes };
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }
}

export const isOver = ({ status }: Experiment): boolean => status !== "running";

/** Hears of experiments from now on. */
export class Watch {
  readonly heard: Experiment[] = [];
  readonly #client: DaemonClient;
  readonly #waiting = new Set<() => void>();

  constructor(client: DaemonClient) {
    this.#client = client;
    client.onExperiment((experiment) => {
      this.heard.push(experiment);
      for (const wake of this.#waiting) wake();
    });
  }

  /** The latest state of an experiment, once it satisfies `test`. */
  async until(experimentId: string, test: (experiment: Experiment) => boolean = isOver): Promise<Experiment> {
    while (true) {
      const { experiments } = await this.#client.request(listExperiments, {});
      const found = experiments.find((one) => one.experimentId === experimentId);
      if (found !== undefined && test(found)) return found;
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          clearTimeout(timer);
          this.#waiting.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, 200);
        this.#waiting.add(wake);
      });
    }
  }
}

/** A daemon in this process with the real trainer. */
export class LabBench {
  readonly folder: LabFolder;
  readonly daemon: RunningDaemon;
  readonly client: DaemonClient;
  readonly watch: Watch;

  private constructor(folder: LabFolder, daemon: RunningDaemon, client: DaemonClient) {
    this.folder = folder;
    this.daemon = daemon;
    this.client = client;
    this.watch = new Watch(client);
  }

  static async open(folder = new LabFolder(), options: Partial<DaemonOptions> = {}): Promise<LabBench> {
    const daemon = await startDaemon({ workspace: folder.path, trainerScript, backend: "cpu", ...options });
    return new LabBench(folder, daemon, await DaemonClient.connect(folder.path));
  }

  start(changes: Partial<Wish> = {}): Promise<Experiment> {
    return this.client.request(startExperiment, this.folder.wish(changes));
  }

  /** From beginning to end. */
  async run(changes: Partial<Wish> = {}): Promise<Experiment> {
    return this.watch.until((await this.start(changes)).experimentId);
  }

  async race(raceId = ""): Promise<RaceState> {
    return (await this.client.request(snapshotRace, { raceId })).state;
  }

  /** Leaves the folder. */
  async leave(): Promise<void> {
    await this.client.close();
    await this.daemon.stop();
  }

  async close(): Promise<void> {
    await this.leave();
    this.folder.remove();
  }
}

/** A verdict without what a clock has measured. */
export function untimed(verdict: LeverVerdict | null | undefined): unknown {
  if (verdict?.arms == null) return verdict;
  const still = (arm: "off" | "on") => ({ ...verdict.arms?.[arm], seconds: null });
  return { ...verdict, arms: { off: still("off"), on: still("on") } };
}
