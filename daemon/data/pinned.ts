/** Reads the corpus that a race is bound to: the file that its client found, and no other text. */
import type { CorpusPin } from "../protocol/events.ts";
import { DataError } from "./error.ts";
import { type LocatedCorpus, readCorpus } from "./locate.ts";
import { withoutRepetition } from "./stand-in.ts";
import { type CorpusOrigin, tagCorpus } from "./tag.ts";

/** What binds a race to the corpus that was found and shown. */
export function pinOf({ path, tag: { sha256, name, origin } }: LocatedCorpus): CorpusPin {
  return { path, sha256, name, origin };
}

const WAY_OUT = "Put the original file back and resume the race, or start a new one.";

/** @throws {DataError} `corpus.changed`, `data.missing-corpus`, `data.not-a-file`, `data.unreadable`, `data.empty-corpus` */
export async function readPinned({ path, sha256, name, origin }: CorpusPin): Promise<LocatedCorpus> {
  const text = await readCorpus(path, name, WAY_OUT);
  const bytes = origin === ("offline stand-in" satisfies CorpusOrigin) ? withoutRepetition(text) : text;
  const tag = tagCorpus(name, bytes, origin);
  if (tag.sha256 === sha256) return { bytes, tag, path, reasons: [] };
  throw new DataError("corpus.changed", {
    place: path,
    message:
      `${path} is not the "${name}" that the race began with: ` +
      `SHA-256 ${tag.sha256.slice(0, 12)} instead of ${sha256.slice(0, 12)}.`,
    wayOut: WAY_OUT,
  });
}
