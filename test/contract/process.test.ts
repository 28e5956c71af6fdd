/** The daemon as a process: how it starts, who may start it, what it says when it cannot, and how it leaves. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import Database from "better-sqlite3";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { daemonStatus, listRaces, shutdownDaemon, startRace } from "../../daemon/protocol/requests.ts";
import { DaemonClient } from "../../daemon/rpc/client.ts";
import { daemonFilePath, readDaemonFile } from "../../daemon/rpc/daemon-file.ts";
import { probeDaemon } from "../../daemon/rpc/probe.ts";
import { spawnDaemon } from "../../daemon/spawn-daemon.ts";
import { schemaVersion } from "../../daemon/store/migrate.ts";
import { bundleDaemon } from "../fixtures/bundle.ts";
import { follow, raceFile } from "../fixtures/daemon-bench.ts";
import { fakeTrainer } from "../fixtures/race-bench.ts";

let script: string;
let workspace: string;

beforeAll(async () => {
  script = await bundleDaemon();
});
afterAll(() => rmSync(dirname(dirname(script)), { recursive: true, force: true }));

afterEach(async () => {
  const file = await readDaemonFile(workspace).catch(() => null);
  if (file !== null && (await probeDaemon(workspace)) !== null) {
    process.kill(file.pid, "SIGKILL");
    await gone(file.pid);
  }
  // A daemon that lost the race for the workspace may still be starting: without the winner it would stay.
  spawnSync("pkill", ["-KILL", "-f", workspace]);
  rmSync(workspace, { recursive: true, force: true });
});

function newWorkspace(): string {
  workspace = mkdtempSync(join(tmpdir(), "igla-process-"));
  return workspace;
}

const start = (env: NodeJS.ProcessEnv = {}) =>
  spawnDaemon(workspace, { script, args: ["--trainer-script", fakeTrainer], env });

interface Ended {
  readonly code: number | null;
  readonly stderr: string;
}

/** Runs the daemon in the foreground until it exits. */
function runToExit(command: string, args: readonly string[], options: { uid?: number } = {}): Promise<Ended> {
  const child: ChildProcess = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"], ...options });
  let stderr = "";
  child.stderr?.on("data", (text) => {
    stderr += String(text);
  });
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, stderr })));
}

const daemonArgs = () => [script, "--workspace", workspace, "--trainer-script", fakeTrainer];

async function gone(pid: number): Promise<void> {
  for (let i = 0; i < 500; i++) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await sleep(10);
  }
  throw new Error(`process ${pid} is still there`);
}

describe("starting", () => {
  test("spawnDaemon returns when it answers, and finds the one that runs", async () => {
    newWorkspace();
    const file = await start();
    expect(file.pid).not.toBe(process.pid);
    expect((await start()).pid).toBe(file.pid);
    const client = await DaemonClient.connect(workspace);
    expect(await client.request(daemonStatus, {})).toMatchObject({ pid: file.pid, workspace });
    await client.request(shutdownDaemon, {});
    await client.close();
    await gone(file.pid);
    expect(existsSync(daemonFilePath(workspace))).toBe(false);
  });

  test("a second daemon exits with an error that names the first", async () => {
    newWorkspace();
    const file = await start();
    const { code, stderr } = await runToExit(process.execPath, daemonArgs());
    expect(code).toBe(1);
    expect(stderr).toContain("daemon.already-running");
    expect(stderr).toContain(String(file.pid));
    expect(stderr).toContain("igla daemon stop");
    expect((await probeDaemon(workspace))?.pid).toBe(file.pid);
  });

  test("of several at once one remains", async () => {
    newWorkspace();
    const files = await Promise.all(Array.from({ length: 4 }, () => start().catch((error: Error) => error)));
    const alive = await probeDaemon(workspace);
    expect(alive).not.toBeNull();
    for (const file of files) {
      if (file instanceof Error) expect(file).toMatchObject({ code: "daemon.already-running" });
      else expect(file.pid).toBe(alive?.pid);
    }
  });

  test("the file of a killed daemon is replaced", async () => {
    newWorkspace();
    const first = await start();
    process.kill(first.pid, "SIGKILL");
    await gone(first.pid);
    expect(existsSync(daemonFilePath(workspace))).toBe(true);
    expect(await probeDaemon(workspace)).toBeNull();
    const second = await start();
    expect(second.token).not.toBe(first.token);
    expect((await readDaemonFile(workspace))?.pid).toBe(second.pid);
  });

  test("a file that names a living process on a port of somebody else's is stale", async () => {
    newWorkspace();
    const stranger = createServer((_request, response) => response.end("hello")).listen(0, "127.0.0.1");
    await new Promise((resolve) => stranger.once("listening", resolve));
    mkdirSync(join(workspace, ".igla"));
    const content = {
      pid: process.pid,
      port: (stranger.address() as AddressInfo).port,
      token: "0".repeat(64),
      protocol: { major: 1, minor: 0 },
      version: "x",
      startedAt: 1,
    };
    writeFileSync(daemonFilePath(workspace), JSON.stringify(content));
    expect((await start()).pid).not.toBe(process.pid);
    stranger.close();
  });
});

