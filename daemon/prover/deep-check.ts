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

/** Null: given up. */
export async function deepCheck(request: DeepCheckRequest): Promise<ProofFacts["deepCheck"]> {
  const { prover, library, out, args, limits, signal } = request;
  const [executable = "", ...first] = prover.check;
  const call = [...first, "-silent", "-o", ...args, library];
  const result = await runProver({ executable, args: call, folder: out, wallMs: deepCheckMs, limits, signal });
  if (result.kind === "aborted") return null;
  if (result.kind === "timeout") return { ok: false, detail: `coqchk took longer than ${deepCheckMs / 1000} s` };
  if (result.kind === "crashed") return { ok: false, detail: result.detail };
  return { ok: result.code === 0, detail: `${result.stdout}\n${result.stderr}`.trim().slice(-2000) };
}
