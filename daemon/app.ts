/** The daemon's only composition root: everything that a workspace's daemon consists of is put together here. */
import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { type Machine, starterFor } from "./config/starter.ts";
import { cacheFolder } from "./data/cache-folder.ts";
import { locateCorpus } from "./data/locate.ts";
import { findStandIn } from "./data/stand-in.ts";
import { daemonLab } from "./experiment/daemon-lab.ts";
import { Records } from "./experiment/records.ts";
import { ExperimentService } from "./experiment/service.ts";
import { raceGuards } from "./guards/race-guards.ts";
import { distUrl } from "./paths.ts";
import { IglaError } from "./protocol/errors.ts";
import { type BoundRequest, bindRequest } from "./protocol/request.ts";
import { daemonStatus, experimentChanged, shutdownDaemon, starterRace } from "./protocol/requests.ts";
import { formatProtocol, protocolVersion } from "./protocol/version.ts";
import { findProver } from "./prover/find-prover.ts";
import { planRace } from "./race/config-plan.ts";
import { RaceManager } from "./race/manager.ts";
import type { Planner } from "./race/plan.ts";
import { raceService } from "./race/service.ts";
import { defaultSupervision, type SupervisorOptions, TrainerSupervisor } from "./race/supervisor.ts";
import { spawnTrainerProcess } from "./race/trainer-process.ts";
import { type DaemonFile, newToken, removeDaemonFile, stateFolder, writeDaemonFile } from "./rpc/daemon-file.ts";
import { defaultFeedLimits, type EventSource, type FeedLimits } from "./rpc/feed.ts";
import { openLog } from "./rpc/log-file.ts";
import { alreadyRunning } from "./rpc/probe.ts";
import { RpcServer } from "./rpc/server.ts";
import { CheckpointFiles } from "./store/checkpoint-files.ts";
import { type OpenDatabase, openDatabase } from "./store/database.ts";
import { countEvents, readEvents } from "./store/events.ts";
import { withStoreErrors } from "./store/failure.ts";
import { takeLock, type WorkspaceLock } from "./store/lock.ts";
import { readCheckpointFiles } from "./store/queries.ts";
import { Store } from "./store/store.ts";
import { findGpuAdapters } from "./train/find-adapters.ts";
import { codeVersion, sourceSha256 } from "./version.ts";

export interface DaemonOptions {
  /** Absolute path of an existing folder; the daemon keeps its state in `.igla` below it. */
  readonly workspace: string;
  /** `auto`, `cpu`, `webgpu` or `webgpu:ADAPTER`. */
  readonly backend?: string;
  /** Absolute path of the trainer's script; default: the built one. */
  readonly trainerScript?: string;
  /** Environment of the trainer, beside this process's own. */
  readonly trainerEnv?: NodeJS.ProcessEnv;
  /** How race files are read; tests bring their own. */
  readonly planner?: Planner;
  readonly supervision?: Partial<Omit<SupervisorOptions, "spawn" | "onFailure">>;
  readonly feedLimits?: FeedLimits;
  readonly allowedOrigins?: readonly string[];
}

export interface RunningDaemon {
  readonly file: DaemonFile;
  /** Lets running lanes write a checkpoint, then closes everything. May be called more than once. */
  readonly stop: () => Promise<void>;
  /** Resolves when the daemon has ended: null after `stop`, else the failure that ended it. Never rejects. */
  readonly stopped: Promise<IglaError | null>;
}

/** How long running lanes may take to reach a chunk border and write a checkpoint. */
const graceMs = 10_000;
const maxClients = 64;

/**
 * Starts the daemon in this process.
 * @throws {IglaError} `daemon.no-workspace`, `daemon.already-running`, `store.*`
 */
