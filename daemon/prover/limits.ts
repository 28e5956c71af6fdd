/** How much a prover may use. A `.v` file is a program: without limits a proof can run for ever and fill the disk. */

export interface ProverLimits {
  /** Milliseconds of wall time for one file's compilation. */
  readonly buildMs: number;
  /** Milliseconds of wall time for one query. */
  readonly queryMs: number;
  /** Bytes of output that are read; more ends the prover. */
  readonly outputBytes: number;
  /** Bytes of address space, and of one written file (Linux). */
  readonly memoryBytes: number;
  readonly fileBytes: number;
}

export const defaultLimits: ProverLimits = {
  buildMs: 60_000,
  queryMs: 20_000,
  outputBytes: 8 * 1024 * 1024,
  memoryBytes: 8 * 1024 ** 3,
  fileBytes: 512 * 1024 ** 2,
};

/** Provers that run at the same time. */
export const maxProvers = 2;
/** Milliseconds for `coqchk`, which reads all libraries again. */
export const deepCheckMs = 300_000;