describe("what cannot work is said", () => {
  test("a workspace that does not exist", async () => {
    newWorkspace();
    const { code, stderr } = await runToExit(process.execPath, [script, "--workspace", join(workspace, "nowhere")]);
    expect(code).toBe(1);
    expect(stderr).toContain("daemon.no-workspace");
  });

  test("a database of a newer schema, which stays as it is", async () => {
    newWorkspace();
    mkdirSync(join(workspace, ".igla"));
    const file = join(workspace, ".igla", "igla.db");
    const database = new Database(file);
    database.exec("create table future (x)");
    database.pragma(`user_version = ${schemaVersion + 1}`);
    database.close();
    await expect(start()).rejects.toMatchObject({ code: "store.newer-schema" });
    const after = new Database(file);
    expect(after.pragma("user_version", { simple: true })).toBe(schemaVersion + 1);
    after.close();
  });

  test("a file where the folder should be", async () => {
    newWorkspace();
    writeFileSync(join(workspace, ".igla"), "");
    const { code, stderr } = await runToExit(process.execPath, daemonArgs());
    expect(code).toBe(1);
    expect(stderr).toContain("error store.failed");
  });

  const isRoot = process.getuid?.() === 0;
  test.skipIf(process.platform === "win32")("a folder that cannot be written", async () => {
    newWorkspace();
    chmodSync(workspace, 0o555);
    // Root may write anywhere, so the daemon runs as nobody then.
    chmodSync(dirname(dirname(script)), 0o755);
    const { code, stderr } = await runToExit(process.execPath, daemonArgs(), isRoot ? { uid: 65534 } : {});
    chmodSync(workspace, 0o755);
    expect(code).toBe(1);
    expect(stderr).toContain("store.read-only");
    expect(stderr).toContain("write permission");
  });

  test("a script that fails before it can say anything", async () => {
    newWorkspace();
    const broken = join(workspace, "broken.mjs");
    writeFileSync(broken, 'throw new Error("broken on purpose");');
    const failure = spawnDaemon(workspace, { script: broken });
    await expect(failure).rejects.toMatchObject({ code: "daemon.start-failed" });
    await expect(failure).rejects.toThrow("broken on purpose");
  });

  test.skipIf(process.platform === "win32")("a disk that fills up during a race: nothing is lost", async () => {
    newWorkspace();
    const path = join(workspace, "full.igla.toml");
    // No file may grow beyond 256 KiB; the write-ahead log soon wants to.
    const limited = ["-c", "trap '' XFSZ; ulimit -f 512; exec \"$@\"", "sh", process.execPath, ...daemonArgs()];
    const ended = runToExit("sh", limited);
    while ((await probeDaemon(workspace)) === null) await sleep(20);
    const client = await DaemonClient.connect(workspace, { reconnectMs: 0 });
    const { raceId } = await client.request(startRace, { configText: raceFile({ maxTrials: 40, lanes: 8 }), path });
    const heard: number[] = [];
    await client.subscribe(raceId, (_state, events) => heard.push(...events.map((event) => event.seq)));
    expect(await client.closed).toMatchObject({ code: expect.stringMatching(/^store\./) });
    const { code, stderr } = await ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/error store\./);
    // With room again the race goes on from what was recorded.
    await start();
    const next = await DaemonClient.connect(workspace);
    const follower = await follow(next, raceId);
    const state = await follower.until(({ status }) => status === "finished" || status === "failed");
    expect(state.status).toBe("finished");
    expect(follower.events.slice(0, heard.length).map((event) => event.seq)).toEqual(heard);
    await next.close();
  });
});

describe("leaving", () => {
  test("on SIGTERM: exit code 0, lanes checkpointed, no trainer left, the race goes on with the next daemon", async () => {
    newWorkspace();
    const ended = runToExit("sh", ["-c", 'FAKE_CHUNK_MS=20 exec "$@"', "sh", process.execPath, ...daemonArgs()]);
    while ((await probeDaemon(workspace)) === null) await sleep(20);
    const client = await DaemonClient.connect(workspace, { reconnectMs: 20_000 });
    const path = join(workspace, "leave.igla.toml");
    const { raceId } = await client.request(startRace, { configText: raceFile(), path });
    const follower = await follow(client, raceId);
    const running = await follower.until((state) => Object.values(state.trials).some((trial) => trial.step > 0));
    const { pid } = (await readDaemonFile(workspace)) ?? { pid: 0 };
    process.kill(pid, "SIGTERM");
    expect(await ended).toEqual({ code: 0, stderr: "" });
    expect(existsSync(daemonFilePath(workspace))).toBe(false);
    if (running.trainer.pid !== null) await gone(running.trainer.pid);
    expect(readFileSync(join(workspace, ".igla", "daemon.log"), "utf8")).toContain("daemon stopped");
    await start();
    const { races } = await client.request(listRaces, {});
    expect(races[0]?.status).toMatch(/running|finished/);
    const done = await follower.until((state) => state.status === "finished");
    expect(done.replayMismatches).toBe(0);
    expect(done.trainer.failures).toBe(0);
    await client.close();
  });
});
