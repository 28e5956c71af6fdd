/** Experiments of a workspace: planned, registered, run one at a time, told to every client. */
import { relative, resolve } from "node:path";
import { armHash, armsOf } from "../config/arms.ts";
import { parseRaceFile } from "../config/parse.ts";
import type { RaceConfig } from "../config/race-config.ts";
import type { LocatedCorpus } from "../data/locate.ts";
import { pinOf } from "../data/pinned.ts";
import type { Splits } from "../data/splits.ts";
import { floorOf } from "../evidence/floors.ts";
import type { VerdictRow } from "../evidence/ledger/row.ts";
import type { LeverRegistration } from "../evidence/lever-registration.ts";
import { familyReasons } from "../evidence/lever-verdict.ts";
import { levers } from "../levers/registry.ts";
import { IglaError, toIglaError } from "../protocol/errors.ts";
import type { CorpusPin } from "../protocol/events.ts";
import type { Experiment, ExperimentDesign, LeverVerdict } from "../protocol/experiments.ts";
import { type BoundRequest, bindRequest, type ParamsOf } from "../protocol/request.ts";
import {
  experimentVerdicts,
  listExperiments,
  listLevers,
  planExperiment,
  startExperiment,
  stopExperiment,
} from "../protocol/requests.ts";
import { badConfig } from "../race/config-plan.ts";
import { experimentCorpus, type Locate } from "./corpus.ts";
import { type Design, describeDesign, designExperiment, type Experience, inFamily, spending } from "./design.ts";
import { runExperiment, totalSteps } from "./experiment.ts";
import { type Lab, Stopped } from "./lab.ts";
import { leverEntries } from "./lever-entries.ts";
import type { Question, Records } from "./records.ts";

type Wish = ParamsOf<typeof startExperiment>;

export interface ExperimentServiceOptions {
  /** Absolute. */
  readonly workspace: string;
  readonly records: Records;
  /** @param path absolute path of the race file */
  readonly lab: (path: string, corpus: CorpusPin) => Lab;
  /** For experiments whose client has pinned no corpus. */
  readonly locate: Locate;
  readonly now: () => number;
  readonly codeVersion: string;
  /** Of the sources that this was built from, hex. */
  readonly sourceSha256: string;
  readonly onChange: (experiment: Experiment) => void;
}

interface Planned {
  readonly path: string;
  readonly config: RaceConfig;
  readonly design: Design;
  readonly located: LocatedCorpus;
  readonly splits: Splits;
  readonly question: Question;
  /** The same question, registered before and not answered yet. */
  readonly open: { readonly id: string; readonly registration: LeverRegistration } | null;
  /** Other registrations on its lever and arms that have no verdict. */
  readonly undecided: number;
}

interface Running {
  readonly aborter: AbortController;
  readonly done: Promise<void>;
}

export class ExperimentService {
  readonly #options: ExperimentServiceOptions;
  readonly #experiments = new Map<string, Experiment>();
  #running: Running | null = null;
  #isStarting = false;

  constructor(options: ExperimentServiceOptions) {
    this.#options = options;
  }