export async function startDaemon(options: DaemonOptions): Promise<RunningDaemon> {
  const folder = await prepareFolder(options.workspace);
  const lock = await withStoreErrors(folder, () => takeLock(join(folder, "daemon.lock")));
  if (lock === null) throw await alreadyRunning(options.workspace);
  try {
    // Whatever stands in the file now belongs to a daemon that is gone.
    await removeDaemonFile(options.workspace);
    return await Daemon.start(options, folder, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function prepareFolder(workspace: string): Promise<string> {
  const folder = join(workspace, stateFolder);
  const found = await stat(workspace).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return null;
    throw error;
  });
  if (found?.isDirectory() !== true) throw new IglaError("daemon.no-workspace", workspace);
  await withStoreErrors(folder, () => mkdir(folder, { recursive: true }));
  return folder;
}

interface Parts {
  readonly database: OpenDatabase;
  readonly store: Store;
  readonly manager: RaceManager;
  readonly supervisor: TrainerSupervisor;
  readonly experiments: ExperimentService;
}

class Daemon implements RunningDaemon {
  readonly #options: DaemonOptions;
  readonly #lock: WorkspaceLock;
  readonly #parts: Parts;
  readonly #log: (message: string) => void;
  readonly #stopped = Promise.withResolvers<IglaError | null>();
  readonly #startedAt = Date.now();
  #server: RpcServer | null = null;
  #ending: Promise<void> | null = null;
  #file: DaemonFile | null = null;

  private constructor(options: DaemonOptions, lock: WorkspaceLock, parts: Parts, log: (message: string) => void) {
    this.#options = options;
    this.#lock = lock;
    this.#parts = parts;
    this.#log = log;
  }

  static async start(options: DaemonOptions, folder: string, lock: WorkspaceLock): Promise<Daemon> {
    const log = openLog({
      path: join(folder, "daemon.log"),
      now: Date.now,
      fallback: (line) => void process.stderr.write(line),
    });
    const database = openDatabase(join(folder, "igla.db"));
    try {
      const store = await Store.open(database, join(folder, "igla.db"), Date.now);
      const files = new CheckpointFiles(join(folder, "checkpoints"));
      const swept = await files.sweep(new Set((await readCheckpointFiles(store.db)).keys()));
      if (swept.length > 0) log(`swept ${swept.length} leftover checkpoint files`);
      const supervisor: TrainerSupervisor = new TrainerSupervisor({
        ...defaultSupervision,
        ...options.supervision,
        spawn: (listener) => spawnTrainerProcess(trainerLine(options, files.folder), listener),
        onFailure: (error) => manager.failed(error),
      });
      const manager: RaceManager = new RaceManager({
        store,
        files,
        supervisor,
        planner: options.planner ?? planRace,
        readGuards: raceGuards({
          workspace: options.workspace,
          prover: () => findProver(process.env, process.platform, process.env.IGLA_PROVER ?? ""),
          cacheFolder: join(cacheFolder(process.env, process.platform), "proofs"),
        }),
        onFatal: (error) => void daemon.#end(error),
      });
      const experiments = new ExperimentService({
        workspace: options.workspace,
        records: new Records(options.workspace, takeLock),
        lab: (path, corpus) => daemonLab({ manager, store, files, path, corpus }),
        locate: (corpus, raceFolder) => {
          const standInPath = findStandIn(import.meta.url);
          return locateCorpus({ corpus, raceFolder, env: process.env, platform: process.platform, standInPath });
        },
        now: Date.now,
        codeVersion,
        sourceSha256,
        onChange: (experiment) => daemon.#server?.broadcast(experimentChanged.name, experiment),
      });
      const daemon: Daemon = new Daemon(options, lock, { database, store, manager, supervisor, experiments }, log);
      await daemon.#listen(files);
      manager.resumeAll();
      return daemon;
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  async #listen(files: CheckpointFiles): Promise<void> {
    const { store, manager, experiments } = this.#parts;
    const token = newToken();
    this.#server = await RpcServer.listen({
      token,
      allowedOrigins: this.#options.allowedOrigins ?? [],
      maxClients,
      requests: [
        ...raceService(this.#options.workspace, manager, store, files),
        ...experiments.requests(),
        ...this.#ownRequests(),
      ],
      source: eventSource(store),
      limits: this.#options.feedLimits ?? defaultFeedLimits,
      log: this.#log,
    });
    this.#file = {
      pid: process.pid,
      port: this.#server.port,
      token,
      protocol: { ...protocolVersion },
      version: codeVersion,
      startedAt: this.#startedAt,
    };
    await withStoreErrors(this.#options.workspace, () => writeDaemonFile(this.#options.workspace, this.file));
    this.#log(`daemon ${codeVersion} listens on port ${this.#server.port}, process ${process.pid}`);
  }

  get file(): DaemonFile {
    if (this.#file === null) throw new IglaError("daemon.not-running");
    return this.#file;
  }
  get stopped(): Promise<IglaError | null> {
    return this.#stopped.promise;
  }
  stop(): Promise<void> {
    return this.#end(null);
  }

  #ownRequests(): readonly BoundRequest[] {
    const { store, manager, supervisor } = this.#parts;
    return [
      bindRequest(daemonStatus, async () => ({
        pid: process.pid,
        version: codeVersion,
        protocol: formatProtocol(protocolVersion),
        workspace: this.#options.workspace,
        startedAt: this.#startedAt,
        headSeq: store.headSeq,
        clients: this.#server?.clients ?? 0,
        rssBytes: process.memoryUsage.rss(),
        activeRace: manager.activeRace,
        trainer: { pid: supervisor.current?.link.pid ?? null, backend: supervisor.current?.backend ?? null },
      })),
      bindRequest(starterRace, async ({ corpus }) => {
        const machine = await findMachine(this.#options.backend);
        return { configText: starterFor(machine, corpus), machine };
      }),
      bindRequest(shutdownDaemon, async () => {
        // The answer goes out first.
        setImmediate(() => void this.stop());
        return {};
      }),
    ];
  }

  #end(failure: IglaError | null): Promise<void> {
    this.#ending ??= this.#finish(failure);
    return this.#ending;
  }

  async #finish(failure: IglaError | null): Promise<void> {
    const { manager, store } = this.#parts;
    if (failure !== null) {
      this.#log(`${failure.code}: ${failure.message}`);
      await this.#server?.fail(failure);
    }
    const steps: readonly (() => Promise<void> | undefined)[] = [
      () => manager.close(failure === null ? graceMs : 0),
      () => this.#server?.close(),
      () => store.close(),
      () => removeDaemonFile(this.#options.workspace),
    ];
    for (const step of steps) {
      try {
        await step();
      } catch (error) {
        // Each step is worth taking although another failed: the disk may be gone.
        this.#log(`while stopping: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    this.#lock.release();
    this.#log(failure === null ? "daemon stopped" : "daemon stopped because of a failure");
    this.#stopped.resolve(failure);
  }
}

function trainerLine({ trainerScript, backend, trainerEnv }: DaemonOptions, checkpointFolder: string) {
  const script = trainerScript ?? fileURLToPath(distUrl("trainer.js"));
  return { script, checkpointFolder, backend: backend ?? "auto", env: trainerEnv ?? {} };
}

/** Software adapters do not count: the CPU engine is faster. */
async function findMachine(backend = "auto"): Promise<Machine> {
  if (backend === "cpu") return "cpu";
  const search = await findGpuAdapters();
  return search.kind === "found" && search.adapters.some(({ type }) => type !== "software") ? "gpu" : "cpu";
}

function eventSource(store: Store): EventSource {
  return {
    headSeq: (raceId) => store.state(raceId).seq,
    count: (raceId, afterSeq, limit) => countEvents(store.db, raceId, afterSeq, limit),
    read: (raceId, afterSeq, limit) => readEvents(store.db, raceId, afterSeq, limit),
    subscribe: (listener) => store.subscribe(listener),
  };
}
