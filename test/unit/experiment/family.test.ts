/** Asked again and again, a useless lever survives some day: what was registered on it before takes its share of alpha. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { tagCorpus } from "../../../daemon/data/tag.ts";
import { leverRegistrationSchema } from "../../../daemon/evidence/lever-registration.ts";
import { type Lab, Stopped, type TrainedTrial } from "../../../daemon/experiment/lab.ts";
import { Records } from "../../../daemon/experiment/records.ts";
import { ExperimentService } from "../../../daemon/experiment/service.ts";
import type { Experiment } from "../../../daemon/protocol/experiments.ts";
import { planRace } from "../../../daemon/race/config-plan.ts";
import { takeLock } from "../../../daemon/store/lock.ts";
import { syntheticCorpus } from "../../fixtures/specs.ts";
import { raceFileOf } from "./support.ts";

const corpus = syntheticCorpus(6000);
const { sha256 } = tagCorpus("text", corpus, "config path");
let workspace: string;
let service: ExperimentService;
let told: Experiment[];
/** The user stops what is running before its first trial is over. */
let isStopped: boolean;
beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), "igla-family-"));
  told = [];
  isStopped = false;
  let clock = Date.UTC(2026, 0, 1);
  service = new ExperimentService({
    workspace,
    records: new Records(workspace, takeLock),
    lab: () => lab,
    locate: () => Promise.reject(new Error("pinned")),
    now: () => (clock += 1000),
    codeVersion: "1.2.3",
    sourceSha256: "7e57".repeat(16),
    onChange: (experiment) => told.push(experiment),
  });
  writeFileSync(join(workspace, "text.txt"), corpus);
});
afterEach(() => rmSync(workspace, { recursive: true, force: true, maxRetries: 5 }));

/** relu2 gains 0.01 to 0.03 BPB, softcap nothing certain. */
const lab: Lab = {
  train: async ({ text, onStart }) => {
    const { rules, trial } = planRace(text, "x.igla.toml", null);
    onStart("r1");
    if (isStopped) throw new Stopped("stopped by the user");
    const trials = Array.from({ length: rules.maxTrials }, (_, i): TrainedTrial => {
      const { spec } = trial(i);
      const gain = spec.levers.relu2 === undefined ? 0 : 0.02 + (spec.seed % 3) / 1000;
      const valBpb = 2 + (spec.seed % 7) / 100 - gain + (spec.levers.softcap === undefined ? 0 : (spec.seed % 2) / 50);
      const weights = async () => new Map([["w", Float32Array.of(valBpb)]]);
      return { spec, end: "finished", code: "", message: "", valBpb, losses: [valBpb], seconds: 2, weights };
    });
    return { raceId: "r1", corpusSha256: sha256, devices: ["a device"], replayMismatches: 0, trials };
  },
};

type Wish = Partial<Parameters<ExperimentService["start"]>[0]>;
const wishOf = (changes: Wish) => ({
  configText: raceFileOf(),
  path: "lab.igla.toml",
  lever: "relu2",
  seeds: 4,
  corpus: { path: "text.txt", sha256, name: "text", origin: "config path" as const },
  ...changes,
});

async function run(changes: Wish = {}): Promise<Experiment> {
  told = [];
  await service.start(wishOf(changes));
  const ended = () => told.find(({ status }) => status !== "running");
  await expect.poll(ended, { timeout: 20_000 }).toBeDefined();
  // The next one may start when the service has put this one away.
  await setImmediate();
  return ended() as Experiment;
}

async function abandon(changes: Wish = {}): Promise<Experiment> {
  isStopped = true;
  const stopped = await run(changes);
  isStopped = false;
  expect(stopped.status).toBe("stopped");
  return stopped;
}

const folder = () => join(workspace, "assertions", "prereg");
const registrationOf = ({ experimentId }: Experiment) =>
  leverRegistrationSchema.parse(JSON.parse(readFileSync(join(folder(), `${experimentId.slice(0, 12)}.json`), "utf8")));

it("the k-th registration on a lever and its arms has a k-th of alpha, whatever its seeds, claim and length", async () => {
  const others: Wish[] = [{}, { seeds: 5 }, { seeds: [100, 101, 102] }, { claim: 0.001 }, { steps: 50 }, {}];
  for (const [before, change] of others.entries()) {
    const plan = await service.plan(wishOf(change));
    expect(plan).toMatchObject({ alpha: 0.01, hypotheses: before + 1, undecided: 0 });
    const ended = await run(change);
    expect(registrationOf(ended)).toMatchObject({ alpha: 0.01, hypotheses: before + 1 });
    expect(ended.verdict?.level).toBeCloseTo(1 - 0.01 / (before + 1), 12);
    const reasons = ended.verdict?.reasons.filter((reason) => reason.includes("registration")) ?? [];
    expect(reasons.join(" ")).toContain(before === 0 ? "" : `registration ${before + 1} on this lever`);
    expect(reasons).toHaveLength(before === 0 ? 0 : 1);
  }
});

it("other levers and other arms have an alpha of their own", async () => {
  await run();
  expect((await service.plan(wishOf({ lever: "softcap" }))).hypotheses).toBe(1);
  expect((await service.plan(wishOf({ configText: raceFileOf("[levers.softcap]") }))).hypotheses).toBe(1);
  expect((await service.plan(wishOf({}))).hypotheses).toBe(2);
});

it("stopped because it looked bad and started with other seeds: it counts, and the verdict says so", async () => {
  await abandon();
  const other = wishOf({ seeds: [100, 101, 102, 103] });
  expect(await service.plan(other)).toMatchObject({ hypotheses: 2, undecided: 1 });
  const { verdict } = await run(other);
  expect(verdict?.level).toBeCloseTo(0.995, 12);
  expect(verdict?.reasons).toContain(
    "1 other registration on them has no verdict: it was given up, or is still to be finished.",
  );
});

it("stopped and started again it is the same registration, with the alpha that it had", async () => {
  const stopped = await abandon();
  await run({ seeds: 5 });
  expect(await service.plan(wishOf({}))).toMatchObject({ hypotheses: 1, undecided: 0 });
  const ended = await run();
  expect(ended.experimentId).toBe(stopped.experimentId);
  expect(ended.verdict?.level).toBeCloseTo(0.99, 12);
});

it("a registration that was edited counts, and so does a verdict whose registration is gone", async () => {
  const decided = await run();
  unlinkSync(join(folder(), `${decided.experimentId.slice(0, 12)}.json`));
  const open = await abandon({ seeds: 5 });
  const file = join(folder(), `${open.experimentId.slice(0, 12)}.json`);
  writeFileSync(file, readFileSync(file, "utf8").replace('"alpha":0.01', '"alpha":0.4'));
  expect(readdirSync(folder())).toHaveLength(1);
  expect(await service.plan(wishOf({ seeds: 5 }))).toMatchObject({ hypotheses: 3, undecided: 1 });
});

it("what the plan says it finds is what is left of alpha", async () => {
  const first = await service.plan(wishOf({}));
  await run();
  expect((await service.plan(wishOf({}))).largestDeviation).toBeLessThan(first.largestDeviation);
});
