/** Code versions whose results do not count, and promoted results that nobody has reproduced yet. */

export interface Embargo {
  /** Lower case, at least 7 hex digits each. */
  readonly versions: readonly string[];
  /** Lines from 1 that say nothing: neither comment nor version. */
  readonly unreadLines: readonly number[];
}

/** One code version a line; `#` begins a comment. */
export function readEmbargo(text: string): Embargo {
  const versions: string[] = [];
  const unreadLines: number[] = [];
  for (const [at, line] of text
    .replace(/^\ufeff/, "")
    .split(/\r\n|\n|\r/)
    .entries()) {
    const word = line.replace(/#.*$/, "").trim().toLowerCase();
    if (word === "") continue;
    if (isVersion(word)) versions.push(word);
    else unreadLines.push(at + 1);
  }
  return { versions, unreadLines };
}

/** Short and long forms of a version match by their first digits, 7 at least. */
export function isEmbargoed({ versions }: Embargo, sha: string): boolean {
  // What follows the digits, as in `abcdef0-dirty`, does not lift it.
  const digits = /^[0-9a-f]+/i.exec(sha)?.[0] ?? "";
  return versions.some((version) => isSameVersion(version, digits));
}

export function isSameVersion(a: string, b: string): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  return isVersion(short) && isVersion(long) && long.toLowerCase().startsWith(short.toLowerCase());
}

function isVersion(word: string): boolean {
  return /^[0-9a-f]{7,64}$/i.test(word);
}

export const reproductionWindowMs = 24 * 60 * 60 * 1000;

/** A promoted result is admitted once it was reproduced within the window after its promotion. Times in ms since 1970. */
export function reproduction(
  promotedAt: number,
  reproducedAt: number | null,
  now: number,
): "admitted" | "waiting" | "lapsed" {
  if (reproducedAt !== null && reproducedAt >= promotedAt && reproducedAt - promotedAt <= reproductionWindowMs) {
    return "admitted";
  }
  return now - promotedAt <= reproductionWindowMs ? "waiting" : "lapsed";
}
