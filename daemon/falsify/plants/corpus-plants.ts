/** Texts that leak, and corpora that are not there, as bytes and files. */
import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEFAULT_CORPUS } from "../../data/catalogue.ts";
import { DataError } from "../../data/error.ts";
import { LEAK_LIMIT, measureLeaks } from "../../data/leak-gate.ts";
import { locateCorpus } from "../../data/locate.ts";
import { splitRanges } from "../../data/splits.ts";
import { type CorpusInput, corpusGate, type LeakInput, leakGate } from "../../evidence/gates/corpus.ts";
import { clean, plant, type SuiteCase } from "../../evidence/suite/suite.ts";
import { plainText } from "../text.ts";

const size = 400_000;

/** @param repeat bytes from the start of train that are written over the start of validation */
function leakOf(repeat: number): LeakInput {
  const corpus = plainText(size, 1);
  const splits = splitRanges("three-way", corpus.length);
  corpus.copyWithin(splits.validation.start, 0, repeat);
  const report = measureLeaks(corpus, splits).find(({ part }) => part === "validation");
  if (report === undefined) throw new RangeError("Nothing was measured.");
  const { rate64, copyAt } = report;
  return { part: "validation", rate64, copyAt, limit: LEAK_LIMIT };
}

const validationBytes = (): number => {
  const { start, end } = splitRanges("three-way", size).validation;
  return end - start;
};

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Looks for a corpus as a race does, in a folder of its own that holds `here.txt`, without any network. */
async function located(name: string, expected: Uint8Array): Promise<CorpusInput> {
  const folder = await mkdtemp(join(tmpdir(), "igla-suite-"));
  const asked = { name, sha256: sha256(expected) };
  try {
    const standInPath = join(folder, "here.txt");
    await writeFile(standInPath, plainText(5000, 2));
    // A port that no one listens on: the download fails as it does offline.
    const known = { name: DEFAULT_CORPUS, url: "http://127.0.0.1:1/", sha256: asked.sha256, bytes: expected.length };
    const found = await locateCorpus({
      corpus: name,
      raceFolder: folder,
      env: { XDG_CACHE_HOME: folder, LOCALAPPDATA: folder, HOME: folder, USERPROFILE: folder },
      platform: process.platform,
      standInPath,
      catalogue: [known],
    });
    return { asked, read: { name: found.tag.name, sha256: found.tag.sha256 }, error: null };
  } catch (error) {
    if (error instanceof DataError) return { asked, read: null, error: error.message };
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export function corpusCases(): SuiteCase[] {
  return [
    plant(leakGate, "validation is a copy of the start of train", /the whole part stands in train from byte 0 on/, () =>
      leakOf(validationBytes()),
    ),
    plant(leakGate, "a passage of 200 bytes of train in validation", /^0\.68\d* % of/, () => leakOf(200)),
    clean(leakGate, "a text that repeats nothing", () => leakOf(0)),
    clean(leakGate, "a repeated sentence of 80 bytes in 20,000", () => leakOf(80)),
    plant(corpusGate, "a file that does not exist", /was not read: .*does not exist/, () =>
      located("./missing.txt", plainText(5000, 2)),
    ),
    plant(corpusGate, "no network, another text stands in", /a silent substitute/, () =>
      located(DEFAULT_CORPUS, plainText(5000, 9)),
    ),
    clean(corpusGate, "the file that was asked for", () => located("./here.txt", plainText(5000, 2))),
  ];
}
