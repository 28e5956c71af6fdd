/** Bookkeeping of one lane while a group runs: where it stands and the curve point that it is building. */
import type { CurvePoint, LaneJob } from "./messages.ts";
import type { StepLoss } from "./population.ts";

export class LaneProgress {
  readonly job: LaneJob;
  /** Completed steps. */
  step: number;
  readonly #reportEvery: number;
  #sum = 0;
  #count = 0;

  constructor(job: LaneJob, reportEvery: number) {
    this.job = job;
    this.step = job.from?.step ?? 0;
    this.#reportEvery = reportEvery;
  }

  /** Steps to the next curve point: a multiple of `reportEvery` or the job's end, whichever comes first. */
  get stepsToBorder(): number {
    const border = (Math.floor(this.step / this.#reportEvery) + 1) * this.#reportEvery;
    return Math.min(border, this.job.toStep) - this.step;
  }

  /** At a border nothing is pending: a checkpoint here resumes with identical curve points. */
  get isAtBorder(): boolean {
    return this.#count === 0;
  }

  get isFinished(): boolean {
    return this.step >= this.job.toStep;
  }

  /**
   * Adds the losses of a chunk that did not cross a border.
   * @returns the point that the chunk completed, or null; `divergedAt` names the first non-finite loss
   */
  advance(losses: readonly StepLoss[]): { point: CurvePoint | null; divergedAt: number | null } {
    const border = this.step + this.stepsToBorder;
    for (const { lossNats } of losses) this.#sum += lossNats;
    this.#count += losses.length;
    this.step += losses.length;
    const divergedAt = losses.find(({ lossNats }) => !Number.isFinite(lossNats))?.step ?? null;
    if (this.step < border || divergedAt !== null) return { point: null, divergedAt };
    const gradNorm = losses.at(-1)?.gradNorm ?? Number.NaN;
    const point = { step: this.step, lossNats: this.#sum / this.#count, gradNorm };
    this.#sum = 0;
    this.#count = 0;
    return { point, divergedAt };
  }
}
