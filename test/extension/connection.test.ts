/** The editor's connection against real daemon processes: attaching, starting, failing, coming back. */
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { IglaEvent } from "../../daemon/protocol/events.ts";
import {
  daemonStatus,
  listExperiments,
  startExperiment,
  startRace,
  stopExperiment,
} from "../../daemon/protocol/requests.ts";
import { readDaemonFile } from "../../daemon/rpc/daemon-file.ts";
import { probeDaemon } from "../../daemon/rpc/probe.ts";
import { spawnDaemon } from "../../daemon/spawn-daemon.ts";
import type { ConnectionStatus } from "../../extension/connection/connection.ts";
import { DaemonConnection, type DaemonConnectionOptions } from "../../extension/connection/daemon-connection.ts";
import { bundleDaemon } from "../fixtures/bundle.ts";
import { isDone, raceFile } from "../fixtures/daemon-bench.ts";
import { fakeTrainer } from "../fixtures/race-bench.ts";

let script: string;
let workspace: string;
const open: DaemonConnection[] = [];

beforeAll(async () => {
  script = await bundleDaemon();
});
afterAll(() => rmSync(dirname(dirname(script)), { recursive: true, force: true }));
afterEach(async () => {
  for (const connection of open.splice(0)) await connection.dispose();
  const file = await readDaemonFile(workspace).catch(() => null);
  if (file !== null && (await probeDaemon(workspace)) !== null) process.kill(file.pid, "SIGKILL");
  await sleep(100);
  rmSync(workspace, { recursive: true, force: true });
});

const slow = { FAKE_CHUNK_MS: "40" };
const spawnOptions = () => ({ script, args: ["--trainer-script", fakeTrainer], env: slow });

function connect(changes: Partial<DaemonConnectionOptions> = {}): DaemonConnection {
  const connection = new DaemonConnection({
    workspace,
    isTrusted: () => true,
    spawnOptions,
    log: () => undefined,
    retryMs: [20, 50, 100],
    pollMs: 100,
    ...changes,
  });
  open.push(connection);
  return connection;
}

function newWorkspace(): void {
  workspace = mkdtempSync(join(tmpdir(), "igla-editor-"));
}

async function until<T>(what: () => T | undefined | false | null, timeoutMs = 20_000): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  while (Date.now() < deadline) {
    const value = what();
    if (value) return value;
    await sleep(10);
  }
  throw new Error(`waited in vain for ${what}`);
}

const start = (connection: DaemonConnection) =>
  connection.request(startRace, { configText: raceFile(), path: "a.igla.toml" }, { start: true });

test("nothing is started without need, and a request that may not start one says so", async () => {
  newWorkspace();
  const connection = connect();
  await connection.attach();
  expect(connection.status).toEqual({ kind: "idle" });
  await expect(connection.request(daemonStatus, {})).rejects.toMatchObject({ code: "daemon.not-running" });
  expect(connection.status).toEqual({ kind: "idle" });
  expect(existsSync(join(workspace, ".igla"))).toBe(false);
});

test("an untrusted folder is neither written nor connected to", async () => {
  newWorkspace();
  await spawnDaemon(workspace, spawnOptions());
  const connection = connect({ isTrusted: () => false });
  await connection.attach();
  await expect(start(connection)).rejects.toMatchObject({ code: "daemon.not-running" });
  expect(connection.status).toEqual({ kind: "idle" });
});

test("starts a daemon, follows the race to its end, and tells every event once", async () => {
  newWorkspace();
  const connection = connect();
  const events: IglaEvent[] = [];
  const changes = new Map<string, number>();
  connection.onDidReceiveEvent((event) => void events.push(event));
  connection.onDidChangeRace((raceId) => void changes.set(raceId, (changes.get(raceId) ?? 0) + 1));
  const startedAt = Date.now();
  const { raceId } = await start(connection);
  expect(connection.status.kind).toBe("connected");
  expect(connection.races.has(raceId)).toBe(true);
  const state = await until(() => [connection.races.get(raceId)].find((race) => race && isDone(race)));
  expect(state.status).toBe("finished");
  const seqs = events.map(({ seq }) => seq);
  expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
  expect(seqs.at(-1)).toBe(state.seq);
  await sleep(150);
  expect(changes.get(raceId)).toBeLessThanOrEqual((Date.now() - startedAt) / 100 + 2);
});

