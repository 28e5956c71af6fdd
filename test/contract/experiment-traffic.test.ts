/**
 * What an experiment says over the wire, from the plan to the verdict, against a recorded conversation. A change of the
 * protocol shows here as a changed line. `IGLA_RECORD=1 vitest run test/contract/experiment-traffic.test.ts` records anew.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { tagCorpus } from "../../daemon/data/tag.ts";
import type { Lab, TrainedTrial } from "../../daemon/experiment/lab.ts";
import { Records } from "../../daemon/experiment/records.ts";
import { ExperimentService } from "../../daemon/experiment/service.ts";
import { experimentChanged } from "../../daemon/protocol/requests.ts";
import { planRace } from "../../daemon/race/config-plan.ts";
import { takeLock } from "../../daemon/store/lock.ts";
import { syntheticCorpus } from "../fixtures/specs.ts";
import { raceFileOf } from "../unit/experiment/support.ts";

const recording = new URL("../fixtures/experiment-traffic.jsonl", import.meta.url);
const workspace = mkdtempSync(join(tmpdir(), "igla-traffic-"));
afterEach(() => rmSync(workspace, { recursive: true, force: true, maxRetries: 5 }));

const corpus = syntheticCorpus(6000);
const corpusFile = join(workspace, "text.txt");
const { sha256 } = tagCorpus("text", corpus, "config path");

/** Until then trials stand still, so that what is asked meanwhile meets a running experiment. */
const released = Promise.withResolvers<void>();
/** Numbers as planned: relu2 gains about 0.02 BPB on every seed. */
const lab: Lab = {
  train: async ({ text, onStart, onProgress }) => {
    const { rules, trial } = planRace(text, "x.igla.toml", null);
    const specs = Array.from({ length: rules.maxTrials }, (_, i) => trial(i).spec);
    onStart(specs.length === 2 ? "r1" : "r2");
    await released.promise;
    onProgress(specs.reduce((sum, { schedule }) => sum + schedule.steps, 0));
    const trials = specs.map((spec): TrainedTrial => {
      const gain = spec.levers.relu2 === undefined ? 0 : 0.02 + (spec.seed % 3) / 1000;
      const valBpb = 2 + (spec.seed % 7) / 100 - gain;
      const weights = async () => new Map([["w", Float32Array.of(valBpb)]]);
      return { spec, end: "finished", code: "", message: "", valBpb, losses: [valBpb], seconds: 2, weights };
    });
    return {
      raceId: specs.length === 2 ? "r1" : "r2",
      corpusSha256: sha256,
      devices: ["a device"],
      replayMismatches: 0,
      trials,
    };
  },
};

it("the conversation is the recorded one", async () => {
  writeFileSync(corpusFile, corpus);
  // Notifications come between the answers wherever they fall; each of the two keeps its order.
  const asked: string[] = [];
  const told: string[] = [];
  const say = (lines: string[], who: string, name: string, content: unknown): void => {
    const text = JSON.stringify({ [who]: name, content });
    lines.push(text.replaceAll(JSON.stringify(workspace).slice(1, -1), "WORKSPACE").replaceAll("\\\\", "/"));
  };
  let clock = Date.UTC(2026, 0, 1);
  const service = new ExperimentService({
    workspace,
    records: new Records(workspace, takeLock),
    lab: () => lab,
    locate: () => Promise.reject(new Error("the client has pinned it")),
    now: () => (clock += 1000),
    codeVersion: "1.2.3",
    sourceSha256: "7e57".repeat(16),
    onChange: (experiment) => say(told, "daemon tells", experimentChanged.name, experiment),
  });
  const ask = async (name: string, params: Record<string, unknown>): Promise<unknown> => {
    const request = service.requests().find(({ definition }) => definition.name === name);
    say(asked, "client asks", name, params);
    const answer = await request?.answer(params).catch((error: Error) => ({ error: error.message }));
    say(asked, "daemon answers", name, answer);
    return answer;
  };
  const pin = { path: corpusFile, sha256, name: "text", origin: "config path" };
  const wish = { configText: raceFileOf(), path: "lab.igla.toml", lever: "relu2", seeds: 3, corpus: pin };
  await ask("experiment/plan", wish);
  await ask("experiment/plan", { ...wish, lever: "no-such" });
  await ask("experiment/start", wish);
  await ask("experiment/start", wish);
  released.resolve();
  const isOver = () => told.some((line) => line.includes('"status":"decided"') || line.includes('"status":"failed"'));
  await expect.poll(isOver, { timeout: 20_000 }).toBe(true);
  await ask("experiment/list", {});
  await ask("experiment/stop", { experimentId: "nobody" });
  await ask("experiment/verdicts", {});
  const lines = [...asked, ...told];
  if (process.env.IGLA_RECORD === "1") writeFileSync(recording, `${lines.join("\n")}\n`);
  expect(lines).toEqual(readFileSync(recording, "utf8").trimEnd().split("\n"));
});
