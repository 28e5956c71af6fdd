/**
 * Finds the corpus that a config names. Order: path beside the race file, IGLA_DATA, user cache, download; last, for
 * the default corpus only, the offline stand-in. A file of the right name and another content is an error.
 */
import { readFile, stat } from "node:fs/promises";
import { basename, extname, join, resolve } from "node:path";
import { closest, distance } from "fastest-levenshtein";
import type { CorpusTag } from "../protocol/artifacts.ts";
import { corpusCacheFolder, type Environment } from "./cache-folder.ts";
import { DEFAULT_CORPUS, type KnownCorpus, knownCorpora } from "./catalogue.ts";
import { type DownloadOptions, downloadCorpus } from "./download.ts";
import { DataError } from "./error.ts";
import { STAND_IN_NAME, withoutRepetition } from "./stand-in.ts";
import { type CorpusOrigin, tagCorpus } from "./tag.ts";

export interface CorpusRequest {
  /** `[data] corpus`: a name of the catalogue or of a file in IGLA_DATA, or a path relative to `raceFolder`. */
  readonly corpus: string;
  readonly raceFolder: string;
  readonly env: Environment;
  readonly platform: NodeJS.Platform;
  /** `lib.dom.d.ts`, or null where the installation has none (see findStandIn). */
  readonly standInPath: string | null;
  readonly download?: DownloadOptions;
  /** For tests; default: the built-in catalogue. */
  readonly catalogue?: readonly KnownCorpus[];
}

export interface LocatedCorpus {
  readonly bytes: Uint8Array;
  readonly tag: CorpusTag;
  /** The file that was read. */
  readonly path: string;
  /** Why earlier places of the look-up order did not serve; what a stand-in must be shown with. */
  readonly reasons: readonly string[];
}

/**
 * @throws {DataError} `data.missing-corpus`, `data.unknown-corpus`, `data.not-a-file`, `data.unreadable`,
 * `data.empty-corpus`, `data.hash-mismatch`, `data.unavailable`
 */
export async function locateCorpus(request: CorpusRequest): Promise<LocatedCorpus> {
  const known = (request.catalogue ?? knownCorpora).find((corpus) => corpus.name === request.corpus);
  if (known !== undefined) return locateKnown(known, request);
  const path = resolve(request.raceFolder, request.corpus);
  if (isPath(request.corpus) || (await exists(path))) return readConfigPath(path, request.corpus);
  return locateByFileName(request);
}

async function locateKnown(known: KnownCorpus, request: CorpusRequest): Promise<LocatedCorpus> {
  const reasons: string[] = [];
  const local = await locateLocally(known, request, reasons);
  if (local !== null) return local;
  const cached = cachePath(known, request);
  try {
    await downloadCorpus(known, cached, request.download);
  } catch (error) {
    if (!(error instanceof DataError) || error.code !== "data.unavailable") throw error;
    reasons.push(error.message);
    if (known.name !== DEFAULT_CORPUS || request.standInPath === null) throw error;
    return readStandIn(request.standInPath, reasons);
  }
  return readKnown(known, cached, "download", reasons);
}

/**
 * A known corpus from IGLA_DATA or the cache; null, with the reasons added, where it is in neither.
 * @throws {DataError} `data.hash-mismatch`, `data.empty-corpus`, `data.unreadable`, `data.not-a-file`
 */
export async function locateLocally(
  known: KnownCorpus,
  request: Pick<CorpusRequest, "env" | "platform">,
  reasons: string[],
): Promise<LocatedCorpus | null> {
  const inFolder = await findInDataFolder(known.name, request.env, reasons);
  if (inFolder !== null) return readKnown(known, inFolder, "IGLA_DATA", reasons);
  const cached = cachePath(known, request);
  if (await exists(cached)) return readKnown(known, cached, "cache", reasons);
  reasons.push(`not in the cache (${cached})`);
  return null;
}

function cachePath(known: KnownCorpus, { env, platform }: Pick<CorpusRequest, "env" | "platform">): string {
  return join(corpusCacheFolder(env, platform), `${known.name}.txt`);
}

