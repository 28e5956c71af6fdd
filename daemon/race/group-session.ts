/**
 * A group from its start to the moment when every lane has an outcome, over as many attempts as that takes: crashes,
 * pauses, lost checkpoints and lanes taken away by the user included. Outcomes depend on none of these.
 */
import { dirname } from "node:path";
import type { RaceState, TrialState } from "../protocol/state.ts";
import { readRace, readResult } from "../store/queries.ts";
import type { LaneJob } from "../train/messages.ts";
import type { LaneOutcome } from "./commit.ts";
import type { RunnerContext } from "./context.ts";
import { type LaneReport, type RunEnd, runAttempt } from "./group-run.ts";
import { prepareJobs } from "./jobs.ts";
import type { RacePlan } from "./plan.ts";
import type { TrainerCare } from "./trainer-care.ts";
import type { TrainerLink } from "./trainer-link.ts";
import { describeExit } from "./trainer-process.ts";

/** Attempts in a row without any new event after which the trainer counts as failed. */
const maxIdleAttempts = 3;

export class GroupSession {
  readonly groupId: string;
  /** By trial; filled as lanes finish. */
  readonly outcomes = new Map<string, LaneOutcome>();
  readonly #raceId: string;
  readonly #plan: RacePlan;
  readonly #context: RunnerContext;
  readonly #care: TrainerCare;
  #idleAttempts = 0;
  /** Lanes of the attempt under way, and the way to speak to it. */
  #attempt: { readonly jobs: readonly LaneJob[]; readonly pause: (trialIds: readonly string[]) => void } | null = null;

  constructor(raceId: string, groupId: string, plan: RacePlan, context: RunnerContext, care: TrainerCare) {
    this.#raceId = raceId;
    this.groupId = groupId;
    this.#plan = plan;
    this.#context = context;
    this.#care = care;
  }

