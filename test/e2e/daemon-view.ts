/** What the daemon of a workspace says, past the editor: the truth that the screen is compared with. */
import type { Experiment, RecordedVerdict } from "../../daemon/protocol/experiments.ts";
import {
  experimentVerdicts,
  leaderboard,
  listExperiments,
  listRaces,
  snapshotRace,
  trialCurve,
} from "../../daemon/protocol/requests.ts";
import type { RaceState } from "../../daemon/protocol/state.ts";
import { DaemonClient } from "../../daemon/rpc/client.ts";
import { readDaemonFile } from "../../daemon/rpc/daemon-file.ts";

export async function daemonPid(workspace: string): Promise<number> {
  const file = await readDaemonFile(workspace);
  if (file === null) throw new Error(`no daemon serves ${workspace}`);
  return file.pid;
}

async function asked<T>(workspace: string, ask: (client: DaemonClient) => Promise<T>): Promise<T> {
  const client = await DaemonClient.connect(workspace);
  try {
    return await ask(client);
  } finally {
    await client.close();
  }
}

/** The race that was created last. */
export function newestRace(workspace: string): Promise<RaceState> {
  return asked(workspace, async (client) => {
    const { races } = await client.request(listRaces, {});
    const [newest] = races.toSorted((a, b) => b.createdAt - a.createdAt);
    if (newest === undefined) throw new Error(`no race in ${workspace}`);
    return (await client.request(snapshotRace, { raceId: newest.raceId })).state;
  });
}

export function bestRows(workspace: string) {
  return asked(workspace, async (client) => (await client.request(leaderboard, {})).rows);
}

/** Of the ledger, oldest first. */
export function verdicts(workspace: string): Promise<readonly RecordedVerdict[]> {
  return asked(workspace, async (client) => (await client.request(experimentVerdicts, {})).verdicts);
}

/** Of this run of the daemon, oldest first. */
export function experiments(workspace: string): Promise<readonly Experiment[]> {
  return asked(workspace, async (client) => (await client.request(listExperiments, {})).experiments);
}

interface CurvePage {
  readonly points: readonly { readonly step: number }[];
  readonly nextStep: number | null;
}

/** Steps of a trial's recorded points. */
export function curveSteps(workspace: string, trialId: string): Promise<number[]> {
  return asked(workspace, async (client) => {
    const steps: number[] = [];
    let afterStep: number | null = 0;
    while (afterStep !== null) {
      const page: CurvePage = await client.request(trialCurve, { trialId, afterStep, limit: 5000 });
      steps.push(...page.points.map(({ step }) => step));
      afterStep = page.nextStep;
    }
    return steps;
  });
}

/** The largest step that any trial of the newest race has reached. */
export async function progress(workspace: string): Promise<number> {
  const { trials } = await newestRace(workspace);
  return Math.max(0, ...Object.values(trials).map(({ step }) => step));
}

/** Asks until the answer fits. @throws {Error} with the last answer after `timeoutMs` */
export async function until<T>(
  what: string,
  ask: () => Promise<T> | T,
  fits: (answer: T) => boolean,
  timeoutMs = 20_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  while (true) {
    const answer = await ask();
    if (fits(answer)) return answer;
    if (Date.now() > deadline) throw new Error(`${what} did not come; last: ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
