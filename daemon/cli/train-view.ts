/** Shows a single training run as it goes and keeps its curve. */
import type { CurvePoint, TrainerEvent } from "../train/messages.ts";
import type { CliContext } from "./context.ts";
import { type TrialProgress, trialProgressLine } from "./render/trial-progress.ts";

/** Where nothing can be redrawn, a line at most this often. */
const PLAIN_LINE_MS = 10_000;
const PLAIN_WIDTH = 100;

export class TrainView {
  readonly #context: CliContext;
  readonly #curve: CurvePoint[] = [];
  #progress: TrialProgress;
  #printedMs: number;
  #parameters = 0;

  constructor(context: CliContext, totalSteps: number) {
    this.#context = context;
    this.#printedMs = context.now();
    this.#progress = { step: 0, totalSteps, trainBpb: null, stepsPerSec: null, tokensPerSec: null };
  }

  get curve(): readonly CurvePoint[] {
    return this.#curve;
  }

  get parameters(): number {
    return this.#parameters;
  }

  show(event: TrainerEvent): void {
    if (event.kind === "group-started") this.#parameters = event.parameters;
    else if (event.kind === "progress") {
      for (const { point } of event.points) this.#curve.push(point);
      const last = this.#curve.at(-1);
      if (last === undefined) return;
      const { stepsPerSec, tokensPerSec } = event;
      const trainBpb = last.lossNats / Math.LN2;
      this.#progress = { ...this.#progress, step: last.step, trainBpb, stepsPerSec, tokensPerSec };
    } else return;
    this.#draw();
  }

  #draw(): void {
    const { progress, now } = this.#context;
    if (progress.isLive) progress.draw([trialProgressLine(this.#progress, progress.columns ?? PLAIN_WIDTH)]);
    else if (now() - this.#printedMs >= PLAIN_LINE_MS) {
      this.#printedMs = now();
      progress.print(trialProgressLine(this.#progress, PLAIN_WIDTH));
    }
  }

  close(): void {
    this.#context.progress.close(false);
  }
}
