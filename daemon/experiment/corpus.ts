/** The text of an experiment: the one that its client has shown, or the one that races of the same file find. */
import { dirname, resolve } from "node:path";
import type { RaceConfig } from "../config/race-config.ts";
import { DataError } from "../data/error.ts";
import { assertNoLeak, measureLeaks } from "../data/leak-gate.ts";
import type { LocatedCorpus } from "../data/locate.ts";
import { readPinned } from "../data/pinned.ts";
import { type Splits, splitCorpus } from "../data/splits.ts";
import { IglaError, isErrorCode } from "../protocol/errors.ts";
import type { CorpusPin } from "../protocol/events.ts";

/** @param corpus as the race file names it @param raceFolder absolute @throws {DataError} */
export type Locate = (corpus: string, raceFolder: string) => Promise<LocatedCorpus>;

export interface ExperimentCorpus {
  readonly located: LocatedCorpus;
  readonly splits: Splits;
}

/**
 * A text that nobody has pinned is measured for leaks; who pins one has done so.
 * @param path absolute path of the race file
 * @throws {IglaError} `corpus.changed`, `experiment.corpus`
 */
export async function experimentCorpus(
  pin: CorpusPin | undefined,
  { base }: RaceConfig,
  path: string,
  locate: Locate,
): Promise<ExperimentCorpus> {
  try {
    const located = pin === undefined ? await locate(base.data.corpus, resolve(dirname(path))) : await readPinned(pin);
    const splits = splitCorpus(located.tag, base.data.split, base.model.context);
    if (pin === undefined) assertNoLeak(located.tag.name, measureLeaks(located.bytes, splits));
    return { located, splits };
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    const code = isErrorCode(error.code) ? error.code : "experiment.corpus";
    throw new IglaError(code, `${error.message} ${error.wayOut}`, null, { cause: error });
  }
}
