/** Asks the host for the curves that the present view needs: whole ones, and details of what is on the screen. */
import type { ChartMessage, CurveQuery, SavedView } from "./messages.ts";
import type { ChartModel } from "./model.ts";
import type { Range } from "./ranges.ts";

/** Points of all curves together that can be drawn in one frame, also where no GPU helps. */
const drawablePoints = 80_000;
/** A line needs no more than these: four a column of pixels on a wide screen. */
const mostPoints = 8000;
const fewestPoints = 300;
/** Waiting for the end of a gesture, milliseconds. */
const detailDelayMs = 150;

export function pointsPerCurve(curves: number): number {
  return Math.max(fewestPoints, Math.min(mostPoints, Math.floor(drawablePoints / Math.max(1, curves))));
}

export class Queries {
  readonly #model: ChartModel;
  readonly #post: (message: ChartMessage) => void;
  #lastId = 0;
  #asked = "";
  #maxPoints = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #detail = "";

  constructor(model: ChartModel, post: (message: ChartMessage) => void) {
    this.#model = model;
    this.#post = post;
  }

  /** Asks for the whole curves again when smoothing or spacing changed, or when the lines have grown too long. */
  refresh({ smoothing, logX }: SavedView): void {
    const maxPoints = pointsPerCurve(this.#model.series.size);
    const spacing = logX ? "log" : "linear";
    const wanted = JSON.stringify([smoothing, spacing, maxPoints]);
    if (wanted === this.#asked && !this.#isOvergrown()) return;
    this.#asked = wanted;
    this.#maxPoints = maxPoints;
    this.#model.overviewId = this.#send({ smoothing, spacing, maxPoints, range: null });
    this.#model.smoothing = smoothing;
    this.#model.forgetDetails();
    this.#detail = "";
  }

  #isOvergrown(): boolean {
    for (const { line } of this.#model.series.values()) {
      if (line !== null && line.steps.length > 2 * this.#maxPoints) return true;
    }
    return false;
  }

  /** Asks for details of a range, once the view rests, where the whole curves were reduced. */
  refine(view: SavedView, x: Range): void {
    clearTimeout(this.#timer);
    if (view.zoomX === null) return;
    this.#timer = setTimeout(() => {
      const range = this.#model.stepRange(view.xAxis, x[0], x[1]);
      const lacking = this.#withoutDetail(view, x);
      if (lacking.length === 0) this.#detail = "";
      if (range === null || lacking.length === 0) return;
      const wanted = JSON.stringify([range, this.#asked, lacking]);
      if (wanted === this.#detail) return;
      this.#detail = wanted;
      const spacing = view.logX ? "log" : "linear";
      this.#model.detailId = this.#send({ smoothing: view.smoothing, spacing, maxPoints: this.#maxPoints, range });
    }, detailDelayMs);
  }

  /** Trials whose line is a reduced one and does not show all that the daemon knows of this range. */
  #withoutDetail(view: SavedView, x: Range): string[] {
    return [...this.#model.series.values()]
      .filter(({ line }) => line !== null && !line.isExact)
      .filter((series) => this.#model.lineFor(series, view.xAxis, x[0], x[1]) === series.line)
      .map(({ facts }) => facts.trialId);
  }

  #send(query: CurveQuery): number {
    this.#lastId++;
    this.#post({ kind: "query", queryId: this.#lastId, query });
    return this.#lastId;
  }
}
