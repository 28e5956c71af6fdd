/** Identity of a corpus: what stands beside every number that was measured on it. */
import { createHash } from "node:crypto";
import type { CorpusTag } from "../protocol/artifacts.ts";

export type CorpusOrigin = "config path" | "IGLA_DATA" | "cache" | "download" | "offline stand-in";

export function sha256Hex(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

export function tagCorpus(name: string, bytes: Uint8Array, origin: CorpusTag["origin"]): CorpusTag {
  const tag = bytes.every((byte) => byte < 0x80) ? "ascii" : "multilingual";
  return { name, sha256: sha256Hex(bytes), bytes: bytes.length, tag, origin };
}

/** `tinyshakespeare 86c4e6aa9db7 ascii`; a stand-in says that it is one (spec section 2). */
export function corpusLabel(tag: Pick<CorpusTag, "name" | "sha256" | "tag" | "origin">): string {
  const standIn = tag.origin === ("offline stand-in" satisfies CorpusOrigin) ? " (offline stand-in)" : "";
  return `${tag.name} ${tag.sha256.slice(0, 12)} ${tag.tag}${standIn}`;
}
