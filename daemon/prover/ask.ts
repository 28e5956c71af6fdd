/** Runs queries: files outside of the workspace that coqc reads and answers on its standard output. */
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { parseErrors } from "../invariants/coq/errors.ts";
import type { Query } from "../invariants/coq/query.ts";
import type { Prover } from "./find-prover.ts";
import type { ProverLimits } from "./limits.ts";
import { type RunResult, runProver } from "./run.ts";

export interface AskRequest {
  readonly prover: Prover;
  /** Absolute: the build folder. */
  readonly out: string;
  readonly args: readonly string[];
  readonly limits: ProverLimits;
  readonly signal?: AbortSignal | undefined;
}

/** Names that may fail one after the other before the rest is given up; what does not exist is found out before. */
const maxRefusals = 5;

export type Asked =
  | { readonly kind: "exited"; readonly stdout: string; readonly names: readonly string[] }
  | Exclude<RunResult, { kind: "exited" }>;

/** Runs a query; a name that Coq refuses is left out, with those that `existing` does not find, and the others are asked again. */
export async function ask(
  request: AskRequest,
  names: readonly string[],
  textOf: (names: readonly string[]) => Query,
  existing?: (names: readonly string[]) => Promise<readonly string[]>,
): Promise<Asked> {
  let left = names;
  for (let attempt = 0; attempt <= maxRefusals; attempt += 1) {
    if (left.length === 0) return { kind: "exited", stdout: "", names: [] };
    const query = textOf(left);
    const result = await runQuery(request, query);
    if (result.kind !== "exited") return result;
    if (result.code === 0) return { kind: "exited", stdout: result.stdout, names: left };
    const error = parseErrors(result.stderr).find(({ kind }) => kind === "error");
    const refused = error === undefined ? undefined : query.asks[error.line - 1];
    if (refused === undefined || refused === null) {
      return { kind: "crashed", detail: error?.message ?? `the query ended with exit code ${result.code}` };
    }
    const others = left.filter((name) => name !== refused);
    left = attempt === 0 && existing !== undefined ? await existing(others) : others;
  }
  return { kind: "crashed", detail: `more than ${maxRefusals} names could not be asked about` };
}

export async function runQuery({ prover, args, out, limits, signal }: AskRequest, { text }: Query): Promise<RunResult> {
  const file = `Igla_query_${randomBytes(6).toString("hex")}`;
  await writeFile(`${out}/${file}.v`, text);
  const [executable = "", ...first] = prover.compile;
  const flags = ["-q", "-w", "none", "-native-compiler", "no", "-noglob"];
  const call = [...first, ...flags, ...args, "-o", `${out}/${file}.vo`, `${out}/${file}.v`];
  return runProver({ executable, args: call, folder: out, wallMs: limits.queryMs, limits, signal });
}
