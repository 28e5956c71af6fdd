/** Makes sure that a race's corpus is there and fit for it before anything starts. */
import { assertNoLeak, type LeakReport, measureLeaks } from "../data/leak-gate.ts";
import { type LocatedCorpus, locateCorpus } from "../data/locate.ts";
import { findStandIn } from "../data/stand-in.ts";
import { corpusLabel } from "../data/tag.ts";
import type { CliContext } from "./context.ts";
import { fittingSplits } from "./corpus-fit.ts";
import type { RaceFile } from "./race-file.ts";
import { formatBytes } from "./render/format.ts";
import { percent, progressBar } from "./render/progress-bar.ts";
import { type Line, styled } from "./render/text.ts";

const BAR_WIDTH = 24;
/** A download that cannot be redrawn reports every so many percent. */
const PLAIN_STEP = 0.25;

export interface PreparedCorpus {
  readonly located: LocatedCorpus;
  readonly leaks: readonly LeakReport[];
  /** What to tell of it once it is certain that training starts. */
  readonly notice: readonly Line[];
}

/**
 * Finds the corpus, downloading it with a progress bar where necessary. The trainer repeats the checks; here they cost
 * a moment and save a race that could only fail.
 * @param use `trial`: the file's own configuration; `race`: everything that its space can give
 * @throws {DataError} no corpus, a split shorter than a context, a leak
 */
export async function prepareCorpus(
  context: CliContext,
  file: RaceFile,
  use: "trial" | "race",
): Promise<PreparedCorpus> {
  const { config, folder } = file;
  const { progress, env, platform } = context;
  let reported = 0;
  const located = await locateCorpus({
    corpus: config.base.data.corpus,
    raceFolder: folder,
    env,
    platform,
    standInPath: findStandIn(import.meta.url),
    download: {
      onProgress: (received, total) => {
        const line = downloadLine(config.base.data.corpus, received, total);
        progress.draw([line]);
        if (progress.isLive || received / total < reported + PLAIN_STEP) return;
        reported = received / total;
        progress.print(line);
      },
    },
  });
  progress.close(false);
  const notice = corpusLines(located);
  try {
    const leaks = measureLeaks(located.bytes, fittingSplits(file, located.tag, use));
    notice.push(leakLine(leaks));
    assertNoLeak(located.tag.name, leaks);
    return { located, leaks, notice };
  } catch (error) {
    // The refusal is about the corpus: which one it is belongs to it.
    progress.print(...notice);
    throw error;
  }
}

function downloadLine(name: string, received: number, total: number): Line {
  const fraction = received / total;
  const amounts = `${formatBytes(received)} of ${formatBytes(total)}`;
  return [`downloading ${name} `, styled("cyan", progressBar(fraction, BAR_WIDTH)), ` ${percent(fraction)} ${amounts}`];
}

/** One line; for a stand-in also why it stands in. */
export function corpusLines({ tag, reasons }: LocatedCorpus): Line[] {
  const first = `corpus ${corpusLabel(tag)}, ${formatBytes(tag.bytes)}, from ${tag.origin}`;
  if (tag.origin !== "offline stand-in") return [[first]];
  const note = "TypeScript's lib.dom.d.ts without its repeated passages stands in for the corpus of the race file:";
  return [
    [styled("yellow", first)],
    [styled("yellow", `  ${note}`)],
    ...reasons.map((reason): Line => [`  - ${reason}`]),
  ];
}

/** How much of each evaluation part also stands in train. Long passages decide, short ones are for information. */
export function leakLine(leaks: readonly LeakReport[]): Line {
  const rates = leaks.map(({ part, rate64, rate13 }) => {
    return `in ${part}: 64-byte ${(rate64 * 100).toFixed(2)} %, 13-byte ${(rate13 * 100).toFixed(1)} %`;
  });
  return [`  train passages repeated ${rates.join("; ")}`];
}
