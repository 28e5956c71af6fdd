/** Corpora known by name. A name stands for exact bytes: another file of that name is an error, never a substitute. */
export interface KnownCorpus {
  readonly name: string;
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly url: string;
}

/** The corpus of a config that names none; the only one with an offline stand-in. */
export const DEFAULT_CORPUS = "tinyshakespeare";

export const knownCorpora: readonly KnownCorpus[] = [
  {
    name: DEFAULT_CORPUS,
    bytes: 1_115_394,
    sha256: "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
    url: "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt",
  },
];
