/**
 * Runs a race twice, once in peace and once under kill -9 of trainer, daemon or both at seeded random moments, and
 * hands back what both left behind. Daemon and trainer are given by path, so any trainer can be put to this test.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { uniformStream } from "../../daemon/engine/random/philox.ts";
import { IglaError } from "../../daemon/protocol/errors.ts";
import type { IglaEvent } from "../../daemon/protocol/events.ts";
import { daemonStatus, startRace, trialCurve } from "../../daemon/protocol/requests.ts";
import type { RaceState } from "../../daemon/protocol/state.ts";
import { DaemonClient } from "../../daemon/rpc/client.ts";
import { readDaemonFile } from "../../daemon/rpc/daemon-file.ts";
import { spawnDaemon } from "../../daemon/spawn-daemon.ts";
import { openDatabase } from "../../daemon/store/database.ts";
import { readEvents } from "../../daemon/store/events.ts";

export interface ChaosOptions {
  /** Absolute path of a bundled daemon. */
  readonly daemonScript: string;
  /** Absolute path of a trainer; null: the one beside the daemon. */
  readonly trainerScript: string | null;
  readonly backend: string;
  readonly configText: string;
  /** Files that lie beside the race file, by name: its corpus, say. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** Environment of daemon and trainer. */
  readonly env: NodeJS.ProcessEnv;
  readonly kills: number;
  readonly seed: number;
  /** Longest wait for a race, milliseconds. */
  readonly timeoutMs: number;
}

export interface RaceRecord {
  readonly state: RaceState;
  /** The whole log, read from the database after the daemon has stopped. */
  readonly log: readonly IglaEvent[];
  /** What a client heard, across all restarts. */
  readonly heard: readonly IglaEvent[];
  /** Curve of each trial as JSON. */
  readonly curves: ReadonlyMap<string, string>;
  readonly kills: readonly Kill[];
  /** Processes that outlived the daemon that owned them. */
  readonly orphans: readonly number[];
}

type Victim = "trainer" | "daemon" | "both";

export interface Kill {
  readonly victim: Victim;
  /** Events in the log when it struck. */
  readonly atSeq: number;
}

const victims: readonly Victim[] = ["trainer", "daemon", "both"];

export async function runInPeace(options: ChaosOptions): Promise<RaceRecord> {
  return runRace(options, []);
}

/**
 * One kill in each of `kills` equal parts of the log, at a random place in it.
 * @param peaceful record of the same race without kills; it tells how long the log gets
 */
export async function runUnderFire(options: ChaosOptions, peaceful: RaceRecord): Promise<RaceRecord> {
  const uniform = uniformStream(options.seed, 1);
  const part = (peaceful.log.length * 0.9) / options.kills;
  const plan = Array.from({ length: options.kills }, (_, i) => ({
    atSeq: 3 + Math.floor((i + uniform()) * part),
    victim: victims[Math.floor(uniform() * victims.length)] ?? "both",
    delayMs: uniform() * 10,
    isHasty: uniform() < 0.2,
  }));
  return runRace(options, plan);
}

interface PlannedKill extends Kill {
  /** Wait after the event, so that kills also strike between events. */
  readonly delayMs: number;
  /** Strikes at once after the one before, while daemon and trainer are still starting. */
  readonly isHasty: boolean;
}

async function runRace(options: ChaosOptions, plan: readonly PlannedKill[]): Promise<RaceRecord> {
  const workspace = mkdtempSync(join(tmpdir(), "igla-chaos-"));
  const path = join(workspace, "chaos.igla.toml");
  writeFileSync(path, options.configText);
  for (const [name, bytes] of Object.entries(options.files)) writeFileSync(join(workspace, name), bytes);
  await spawn(workspace, options);
  const client = await DaemonClient.connect(workspace, { reconnectMs: options.timeoutMs });
  const { raceId } = await client.request(startRace, { configText: options.configText, path });
  const run = new ChaosRun(workspace, options, plan);
  try {
    const state = await run.toTheEnd(client, raceId);
    const curves = new Map<string, string>();
    for (const trialId of Object.keys(state.trials).sort()) {
      const { points } = await client.request(trialCurve, { trialId, limit: 5000 });
      curves.set(trialId, JSON.stringify(points));
    }
    await client.close();
    await stop(workspace);
    const log = await readLog(workspace, raceId);
    return { state, log, heard: run.heard, curves, kills: run.kills, orphans: await run.orphans() };
  } finally {
    await client.close();
    await stop(workspace);
    rmSync(workspace, { recursive: true, force: true });
  }
}

