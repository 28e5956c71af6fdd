/** `coqchk` reads the compiled library again with a small kernel of its own: the strongest evidence, and the slowest. */
import type { ProofFacts } from "../invariants/facts.ts";
import type { Prover } from "./find-prover.ts";
import { deepCheckMs, type ProverLimits } from "./limits.ts";
import { runProver } from "./run.ts";

export interface DeepCheckRequest {
  readonly prover: Prover;
  readonly library: string;
  readonly out: string;
  readonly args: readonly string[];
  readonly limits: ProverLimits;
  readonly signal?: AbortSignal | undefined;
}

/** Characters of what it says that are kept. */
const shown = 2000;
/** No verdict on the proof. */
const ranOut = /out of memory|stack overflow|anomaly|cannot find library/i;

/** Null: given up. */
export async function deepCheck(request: DeepCheckRequest): Promise<ProofFacts["deepCheck"]> {
  const { prover, library, out, args, limits, signal } = request;
  const [executable = "", ...first] = prover.check;
  const call = [...first, "-silent", "-o", ...args, library];
  const result = await runProver({ executable, args: call, folder: out, wallMs: deepCheckMs, limits, signal });
  if (result.kind === "aborted") return null;
  if (result.kind === "timeout") return { verdict: "timeout", detail: `it took longer than ${deepCheckMs / 1000} s` };
  if (result.kind === "crashed") return { verdict: "crashed", detail: result.detail };
  if (result.code === 0) return { verdict: "accepted", detail: result.stdout.trim().slice(-shown) };
  const said = `${result.stdout}\n${result.stderr}`.trim().slice(-shown);
  return { verdict: ranOut.test(said) ? "crashed" : "rejected", detail: said || `exit code ${result.code}` };
}