  requests(): readonly BoundRequest[] {
    return [
      bindRequest(planExperiment, (wish) => this.plan(wish)),
      bindRequest(startExperiment, (wish) => this.start(wish)),
      bindRequest(stopExperiment, async ({ experimentId }) => this.stop(experimentId)),
      bindRequest(listExperiments, async () => ({ experiments: [...this.#experiments.values()] })),
      bindRequest(experimentVerdicts, () => this.#options.records.recorded()),
      bindRequest(listLevers, async () => ({ levers: leverEntries(levers) })),
    ];
  }

  /** @throws {IglaError} the codes of `experiment/plan` */
  async plan(wish: Wish): Promise<ExperimentDesign> {
    const { design, located, undecided } = await this.#planned(wish);
    return describeDesign(design, pinOf(located), { ...(await this.#experience(design)), undecided });
  }

  /** @throws {IglaError} the codes of `experiment/start` */
  async start(wish: Wish): Promise<Experiment> {
    if (this.#running !== null || this.#isStarting) throw new IglaError("experiment.busy");
    this.#isStarting = true;
    try {
      const planned = await this.#planned(wish);
      const { question, design, open } = planned;
      const { hypotheses } = design;
      const registration = open?.registration ?? { ...question, hypotheses, registeredAt: this.#options.now() };
      const experimentId = open?.id ?? (await this.#options.records.register(registration));
      return this.#begin(planned, registration, experimentId);
    } finally {
      this.#isStarting = false;
    }
  }

  /** @throws {IglaError} `experiment.not-found` */
  async stop(experimentId: string): Promise<Experiment> {
    const known = this.#experiments.get(experimentId);
    if (known === undefined) throw new IglaError("experiment.not-found", experimentId);
    if (known.status === "running") {
      this.#running?.aborter.abort();
      await this.#running?.done;
    }
    return this.#experiments.get(experimentId) ?? known;
  }

  #begin(
    { design, located, splits, path, config }: Planned,
    registration: LeverRegistration,
    experimentId: string,
  ): Experiment {
    const aborter = new AbortController();
    const first: Experiment = {
      experimentId,
      lever: design.arms.lever.id,
      path,
      claim: design.claim,
      seeds: [...design.seeds],
      status: "running",
      phase: "Starting",
      doneSteps: 0,
      totalSteps: totalSteps(design),
      raceIds: [],
      startedAt: this.#options.now(),
      verdict: null,
      failure: null,
    };
    const change = (part: Partial<Experiment>): void => {
      const next = { ...(this.#experiments.get(experimentId) ?? first), ...part };
      this.#experiments.set(experimentId, next);
      this.#options.onChange(next);
    };
    change(first);
    const { tag, bytes } = located;
    const run = async (): Promise<void> => {
      const verdict = await runExperiment({
        design,
        registration,
        shortId: experimentId.slice(0, 8),
        corpus: {
          sha256: tag.sha256,
          bytes: bytes.length,
          splits,
        },
        floorBpb: floorOf(tag.sha256),
        lab: this.#options.lab(path, pinOf(located)),
        racing: {
          reportEvery: config.reportEverySteps,
          checkpointEverySec: config.checkpointEverySec,
          lanes: config.lanes,
        },
        signal: aborter.signal,
        onState: ({ phase, doneSteps, raceIds }) => change({ phase, doneSteps, raceIds: [...raceIds] }),
      });
      const told = await this.#withFamily(verdict, registration, experimentId);
      await this.#options.records.conclude(this.#row(registration, experimentId, path, tag.name, told));
      change({ status: "decided", phase: "Decided", verdict: told });
    };
    const done = run()
      .catch((error: unknown) => {
        if (error instanceof Stopped) return change({ status: "stopped", phase: "Stopped" });
        const { code, message } = toIglaError(error);
        return change({ status: "failed", phase: "Failed", failure: { code, message } });
      })
      .finally(() => {
        this.#running = null;
      });
    this.#running = { aborter, done };
    return this.#experiments.get(experimentId) ?? first;
  }

  async #planned(wish: Wish): Promise<Planned> {
    const path = resolve(this.#options.workspace, wish.path);
    const parsed = parseRaceFile(wish.configText, path, levers);
    if (!parsed.ok) throw badConfig(parsed.errors, path);
    const { config } = parsed;
    const { workspace, locate } = this.#options;
    const pin = wish.corpus && { ...wish.corpus, path: resolve(workspace, wish.corpus.path) };
    const { located, splits } = await experimentCorpus(pin, config, path, locate);
    const size = { bytes: located.bytes.length, splits };
    const design = designExperiment(config, levers, wish, size, await this.#speeds(config, wish));
    const question = this.#questionOf({ design, located, config });
    const { records } = this.#options;
    const open = await records.unfinished(question);
    const { registered, undecided } = await records.family(question);
    const hypotheses = open?.registration.hypotheses ?? registered.length + 1;
    const others = undecided.filter((id) => id !== open?.id.slice(0, 12)).length;
    return { path, config, design: inFamily(design, hypotheses), located, splits, question, open, undecided: others };
  }

  /** Whoever reads the verdict has to know what else was tried. */
  async #withFamily(verdict: LeverVerdict, registration: LeverRegistration, id: string): Promise<LeverVerdict> {
    const { undecided } = await this.#options.records.family(registration);
    const others = undecided.filter((each) => each !== id.slice(0, 12)).length;
    return { ...verdict, reasons: [...verdict.reasons, ...familyReasons(registration, others)] };
  }

  /** Steps in a second of both arms, from the last experiment on them; equal time cannot be planned without. */
  async #speeds(config: RaceConfig, { lever, equal }: Wish): Promise<{ off: number; on: number } | null> {
    if (equal !== "time") return null;
    const arms = armsOf(config, lever, levers);
    const [off, on] = [armHash(arms.off), armHash(arms.on)];
    const alike = (await this.#options.records.verdicts()).filter(
      ({ row }) => row.arms.off === off && row.arms.on === on,
    );
    for (const { row } of alike.toReversed()) {
      const timed = row.outcome.arms;
      if (!timed?.off.seconds || !timed.on.seconds) continue;
      return { off: timed.off.steps / timed.off.seconds, on: timed.on.steps / timed.on.seconds };
    }
    const detail =
      "The speeds of both arms are not known yet: run the experiment at equal steps once, then at equal time.";
    throw new IglaError("experiment.bad-design", detail);
  }

  #questionOf({ design, located, config }: Pick<Planned, "design" | "located" | "config">): Question {
    const { arms, claim, seeds, steps, equal } = design;
    const { data } = config.base;
    return {
      kind: "lever",
      hypothesis: `${arms.lever.hypothesis} It lowers validation BPB by at least ${claim}. Refuted when the upper limit of the gain lies below.`,
      lever: arms.lever.id,
      settings: { ...arms.settings },
      metric: "val_bpb",
      claim,
      claimSource: design.claimSource,
      corpusSha256: located.tag.sha256,
      split: data.split,
      protocol: data.protocol,
      seeds: [...seeds],
      looks: [...design.looks],
      spending,
      alpha: design.alpha,
      power: design.power,
      test: "paired-t",
      stopRule: "After the first look with a verdict, and after the last one in any case.",
      equal,
      steps: { ...steps },
      arms: { off: armHash(arms.off), on: armHash(arms.on) },
      codeVersion: this.#options.sourceSha256,
      amends: null,
    };
  }

  #row(
    registration: LeverRegistration,
    experimentId: string,
    path: string,
    corpusName: string,
    outcome: LeverVerdict,
  ): VerdictRow {
    const { workspace, now, codeVersion, sourceSha256 } = this.#options;
    return {
      kind: "lever-verdict",
      ts: new Date(now()).toISOString(),
      agent: `igla ${codeVersion}`,
      lever: registration.lever,
      sha: sourceSha256,
      corpus: `${corpusName} ${registration.corpusSha256.slice(0, 12)}`,
      protocol: registration.protocol,
      prereg: experimentId,
      race: relative(workspace, path).replaceAll("\\", "/"),
      arms: registration.arms,
      outcome,
    };
  }

  /** What earlier experiments on the same baseline and length say of noise and speed. */
  async #experience(design: Design): Promise<Omit<Experience, "undecided">> {
    const off = armHash(design.arms.off);
    const alike = (await this.#options.records.verdicts())
      .map(({ row }) => row)
      .filter(({ arms, outcome }) => arms.off === off && outcome.arms?.off.steps === design.steps.off);
    const same = alike.filter(({ lever }) => lever === design.arms.lever.id);
    const measured = (same.length > 0 ? same : alike).map(({ outcome }) => outcome);
    const deviation = measured.findLast((one) => one.deviation !== null)?.deviation ?? null;
    const timed = measured.findLast((one) => one.arms?.off.seconds != null)?.arms?.off;
    return { deviation, stepsPerSec: timed?.seconds ? timed.steps / timed.seconds : null };
  }
}