class ChaosRun {
  readonly heard: IglaEvent[] = [];
  readonly kills: Kill[] = [];
  readonly #workspace: string;
  readonly #options: ChaosOptions;
  readonly #plan: readonly PlannedKill[];
  readonly #trainers = new Set<number>();
  #latest: RaceState | null = null;
  #trainer: number | null = null;

  constructor(workspace: string, options: ChaosOptions, plan: readonly PlannedKill[]) {
    this.#workspace = workspace;
    this.#options = options;
    this.#plan = plan;
  }

  async toTheEnd(client: DaemonClient, raceId: string): Promise<RaceState> {
    await client.subscribe(raceId, (state, events) => {
      this.#latest = state;
      this.heard.push(...events);
      if (state.trainer.pid !== null) this.#trainers.add(state.trainer.pid);
    });
    await this.#until(() => true);
    for (const { victim, atSeq, delayMs, isHasty } of this.#plan) {
      if (!isHasty) {
        await this.#until((state) => state.seq >= atSeq || isOver(state));
        this.#trainer = await trainerNow(client);
      }
      if (isOver(this.#state)) break;
      await sleep(delayMs);
      await this.#strike(victim);
    }
    await this.#until(isOver);
    return this.#state;
  }

  get #state(): RaceState {
    if (this.#latest === null) throw new Error("no state has arrived");
    return this.#latest;
  }

  async #until(test: (state: RaceState) => boolean): Promise<void> {
    const deadline = Date.now() + this.#options.timeoutMs;
    while (this.#latest === null || !test(this.#latest)) {
      if (Date.now() > deadline) throw new Error(`the race stands still at ${JSON.stringify(this.#latest?.trainer)}`);
      await sleep(2);
    }
  }

  async #strike(planned: Victim): Promise<void> {
    const trainer = this.#trainer;
    // A process id that may be out of date is never used.
    this.#trainer = null;
    const victim = trainer === null ? "daemon" : planned;
    this.kills.push({ victim, atSeq: this.#state.seq });
    if (victim !== "daemon" && trainer !== null) kill(trainer);
    if (victim === "trainer") return;
    const file = await readDaemonFile(this.#workspace);
    if (file !== null) {
      kill(file.pid);
      while (isAlive(file.pid)) await sleep(2);
    }
    await spawn(this.#workspace, this.#options);
  }

  /** Trainers that still run a moment after everything has ended. */
  async orphans(): Promise<number[]> {
    const deadline = Date.now() + 5000;
    const left = () => [...this.#trainers].filter(isAlive);
    while (left().length > 0 && Date.now() < deadline) await sleep(20);
    return left();
  }
}

/** Asks the daemon that runs now, however often the connection has to be made again. */
async function trainerNow(client: DaemonClient): Promise<number | null> {
  while (true) {
    try {
      return (await client.request(daemonStatus, {})).trainer.pid;
    } catch (error) {
      if (!(error instanceof IglaError) || error.code !== "connection.lost") throw error;
    }
  }
}

const isOver = (state: RaceState): boolean => ["finished", "failed", "stopped", "paused"].includes(state.status);

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    // It has ended on its own.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}

async function spawn(workspace: string, { daemonScript, trainerScript, backend, env }: ChaosOptions): Promise<void> {
  const args = trainerScript === null ? [] : ["--trainer-script", trainerScript];
  await spawnDaemon(workspace, { script: daemonScript, backend, args, env });
}

async function stop(workspace: string): Promise<void> {
  const file = await readDaemonFile(workspace);
  if (file === null) return;
  try {
    process.kill(file.pid, "SIGTERM");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
  while (isAlive(file.pid)) await sleep(5);
}

async function readLog(workspace: string, raceId: string): Promise<IglaEvent[]> {
  const database = openDatabase(join(workspace, ".igla", "igla.db"));
  try {
    return await readEvents(database.db, raceId, 0, 1_000_000);
  } finally {
    await database.close();
  }
}