async function readKnown(
  known: KnownCorpus,
  path: string,
  origin: CorpusOrigin,
  reasons: string[],
): Promise<LocatedCorpus> {
  const bytes = await readCorpus(path, known.name);
  const tag = tagCorpus(known.name, bytes, origin);
  if (tag.sha256 === known.sha256) return { bytes, tag, path, reasons };
  throw new DataError("data.hash-mismatch", {
    place: path,
    message:
      `${path} is not "${known.name}": SHA-256 ${tag.sha256.slice(0, 12)} (${tag.bytes} bytes) ` +
      `instead of ${known.sha256.slice(0, 12)} (${known.bytes} bytes).`,
    wayOut:
      origin === "IGLA_DATA"
        ? `Give the file another name and use that name in [data] corpus, or replace it by the true "${known.name}".`
        : "Delete the file; Igla downloads it again.",
  });
}

/** A stand-in is never silent: its name and origin differ, and the reasons say why it stands in. */
async function readStandIn(path: string, reasons: string[]): Promise<LocatedCorpus> {
  const bytes = withoutRepetition(await readCorpus(path, STAND_IN_NAME));
  return { bytes, tag: tagCorpus(STAND_IN_NAME, bytes, "offline stand-in"), path, reasons };
}

async function readConfigPath(path: string, written: string): Promise<LocatedCorpus> {
  const name = basename(path, extname(path));
  const bytes = await readCorpus(path, written);
  return { bytes, tag: tagCorpus(name, bytes, "config path"), path, reasons: [] };
}

/** A bare name outside the catalogue can only be a file of IGLA_DATA. */
async function locateByFileName(request: CorpusRequest): Promise<LocatedCorpus> {
  const reasons: string[] = [];
  const path = await findInDataFolder(request.corpus, request.env, reasons);
  if (path !== null) {
    const bytes = await readCorpus(path, request.corpus);
    return { bytes, tag: tagCorpus(request.corpus, bytes, "IGLA_DATA"), path, reasons };
  }
  const names = (request.catalogue ?? knownCorpora).map((corpus) => corpus.name);
  const nearest = names.length === 0 ? "" : closest(request.corpus, names);
  const hint = nearest !== "" && distance(request.corpus, nearest) <= 4 ? `Did you mean "${nearest}"? ` : "";
  throw new DataError("data.unknown-corpus", {
    place: "[data] corpus",
    message: `No corpus is called "${request.corpus}": it is not in the catalogue (${names.join(", ")}), and ${reasons.join("; ")}.`,
    wayOut: `${hint}Name one of the catalogue, a path relative to the race file, or a file in the IGLA_DATA folder.`,
  });
}

/** `<IGLA_DATA>/<name>.txt` or `<IGLA_DATA>/<name>`; null with a reason when neither exists. */
async function findInDataFolder(name: string, env: Environment, reasons: string[]): Promise<string | null> {
  const folder = env.IGLA_DATA;
  if (!folder) {
    reasons.push("IGLA_DATA is not set");
    return null;
  }
  for (const path of [join(folder, `${name}.txt`), join(folder, name)]) if (await exists(path)) return path;
  reasons.push(`IGLA_DATA (${folder}) holds no ${name}.txt`);
  return null;
}

function isPath(corpus: string): boolean {
  return /[\\/]/.test(corpus) || extname(corpus) !== "";
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return false;
    throw unreadable(path, error);
  }
}

/**
 * A corpus file, never empty.
 * @param name as the user knows it
 * @throws {DataError} `data.missing-corpus`, `data.not-a-file`, `data.unreadable`, `data.empty-corpus`
 */
export async function readCorpus(
  path: string,
  name: string,
  missingWayOut = "Correct [data] corpus; a path is relative to the race file.",
): Promise<Uint8Array> {
  const wayOut = "Name a text file in [data] corpus.";
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") {
      const message = `The corpus "${name}" does not exist: there is no ${path}.`;
      throw new DataError("data.missing-corpus", { place: path, message, wayOut: missingWayOut });
    }
    if (code === "EISDIR")
      throw new DataError("data.not-a-file", { place: path, message: `${path} is a folder.`, wayOut });
    throw unreadable(path, error);
  }
  if (bytes.length > 0) return bytes;
  throw new DataError("data.empty-corpus", { place: path, message: `The corpus ${path} is empty.`, wayOut });
}

function unreadable(path: string, cause: unknown): DataError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new DataError("data.unreadable", {
    place: path,
    message: `The corpus ${path} cannot be read: ${reason}.`,
    wayOut: "Check the file's permissions, or name another corpus.",
    cause,
  });
}
