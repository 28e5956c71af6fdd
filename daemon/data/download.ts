/**
 * Downloads a known corpus into the cache: resumes a `.part` file, checks the pinned hash, renames at the end.
 * Two processes may download the same corpus at once: both write the same bytes at the same places.
 */

import { createHash } from "node:crypto";
import { constants, createReadStream } from "node:fs";
import { type FileHandle, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { KnownCorpus } from "./catalogue.ts";
import { DataError } from "./error.ts";

export interface DownloadOptions {
  /** Called after every received piece. */
  readonly onProgress?: ((receivedBytes: number, totalBytes: number) => void) | undefined;
  /** Longest wait for an answer or for the next piece of it. */
  readonly silenceMs?: number | undefined;
}

const SILENCE_MS = 10_000;
/** A broken connection is taken up again as long as each attempt brought something, this often at most. */
const ATTEMPTS = 5;

/**
 * Leaves the verified corpus at `target`.
 * @throws {DataError} `data.unavailable` (no connection, wrong size; the `.part` file stays for the next try),
 * `data.hash-mismatch` (right size, other content)
 */
export async function downloadCorpus(
  corpus: KnownCorpus,
  target: string,
  options: DownloadOptions = {},
): Promise<void> {
  try {
    await mkdir(dirname(target), { recursive: true });
  } catch (cause) {
    throw unavailable(corpus, `the cache folder ${dirname(target)} cannot be made (${describe(cause)})`, cause);
  }
  try {
    await fillAndVerify(corpus, `${target}.part`, options);
    await rename(`${target}.part`, target);
  } catch (error) {
    // Another process finished first and renamed the part file away.
    if ((error as NodeJS.ErrnoException).code === "ENOENT" && (await sizeOf(target)) === corpus.bytes) return;
    throw error instanceof DataError ? error : unavailable(corpus, describe(error), error);
  }
}

async function fillAndVerify(corpus: KnownCorpus, part: string, options: DownloadOptions): Promise<void> {
  const resumedFrom = await sizeOf(part);
  if (resumedFrom > corpus.bytes) await rm(part, { force: true });
  await receive(corpus, part, options);
  if ((await hashFile(part)) === corpus.sha256) return;
  await rm(part, { force: true });
  // An old part file may be of another text: only a download from the first byte on accuses the server.
  if (resumedFrom === 0) throw hashMismatch(corpus);
  await fillAndVerify(corpus, part, options);
}

/** Fills the part file up to the corpus's size, over several connections when they break. */
async function receive(corpus: KnownCorpus, part: string, options: DownloadOptions): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const before = await sizeOf(part);
    if (before === corpus.bytes) return;
    try {
      await receiveOnce(corpus, part, before, options);
      return;
    } catch (error) {
      const progressed = (await sizeOf(part)) > before;
      if (error instanceof DataError || !progressed || attempt === ATTEMPTS) throw error;
    }
  }
}

async function receiveOnce(corpus: KnownCorpus, part: string, from: number, options: DownloadOptions): Promise<void> {
  const abort = new AbortController();
  const silenceMs = options.silenceMs ?? SILENCE_MS;
  const silent = () => abort.abort(new Error(`no answer for ${silenceMs / 1000} s`));
  let timer = setTimeout(silent, silenceMs);
  try {
    const headers: Record<string, string> = { "accept-encoding": "identity" };
    if (from > 0) headers.range = `bytes=${from}-`;
    const response = await fetch(corpus.url, { headers, signal: abort.signal });
    const start = startOf(corpus, response, from);
    // Keeps what is there, which may be another process's work; writes go to explicit places.
    const file = await open(part, constants.O_RDWR | constants.O_CREAT);
    try {
      const end = await writeBody(
        corpus,
        response,
        file,
        start,
        () => {
          clearTimeout(timer);
          timer = setTimeout(silent, silenceMs);
        },
        options.onProgress,
      );
      if (end < corpus.bytes) throw new Error(`the connection ended after ${end} of ${corpus.bytes} bytes`);
      await file.truncate(corpus.bytes);
      await file.sync();
    } finally {
      await file.close();
    }
  } finally {
    clearTimeout(timer);
    abort.abort();
  }
}

/** Byte of the corpus at which this answer's body starts. */
function startOf(corpus: KnownCorpus, response: Response, asked: number): number {
  const partial = response.status === 206;
  if (!partial && response.status !== 200) throw unavailable(corpus, `the server answered ${response.status}`);
  const range = /^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "");
  const start = partial ? Number(range?.[1] ?? Number.NaN) : 0;
  if (start !== 0 && start !== asked) throw unavailable(corpus, "the server sent another part than asked for");
  const announced = response.headers.get("content-length");
  if (announced !== null && start + Number(announced) !== corpus.bytes) {
    throw unavailable(corpus, `the server offers ${start + Number(announced)} bytes instead of ${corpus.bytes}`);
  }
  return start;
}

async function writeBody(
  corpus: KnownCorpus,
  response: Response,
  file: FileHandle,
  start: number,
  alive: () => void,
  onProgress: DownloadOptions["onProgress"],
): Promise<number> {
  let at = start;
  for await (const piece of response.body ?? []) {
    alive();
    if (at + piece.length > corpus.bytes) throw unavailable(corpus, `the server sent more than ${corpus.bytes} bytes`);
    await file.write(piece, 0, piece.length, at);
    at += piece.length;
    onProgress?.(at, corpus.bytes);
  }
  return at;
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return 0;
    throw error;
  }
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  return hash.digest("hex");
}

/** One line of an error and of what caused it: fetch hides the reason in `cause`. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause =
    error.cause instanceof Error ? ` (${error.cause.message || (error.cause as NodeJS.ErrnoException).code})` : "";
  return `${error.message}${cause}`;
}

function unavailable(corpus: KnownCorpus, reason: string, cause?: unknown): DataError {
  return new DataError("data.unavailable", {
    place: corpus.url,
    message: `The download of "${corpus.name}" failed: ${reason}.`,
    wayOut: `Check the network and run the command again (a broken download continues), or put the file as ${corpus.name}.txt into a folder named by IGLA_DATA.`,
    cause,
  });
}

function hashMismatch(corpus: KnownCorpus): DataError {
  return new DataError("data.hash-mismatch", {
    place: corpus.url,
    message: `The download of "${corpus.name}" has the right size but another content than the pinned SHA-256 ${corpus.sha256.slice(0, 12)}.`,
    wayOut: `Something between here and the server changed the text. Put the true file as ${corpus.name}.txt into a folder named by IGLA_DATA.`,
  });
}
