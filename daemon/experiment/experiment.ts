/**
 * One experiment from registration to verdict: the lever is alive, then pairs of arms at each look, then what they say.
 * Whatever happens in between, a verdict is only ever that of the registered rules on the registered seeds.
 */
import { type ArmName, armSpec } from "../config/arms.ts";
import { configHash } from "../config/race-config.ts";
import type { Splits } from "../data/splits.ts";
import { sizeOf } from "../engine/graph/tensor.ts";
import type { LeverRegistration } from "../evidence/lever-registration.ts";
import { type Judged, judgeLever, lookLevels, sharedAlpha } from "../evidence/lever-verdict.ts";
import { IglaError } from "../protocol/errors.ts";
import { experimentRaceName } from "../protocol/experiment-race.ts";
import type { LeverVerdict } from "../protocol/experiments.ts";
import type { TrialSpec } from "../protocol/trial.ts";
import { type ResolvedTrial, resolveTrial } from "../train/plan.ts";
import { buildTrainProgram } from "../train/program.ts";
import type { Design } from "./design.ts";
import type { Lab, TrainedRace, TrainedTrial } from "./lab.ts";
import { deadBecause, livenessSteps, type ProbedArm, shortened } from "./liveness.ts";
import { type ArmRace, raceText } from "./race-text.ts";

export interface ExperimentRun {
  readonly design: Design;
  readonly registration: LeverRegistration;
  /** First digits of the registration's id: part of the names of its races. */
  readonly shortId: string;
  readonly corpus: { readonly sha256: string; readonly bytes: number; readonly splits: Splits };
  /** BPB that no honest model of the corpus reaches; null: not known. */
  readonly floorBpb: number | null;
  readonly lab: Lab;
  readonly racing: { readonly reportEvery: number; readonly checkpointEverySec: number; readonly lanes: number | null };
  readonly signal: AbortSignal;
  readonly onState: (state: ExperimentProgress) => void;
}

export interface ExperimentProgress {
  readonly phase: string;
  readonly doneSteps: number;
  readonly raceIds: readonly string[];
}

/** @throws {IglaError} what the lab throws, `experiment.trial-failed`; {Stopped} */
export async function runExperiment(run: ExperimentRun): Promise<LeverVerdict> {
  return new Experiment(run).verdict();
}

/** Steps of all that an experiment may train. */
export function totalSteps({ seeds, steps }: Design): number {
  return 2 * livenessSteps + seeds.length * (steps.off + steps.on);
}

const arms: readonly ArmName[] = ["off", "on"];

class Experiment {
  readonly #run: ExperimentRun;
  readonly #raceIds: string[] = [];
  readonly #seconds: Record<ArmName, number[]> = { off: [], on: [] };
  readonly #devices = new Set<string>();
  #doneSteps = 0;

  constructor(run: ExperimentRun) {
    this.#run = run;
  }