test("another window sees the race that goes on, and one that starts later", async () => {
  newWorkspace();
  const first = connect();
  const { raceId } = await start(first);
  await first.dispose();
  const second = connect();
  await second.attach();
  expect(second.status.kind).toBe("connected");
  expect(second.races.get(raceId)?.status).toBe("running");
  const third = connect();
  await third.attach();
  const later = await third.request(startRace, { configText: raceFile(), path: "b.igla.toml" });
  await until(() => second.races.get(later.raceId));
});

test("a daemon that is killed in mid-race is replaced, and the race loses nothing", async () => {
  newWorkspace();
  const connection = connect();
  const statuses: ConnectionStatus["kind"][] = [];
  const events: IglaEvent[] = [];
  const { raceId } = await start(connection);
  connection.onDidChangeStatus(({ kind }) => void statuses.push(kind));
  connection.onDidReceiveEvent((event) => void events.push(event));
  await until(() => (connection.races.get(raceId)?.resultCount ?? 0) >= 2);
  const before = connection.races.get(raceId);
  if (connection.status.kind !== "connected") throw new Error("not connected");
  const { pid } = connection.status;
  process.kill(pid, "SIGKILL");
  await until(() => statuses.includes("connected"));
  expect(statuses).toEqual(["lost", "connected"]);
  expect(connection.status).not.toEqual({ kind: "connected", pid });
  expect(connection.races.get(raceId)?.seq).toBeGreaterThanOrEqual(before?.seq ?? 0);
  const state = await until(() => [connection.races.get(raceId)].find((race) => race && isDone(race)));
  expect(state.status).toBe("finished");
  const seqs = events.map(({ seq }) => seq);
  expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
});

test("a daemon that ended with nothing left to do is not started again", async () => {
  newWorkspace();
  const connection = connect();
  await connection.start();
  if (connection.status.kind !== "connected") throw new Error("not connected");
  process.kill(connection.status.pid, "SIGTERM");
  await until(() => connection.status.kind === "lost");
  await until(() => connection.status.kind === "idle");
  expect(await probeDaemon(workspace)).toBeNull();
});

test("a failed start tells why, and a later one can succeed", async () => {
  newWorkspace();
  let broken = true;
  const connection = connect({
    spawnOptions: () => ({ ...spawnOptions(), ...(broken ? { execPath: "/nonexistent/node" } : {}) }),
  });
  await expect(connection.start()).rejects.toMatchObject({ code: "daemon.start-failed" });
  expect(connection.status).toMatchObject({ kind: "failed", code: "daemon.start-failed" });
  expect(JSON.stringify(connection.status)).toContain("ENOENT");
  broken = false;
  await connection.start();
  expect(connection.status.kind).toBe("connected");
});

test("the stderr of a daemon that cannot start reaches the user", async () => {
  newWorkspace();
  const crash = join(workspace, "crash.sh");
  writeFileSync(crash, "#!/bin/sh\necho 'no such library' >&2\nexit 3\n");
  chmodSync(crash, 0o755);
  const connection = connect({ spawnOptions: () => ({ ...spawnOptions(), execPath: crash }) });
  await expect(connection.start()).rejects.toThrow("no such library");
});

test("a restart gives another process, and the race goes on", async () => {
  newWorkspace();
  const connection = connect();
  const { raceId } = await start(connection);
  if (connection.status.kind !== "connected") throw new Error("not connected");
  const { pid } = connection.status;
  await connection.restart();
  expect(connection.status.kind).toBe("connected");
  expect(connection.status).not.toEqual({ kind: "connected", pid });
  const state = await until(() => [connection.races.get(raceId)].find((race) => race && isDone(race)));
  expect(state.status).toBe("finished");
});

test("experiments are told of, and go on without a window", async () => {
  newWorkspace();
  let state = 7;
  const letter = () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return 97 + ((state >>> 16) % 26);
  };
  writeFileSync(join(workspace, "text.txt"), Buffer.from(Array.from({ length: 40_000 }, letter)));
  const configText = raceFile({ more: '[data]\ncorpus = "text.txt"\n' });
  const wish = { configText, path: join(workspace, "a.igla.toml"), lever: "relu2", seeds: 3, steps: 2000 };
  const connection = connect();
  const heard: string[] = [];
  connection.onDidChangeExperiment(({ experimentId }) => void heard.push(experimentId));
  const { experimentId } = await connection.request(startExperiment, wish, { start: true });
  await until(() => heard.includes(experimentId));
  await connection.dispose();
  const other = connect();
  await other.attach();
  const { experiments } = await other.request(listExperiments, {});
  expect(experiments).toMatchObject([{ experimentId, status: "running" }]);
  const stopped = await other.request(stopExperiment, { experimentId });
  expect(stopped.status).toBe("stopped");
});
