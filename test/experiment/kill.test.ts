/** kill -9 of daemon and trainer in the middle of an experiment: started again, it ends with the same verdict. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { loadLedger } from "../../daemon/evidence/ledger/write.ts";
import type { Experiment } from "../../daemon/protocol/experiments.ts";
import { daemonStatus, snapshotRace, startExperiment } from "../../daemon/protocol/requests.ts";
import { DaemonClient } from "../../daemon/rpc/client.ts";
import { readDaemonFile } from "../../daemon/rpc/daemon-file.ts";
import { spawnDaemon } from "../../daemon/spawn-daemon.ts";
import { daemonScript, isBuilt, isOver, LabFolder, labFile, untimed, Watch } from "./bench.ts";

const wish = { configText: labFile("lanes = 2"), steps: 150, seeds: 6, looks: 2, alpha: 0.001, claim: 0.2 };
/** Done steps at which it strikes: in the probe, in the first look, at its end, in the second look. */
const moments = [3, 20 + 200, 20 + 6 * 150, 20 + 6 * 150 + 300];

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}

async function ended(pids: Iterable<number>): Promise<number[]> {
  const deadline = Date.now() + 10_000;
  const left = () => [...pids].filter(isAlive);
  while (left().length > 0 && Date.now() < deadline) await sleep(20);
  return left();
}

interface Course {
  readonly experiment: Experiment;
  /** Of each start. */
  readonly ids: readonly string[];
  readonly kills: number;
  readonly orphans: readonly number[];
  readonly replayMismatches: number;
  readonly findings: readonly unknown[];
  readonly rows: number;
}

/** One experiment to its verdict, killed at each of the moments. */
async function run(plan: readonly number[]): Promise<Course> {
  const folder = new LabFolder();
  const pids = new Set<number>();
  const ids: string[] = [];
  let kills = 0;
  let client: DaemonClient | null = null;
  try {
    for (const moment of [...plan, null]) {
      await spawnDaemon(folder.path, { script: daemonScript, backend: "cpu" });
      client = await DaemonClient.connect(folder.path, { reconnectMs: 0 });
      const watch = new Watch(client);
      const { experimentId } = await client.request(startExperiment, folder.wish(wish));
      ids.push(experimentId);
      const is = ({ doneSteps }: Experiment) => moment !== null && doneSteps >= moment;
      const now = await watch.until(experimentId, (one) => is(one) || isOver(one));
      const { pid, trainer } = await client.request(daemonStatus, {});
      for (const one of [pid, trainer.pid]) if (one !== null) pids.add(one);
      if (moment !== null && !isOver(now)) {
        process.kill(pid, "SIGKILL");
        kills += 1;
        await client.close();
        expect(await ended([pid])).toEqual([]);
        continue;
      }
      const races = now.raceIds.map(async (raceId) => (await client?.request(snapshotRace, { raceId }))?.state);
      const mismatches = (await Promise.all(races)).map((state) => state?.replayMismatches ?? 0);
      const { findings, chained } = await loadLedger(folder.ledger);
      await client.close();
      process.kill(pid, "SIGTERM");
      const replayMismatches = mismatches.reduce((a, b) => a + b, 0);
      return { experiment: now, ids, kills, orphans: await ended(pids), replayMismatches, findings, rows: chained };
    }
    throw new Error("the last round has no kill");
  } finally {
    await client?.close();
    const file = await readDaemonFile(folder.path).catch(() => null);
    if (file !== null && isAlive(file.pid)) process.kill(file.pid, "SIGKILL");
    if (file !== null) await ended([file.pid]);
    folder.remove();
  }
}

test.skipIf(!isBuilt)(
  `kill -9 of the daemon in the probe, in a look and between two${isBuilt ? "" : " (skipped: dist/ is not built)"}`,
  async () => {
    const peaceful = await run([]);
    expect(peaceful.experiment).toMatchObject({ status: "decided", failure: null });
    // Both looks were needed: otherwise the last kill strikes nothing.
    expect(peaceful.experiment.raceIds).toHaveLength(3);
    const killed = await run(moments);
    expect(killed.kills).toBe(moments.length);
    expect(new Set(killed.ids).size).toBe(1);
    expect(killed.experiment).toMatchObject({ status: "decided", raceIds: peaceful.experiment.raceIds });
    expect(untimed(killed.experiment.verdict)).toEqual(untimed(peaceful.experiment.verdict));
    for (const { orphans, findings, rows, replayMismatches } of [peaceful, killed]) {
      expect({ orphans, findings, rows, replayMismatches }).toEqual({
        orphans: [],
        findings: [],
        rows: 1,
        replayMismatches: 0,
      });
    }
    expect(peaceful.experiment.verdict?.arms?.off.seconds).toBeGreaterThan(0);
  },
);