  get #state(): RaceState {
    return this.#context.store.state(this.#raceId);
  }

  /** Lanes that still have to run: neither done nor taken away. */
  #remaining(): string[] {
    const { group, trials } = this.#state;
    if (group?.groupId !== this.groupId) return [];
    return group.trialIds.filter((id) => {
      const trial = trials[id];
      return trial !== undefined && trial.job !== null && !trial.held && !this.outcomes.has(id);
    });
  }

  /** True when every lane has its outcome; false when `isWanted` turned false before. */
  async run(isWanted: () => boolean): Promise<boolean> {
    while (isWanted()) {
      const remaining = this.#remaining();
      if (remaining.length === 0) return true;
      const ready = await this.#care.acquire(isWanted);
      if (ready === null) continue;
      const limit = Math.min(ready.preferredLanes, this.#care.laneLimit);
      await this.#attemptOnce(remaining.slice(0, Math.max(1, limit)), ready.link, isWanted);
    }
    return this.#remaining().length === 0;
  }

  async #attemptOnce(trialIds: readonly string[], link: TrainerLink, isWanted: () => boolean): Promise<void> {
    const { store, files, supervisor } = this.#context;
    const prepared = await prepareJobs(this.#state, trialIds, (trial) => this.#spec(trial), files);
    if (prepared.drafts.length > 0) await store.append(this.#raceId, prepared.drafts);
    const { path } = await readRace(store.db, this.#raceId);
    // From here to the send nothing is awaited: what the user takes away now is not in the list.
    const wanted = new Set(this.#remaining());
    const jobs = prepared.jobs.filter((job) => wanted.has(job.trialId));
    if (jobs.length === 0 || !isWanted()) return;
    const comparisons: Promise<void>[] = [];
    const before = store.headSeq;
    this.#attempt = {
      jobs,
      pause: (ids) => void link.send({ kind: "pause-lanes", groupId: this.groupId, trialIds: ids }),
    };
    const end = await runAttempt({
      store,
      files,
      raceId: this.#raceId,
      link,
      silenceMs: supervisor.options.silenceMs,
      command: {
        kind: "run-group",
        groupId: this.groupId,
        raceFolder: dirname(path),
        corpus: this.#state.corpusPin,
        jobs,
        reportEvery: this.#plan.reportEvery,
        checkpointEverySec: this.#plan.checkpointEverySec,
      },
      onLane: (job, report) => comparisons.push(this.#onLane(job, report)),
      onProgress: () => this.#care.progress(),
    });
    this.#attempt = null;
    await Promise.all(comparisons);
    if (end.kind !== "done") await this.#onFailure(end, jobs, link, isWanted);
    else if (isWanted()) await this.#checkIdle(before, jobs.length);
  }

  /** A lane may come back at once when a pause crossed a resume; a trainer that always does so is broken. */
  async #checkIdle(headSeqBefore: number, lanes: number): Promise<void> {
    const idle = this.#context.store.headSeq === headSeqBefore && this.#remaining().length > 0;
    this.#idleAttempts = idle ? this.#idleAttempts + 1 : 0;
    if (this.#idleAttempts < maxIdleAttempts) return;
    this.#idleAttempts = 0;
    await this.#care.failed("trainer.idle", "it reports groups as done that it has not trained", lanes);
  }

  #spec(trial: TrialState) {
    return this.#plan.trial(trial.number).spec;
  }

  async #onLane(job: LaneJob, report: LaneReport): Promise<void> {
    const trial = this.#state.trials[job.trialId];
    if (trial === undefined || trial.job === null) return;
    if (report.kind === "diverged") {
      this.outcomes.set(job.trialId, { step: report.step, outcome: { kind: "diverged", step: report.step } });
      return;
    }
    if (job.toStep < trial.job.toStep) {
      await this.#compareRepeated(trial, job.toStep, report.evaluation);
      return;
    }
    const { evaluation, checkpoint } = report;
    this.outcomes.set(job.trialId, { step: checkpoint.step, outcome: { kind: "finished", evaluation, checkpoint } });
  }

  /** A rung that is walked again must give the value that it gave the first time. */
  async #compareRepeated(
    trial: TrialState,
    step: number,
    found: { readonly valBpb: number; readonly nllNats: number },
  ): Promise<void> {
    const { store } = this.#context;
    const rung = this.#state.rungs.findIndex((candidate) => candidate.steps === step);
    const stored = await readResult(store.db, trial.trialId, rung);
    if (stored === undefined || (stored.valBpb === found.valBpb && stored.nllNats === found.nllNats)) return;
    await store.append(this.#raceId, [
      {
        kind: "replay-mismatch",
        trialId: trial.trialId,
        step,
        what: "rung-result",
        stored: { valBpb: stored.valBpb, nllNats: stored.nllNats },
        reported: { valBpb: found.valBpb, nllNats: found.nllNats },
      },
    ]);
  }

  async #onFailure(
    end: Exclude<RunEnd, { kind: "done" }>,
    jobs: readonly LaneJob[],
    link: TrainerLink,
    isWanted: () => boolean,
  ): Promise<void> {
    switch (end.kind) {
      case "exited":
        if (isWanted()) await this.#care.failed("trainer.crashed", describeExit(end.exit), jobs.length);
        else await this.#care.exited("");
        return;
      case "silent":
        link.kill();
        await link.exited;
        if (isWanted()) await this.#onSilence(jobs.length);
        else await this.#care.exited("");
        return;
      case "corpus-changed":
        link.kill();
        await link.exited;
        await this.#care.failRace(
          "corpus.changed",
          `Expected SHA-256 ${end.expected.slice(0, 12)}, found ${end.found.slice(0, 12)}.`,
        );
        return;
      case "failed":
        await this.#onGroupFailed(end, jobs, link);
        return;
    }
  }

  /** A stopped process or a hung driver: only another process goes on, from the checkpoints. */
  async #onSilence(lanes: number): Promise<void> {
    const seconds = this.#context.supervisor.options.silenceMs / 1000;
    const message = `It reported nothing for ${seconds} s and was ended; the work goes on from the last checkpoints.`;
    await this.#care.notice("trainer.silent", message, null);
    await this.#care.failed("trainer.silent", message, lanes);
  }

  async #onGroupFailed(
    { code, message, retry, trialId }: Extract<RunEnd, { kind: "failed" }>,
    jobs: readonly LaneJob[],
    link: TrainerLink,
  ): Promise<void> {
    if (isOfRace(code)) {
      // No trial of the race could run: the corpus is the race's, not the trial's.
      await this.#care.failRace(code, message);
      return;
    }
    if (retry || (code.endsWith("out-of-memory") && jobs.length > 1)) {
      // A fresh process is the cleanest way out of a lost device.
      link.kill();
      await link.exited;
      await this.#care.failed(code, message, jobs.length);
      return;
    }
    await this.#care.notice("trial.group-failed", `${code}: ${message}`, trialId);
    for (const job of jobs) {
      if (trialId !== null && job.trialId !== trialId) continue;
      const step = job.from?.step ?? 0;
      if (!this.outcomes.has(job.trialId))
        this.outcomes.set(job.trialId, { step, outcome: { kind: "failed", code, message } });
    }
  }

  /** Asks the trainer to give lanes back at the next chunk border. */
  pauseLanes(trialIds: readonly string[] | "all"): void {
    const attempt = this.#attempt;
    if (attempt === null) return;
    const running = attempt.jobs.map((job) => job.trialId);
    const asked = trialIds === "all" ? running : running.filter((id) => trialIds.includes(id));
    if (asked.length > 0) attempt.pause(asked);
  }
}

/** A corpus that is missing, leaks or has changed stops every trial; a context too long for it stops its own trial. */
function isOfRace(code: string): boolean {
  return code === "corpus.changed" || (code.startsWith("data.") && code !== "data.split-too-short");
}
