/** The BPB chart of a window, as far as it can be read from outside: its series, and whether its pixels change. */
import type { FrameLocator, Locator } from "playwright-core";
import { until } from "./daemon-view.ts";
import type { Window } from "./window.ts";

/** What the chart says about a series that it draws (`data-series`). */
export interface DrawnSeries {
  readonly trialId: string;
  readonly status: string;
  readonly points: number;
  readonly lastStep: number;
  readonly trainBpb: number | null;
  readonly valBpb: number | null;
}

/** What is used of a canvas inside the page; the tests are checked without the types of a browser. */
interface CanvasInPage {
  readonly width: number;
  readonly height: number;
  toDataURL(): string;
  getContext(kind: "2d"): {
    getImageData(x: number, y: number, width: number, height: number): { readonly data: Uint8ClampedArray };
  } | null;
}

export class ChartView {
  readonly #window: Window;

  constructor(window: Window) {
    this.#window = window;
  }

  get frame(): FrameLocator {
    return this.#window.webview;
  }

  get body(): Locator {
    return this.frame.locator("body");
  }

  async series(): Promise<DrawnSeries[]> {
    return JSON.parse((await this.body.getAttribute("data-series")) ?? "[]");
  }

  /** From an event's record in the daemon to its picture, as the chart measures it. */
  async latency(): Promise<{ count: number; medianMs: number }> {
    const [count, medianMs] = await Promise.all([
      this.body.getAttribute("data-latency-count"),
      this.body.getAttribute("data-latency-ms"),
    ]);
    return { count: Number(count ?? 0), medianMs: Number(medianMs ?? 0) };
  }

  /** Series once `fits` holds. */
  untilSeries(what: string, fits: (series: DrawnSeries[]) => boolean, timeoutMs = 30_000): Promise<DrawnSeries[]> {
    return until(what, () => this.series(), fits, timeoutMs);
  }

  /** Changes whenever a pixel of the plot does. */
  async pixels(): Promise<string> {
    return this.frame
      .locator("canvas")
      .first()
      .evaluate((canvas: CanvasInPage) => canvas.toDataURL());
  }

  /** The plot shows more than an empty canvas. */
  async untilInked(): Promise<void> {
    await until(
      "a drawn plot",
      () => this.inkedPixels(),
      (count) => count > 100,
    );
  }

  /** Pixels of the plot that are neither transparent nor of the commonest colour: 0 for an empty canvas. */
  async inkedPixels(): Promise<number> {
    return this.frame
      .locator("canvas")
      .first()
      .evaluate((canvas: CanvasInPage) => {
        const pixels = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
        const colours = new Map<number, number>();
        for (let i = 0; i < pixels.length; i += 4) {
          const colour = ((pixels[i] ?? 0) << 16) | ((pixels[i + 1] ?? 0) << 8) | (pixels[i + 2] ?? 0);
          if ((pixels[i + 3] ?? 0) > 0) colours.set(colour, (colours.get(colour) ?? 0) + 1);
        }
        const counts = [...colours.values()].sort((a, b) => b - a);
        return counts.slice(1).reduce((sum, count) => sum + count, 0);
      });
  }
}
