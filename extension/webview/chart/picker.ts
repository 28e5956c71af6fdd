/** What is picked, by pointer or keyboard: it gets the read-out, and its curve is drawn in front. */
import { byValidation } from "./legend.ts";
import type { XAxis } from "./messages.ts";
import type { ChartModel } from "./model.ts";
import { type Picked, pickAt, pointBeside, pointNear } from "./nearest.ts";
import type { Plot } from "./plot.ts";
import type { Range } from "./ranges.ts";
import { showReadout } from "./readout.ts";

export interface PickerOptions {
  readonly view: () => { readonly axis: XAxis; readonly range: Range };
  readonly describe: (picked: Picked) => readonly string[];
  readonly focus: (trialId: string | null) => void;
}

export class Picker {
  readonly #model: ChartModel;
  readonly #plot: Plot;
  readonly #readout: HTMLElement;
  readonly #options: PickerOptions;
  #picked: Picked | null = null;

  constructor(model: ChartModel, plot: Plot, readout: HTMLElement, options: PickerOptions) {
    this.#model = model;
    this.#plot = plot;
    this.#readout = readout;
    this.#options = options;
  }

  /** The pointer is here, in CSS pixels of the plotting area; null: it has left. */
  pointAt(place: { readonly left: number; readonly top: number } | null): void {
    if (place === null) {
      this.pick(null);
      return;
    }
    const { axis, range } = this.#options.view();
    const toLeft = (value: number) => this.#plot.toLeft(value);
    const toTop = (value: number) => this.#plot.toTop(value);
    this.pick(pickAt(this.#model, { axis, x: range, toLeft, toTop }, place.left, place.top));
  }

  /** To the next point of the curve, or to the next curve in order of validation; the first time to the best one's end. */
  walk(points: number, curves: number): void {
    const { axis, range } = this.#options.view();
    const order = byValidation(this.#model).filter(({ line }) => line !== null && line.steps.length > 0);
    const from = this.#picked;
    const place = from === null ? -1 : order.indexOf(from.series);
    const next = order[place < 0 ? 0 : (place + curves + order.length) % order.length];
    if (next === undefined) return;
    if (from === null || place < 0) this.#show(pointNear(this.#model, next, axis, range, range[1]));
    else if (curves !== 0) this.#show(pointNear(this.#model, next, axis, range, from.x));
    else this.#show(pointBeside(this.#model, from, axis, range, points));
  }

  /** Picks by keyboard: the cross-hair follows. */
  #show(picked: Picked | null): void {
    this.pick(picked);
    if (picked !== null) this.#plot.moveCursor(this.#plot.toLeft(picked.x), this.#plot.toTop(picked.bpb));
  }

  pick(picked: Picked | null): void {
    const before = this.#picked?.series.facts.trialId ?? null;
    this.#picked = picked;
    const { over } = this.#plot;
    if (picked === null || over === null) {
      showReadout(this.#readout, null);
    } else {
      const [left, top] = [this.#plot.toLeft(picked.x), this.#plot.toTop(picked.bpb)];
      showReadout(this.#readout, this.#options.describe(picked), {
        left: left + over.offsetLeft,
        top: top + over.offsetTop,
      });
    }
    const now = picked?.series.facts.trialId ?? null;
    if (now !== before) this.#options.focus(now);
  }
}