  async verdict(): Promise<LeverVerdict> {
    const { design, registration } = this.#run;
    const dead = await this.#probe();
    if (dead !== null) return this.#ended("dead-lever", dead);
    const rules = { ...registration, alpha: sharedAlpha(registration) };
    const levels = lookLevels(rules);
    if (!levels.ok) throw new IglaError("experiment.bad-design", levels.message);
    const pairs: LeverVerdict["pairs"] = [];
    for (const [look, sideAlpha] of levels.value.entries()) {
      const seeds = design.seeds.slice(pairs.length, design.looks[look]);
      const found = await this.#pairs(seeds, look);
      if ("invalid" in found) return { ...this.#ended("invalid", found.invalid), pairs: [...pairs, ...found.pairs] };
      pairs.push(...found.pairs);
      const judged = judgeLever(rules, look, sideAlpha, pairs);
      if (judged.verdict !== null) return this.#reviewed({ ...judged, verdict: judged.verdict });
    }
    throw new Error("the last look has a verdict");
  }

  /** Why the lever is dead; null: it acts. */
  async #probe(): Promise<string | null> {
    const { design, shortId } = this.#run;
    const { arms: pair } = design;
    const [seed = 0] = design.seeds;
    const race = await this.#train("Is the lever alive?", {
      name: experimentRaceName(pair.lever.id, shortId, "alive"),
      base: shortened(pair.off),
      toggled: { lever: pair.lever.id, settings: pair.settings },
      seeds: [seed],
      steps: livenessSteps,
      reportEvery: 1,
    });
    const probed: Partial<Record<ArmName, ProbedArm>> = {};
    for (const arm of arms) {
      const resolved = resolveTrial(armSpec(shortened(pair[arm]), seed, livenessSteps));
      const trial = this.#trialOf(race, resolved.spec);
      if (trial.end === "failed" && trial.code === "engine.no-gradient") return trial.message;
      this.#refuseFailed(trial);
      // A diverged trial has no checkpoint; that it diverges is something that the lever does.
      if (trial.end === "diverged") return null;
      const before = initialValues(resolved, this.#run.corpus);
      const { schedule } = resolved.plan;
      probed[arm] = { losses: trial.losses, valBpb: trial.valBpb, before, after: await trial.weights(), schedule };
    }
    return deadBecause(pair.lever.id, probed.off as ProbedArm, probed.on as ProbedArm);
  }

  async #pairs(
    seeds: readonly number[],
    look: number,
  ): Promise<{ readonly pairs: LeverVerdict["pairs"]; readonly invalid?: string }> {
    const { design, shortId, corpus } = this.#run;
    const { lever, settings, off, on } = design.arms;
    const name = experimentRaceName(lever.id, shortId, `look ${look + 1}`);
    const phase =
      design.looks.length === 1 ? "Training the pairs" : `Training for look ${look + 1} of ${design.looks.length}`;
    const { steps } = design;
    const races =
      steps.off === steps.on
        ? [
            await this.#train(phase, {
              name,
              base: off,
              toggled: { lever: lever.id, settings },
              seeds,
              steps: steps.off,
            }),
          ]
        : [
            await this.#train(phase, { name: `${name} off`, base: off, toggled: null, seeds, steps: steps.off }),
            await this.#train(phase, { name: `${name} on`, base: on, toggled: null, seeds, steps: steps.on }),
          ];
    const trained: TrainedRace = { ...(races[0] as TrainedRace), trials: races.flatMap(({ trials }) => trials) };
    const pairs = seeds.map((seed) => ({
      seed,
      off: this.#result(trained, "off", seed),
      on: this.#result(trained, "on", seed),
    }));
    const mismatches = races.reduce((sum, race) => sum + race.replayMismatches, 0);
    if (mismatches > 0) {
      return {
        pairs,
        invalid: `${mismatches} numbers came out differently when they were computed again: this device is not deterministic.`,
      };
    }
    for (const { devices } of races) for (const device of devices) this.#devices.add(device);
    if (this.#devices.size > 1) {
      const named = [...this.#devices].join("; ");
      return {
        pairs,
        invalid: `The pairs were trained on different devices, whose numbers are not comparable: ${named}.`,
      };
    }
    const other = races.find(({ corpusSha256 }) => corpusSha256 !== corpus.sha256);
    if (other !== undefined) {
      return {
        pairs,
        invalid: `The corpus of race ${other.raceId} is not the registered one (${corpus.sha256.slice(0, 12)}).`,
      };
    }
    return { pairs };
  }

  async #train(phase: string, race: Partial<ArmRace> & Omit<ArmRace, "reportEvery" | "checkpointEverySec" | "lanes">) {
    const { lab, racing, registration, signal, onState } = this.#run;
    const before = this.#doneSteps;
    const tell = (steps: number): void => {
      this.#doneSteps = before + steps;
      onState({ phase, doneSteps: this.#doneSteps, raceIds: [...this.#raceIds] });
    };
    tell(0);
    return lab.train({
      text: raceText({ ...racing, ...race }),
      since: registration.registeredAt,
      onStart: (raceId) => {
        this.#raceIds.push(raceId);
        tell(0);
      },
      onProgress: tell,
      signal,
    });
  }

  /** The trial of exactly this description: no other one can take its place. */
  #trialOf(race: TrainedRace, spec: TrialSpec): TrainedTrial {
    const hash = configHash(spec);
    const found = race.trials.find((trial) => configHash(trial.spec) === hash);
    if (found !== undefined) return found;
    const missing = `no trial of seed ${spec.seed} as it was registered`;
    throw new IglaError("experiment.trial-failed", `Race ${race.raceId} has ${missing}.`);
  }

  #result(race: TrainedRace, arm: ArmName, seed: number): number | null {
    const { arms, steps } = this.#run.design;
    const trial = this.#trialOf(race, armSpec(arms[arm], seed, steps[arm]));
    this.#refuseFailed(trial);
    if (trial.seconds !== null) this.#seconds[arm].push(trial.seconds);
    return trial.end === "diverged" ? null : trial.valBpb;
  }

  #refuseFailed({ end, code, message, spec }: TrainedTrial): void {
    if (end === "failed" || end === "interrupted") {
      throw new IglaError("experiment.trial-failed", `Seed ${spec.seed}: ${message || code || end}.`);
    }
  }

  /** A number that is too good takes the verdict away until somebody has looked. */
  #reviewed(verdict: LeverVerdict): LeverVerdict {
    const { floorBpb } = this.#run;
    const full = { ...verdict, arms: this.#arms() };
    const low = verdict.pairs.find(
      ({ off, on }) => floorBpb !== null && Math.min(off ?? Infinity, on ?? Infinity) < floorBpb,
    );
    if (low === undefined) return full;
    const reason = `Seed ${low.seed} is below ${floorBpb} BPB, which no honest model of this corpus reaches: look for a leak.`;
    return { ...full, verdict: "invalid", reasons: [reason, ...verdict.reasons] };
  }

  #ended(verdict: LeverVerdict["verdict"], reason: string): LeverVerdict {
    const { claim } = this.#run.registration;
    const empty: Omit<Judged, "verdict" | "reasons" | "claim"> = {
      gain: null,
      interval: null,
      level: null,
      pairs: [],
      deviation: null,
      minimumDetectableEffect: null,
      seedsNeeded: null,
      arms: null,
    };
    return { ...empty, claim, verdict, reasons: [reason], arms: this.#arms() };
  }

  #arms(): NonNullable<LeverVerdict["arms"]> {
    const { cost, steps } = this.#run.design;
    const of = (arm: ArmName) => {
      const seconds = this.#seconds[arm];
      const meanSeconds = seconds.length === 0 ? null : seconds.reduce((a, b) => a + b, 0) / seconds.length;
      return { ...cost[arm], steps: steps[arm], seconds: meanSeconds };
    };
    return { off: of("off"), on: of("on") };
  }
}

function initialValues(trial: ResolvedTrial, corpus: ExperimentRun["corpus"]): Map<string, Float32Array> {
  const { parameters } = buildTrainProgram(trial, corpus.splits, corpus.bytes);
  const values = parameters.initialValues(trial.spec.seed);
  return new Map(
    parameters.all().map(({ name, shape, offset }) => [name, values.slice(offset, offset + sizeOf(shape))]),
  );
}
