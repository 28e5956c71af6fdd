/** Questions to Coq about a compiled file: what its theorems assume, what those names stand for, and vacuity. */
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { askableNames, locateText, parseLocated } from "../invariants/coq/askable.ts";
import { parseErrors } from "../invariants/coq/errors.ts";
import {
  type About,
  type Answer,
  aboutText,
  isStandard,
  type PrintedAssumption,
  parseAbouts,
  parseAnswers,
  type Query,
  queryText,
} from "../invariants/coq/query.ts";
import { parseVacuity, type Suspect, type VacuityFinding, vacuityText } from "../invariants/coq/vacuity.ts";
import type { FactAssumption, GlobDeclaration, TheoremFacts } from "../invariants/facts.ts";
import type { CoqScan } from "../invariants/model.ts";
import type { Prover } from "./find-prover.ts";
import type { ProverLimits } from "./limits.ts";
import { type RunResult, runProver } from "./run.ts";

export interface ExamineRequest {
  readonly prover: Prover;
  readonly library: string;
  readonly declarations: readonly GlobDeclaration[];
  readonly scan: CoqScan;
  /** Absolute: the build folder. */
  readonly out: string;
  readonly args: readonly string[];
  readonly limits: ProverLimits;
  readonly signal?: AbortSignal | undefined;
  /** Logical names of the project's own files with their paths. */
  readonly libraries: ReadonlyMap<string, string>;
  /** `.glob` kind of a name in a project file. */
  readonly kindOf: (path: string, name: string) => string | undefined;
}

export type Examined =
  | { readonly kind: "answered"; readonly theorems: Record<string, TheoremFacts> }
  | Exclude<RunResult, { kind: "exited" }>;

/** Names that may fail one after the other before the rest is given up; what does not exist is found out before. */
const maxRefusals = 5;
const vacuitySec = 2;

export async function examine(request: ExamineRequest): Promise<Examined> {
  const names = askableNames(request.declarations, request.scan);
  if (names.length === 0) return { kind: "answered", theorems: {} };
  const nonce = `igla${randomBytes(12).toString("hex")}`;
  const question = { library: request.library, names, nonce };
  const textOf = (left: readonly string[]) => queryText({ ...question, names: left });
  const locate = async (left: readonly string[]): Promise<readonly string[]> => {
    const located = await runQuery(request, locateText({ ...question, names: left }));
    return located.kind === "exited" ? parseLocated(located.stdout, { ...question, names: left }) : [];
  };
  const first = await ask(request, names, textOf, locate);
  if (first.kind !== "exited") return first;
  const answers = parseAnswers(first.stdout, { ...question, names: first.names });
  const resolved = await resolve(request, nonce, answers);
  if (resolved.kind !== "exited") return resolved;
  const { abouts, vacuity } = resolved;
  const theorems: Record<string, TheoremFacts> = {};
  for (const [name, { qualifiedName, assumptions }] of answers) {
    const facts = assumptions.map((one) => factOf(one, abouts.get(one.name)?.qualifiedName ?? one.name, request));
    const others = facts.filter((one) => one.qualifiedName !== qualifiedName || one.kind === "unsafe");
    const assumesItself = others.length < facts.length;
    const found = assumesItself ? [] : (vacuity.get(name) ?? []);
    const isProjects = (axiom: string) =>
      others.some((one) => one.kind === "project-axiom" && one.qualifiedName === axiom);
    theorems[name] = {
      name,
      qualifiedName,
      assumptions: others,
      assumesItself,
      // An axiom of the standard library may be given another name.
      vacuity: found.filter(({ axiom }) => axiom === null || isProjects(abouts.get(axiom)?.qualifiedName ?? axiom)),
    };
  }
  return { kind: "answered", theorems };
}

/** Before Coq has told: does a file of the project declare such a name? Names are printed with part of their path. */
function mayBeOwn(printed: string, { libraries, kindOf }: ExamineRequest): boolean {
  const parts = printed.split(".");
  const ends = parts.map((_, from) => parts.slice(from).join("."));
  return [...libraries.values()].some((path) => ends.some((name) => kindOf(path, name) !== undefined));
}

interface Resolved {
  readonly kind: "exited";
  readonly abouts: ReadonlyMap<string, About>;
  readonly vacuity: ReadonlyMap<string, readonly VacuityFinding[]>;
}

/** What the printed names stand for, and vacuity: one run of Coq where all goes well, one each where not. */
async function resolve(
  request: ExamineRequest,
  nonce: string,
  answers: ReadonlyMap<string, Answer>,
): Promise<Resolved | Exclude<RunResult, { kind: "exited" }>> {
  const { library } = request;
  const constants = [...answers.values()].flatMap(({ assumptions }) =>
    assumptions.filter(({ kind }) => kind !== "unsafe").map(({ name }) => name),
  );
  const printed = [...new Set(constants)];
  const suspects: Suspect[] = [...answers].map(([name, { assumptions }]) => ({
    name,
    projectAxioms: assumptions.flatMap(({ kind, name: axiom }) =>
      kind === "constant" && mayBeOwn(axiom, request) ? [axiom] : [],
    ),
  }));
  const second = `${nonce}v`;
  const about = (names: readonly string[]) => aboutText({ library, nonce }, names);
  const vacuous = (some: readonly Suspect[]) => vacuityText({ library, nonce: second }, some, vacuitySec);
  const [v, a] = [vacuous(suspects), about(printed)];
  const both = await runQuery(request, { text: v.text + a.text, asks: [...v.asks, ...a.asks] });
  if (both.kind === "aborted") return both;
  if (both.kind === "exited" && both.code === 0) {
    const abouts = parseAbouts(both.stdout, nonce, printed);
    return { kind: "exited", abouts, vacuity: parseVacuity(both.stdout, second, suspects) };
  }
  const named = await ask(request, printed, about);
  if (named.kind !== "exited") return named;
  // A heuristic that found no time says nothing; the status stands without it.
  const byName = new Map(suspects.map((suspect) => [suspect.name, suspect]));
  const left = (names: readonly string[]) => names.flatMap((name) => byName.get(name) ?? []);
  const names = suspects.map(({ name }) => name);
  const heuristic = await ask(request, names, (some) => vacuous(left(some)));
  if (heuristic.kind === "aborted") return heuristic;
  const vacuity =
    heuristic.kind === "exited" ? parseVacuity(heuristic.stdout, second, left(heuristic.names)) : new Map();
  return { kind: "exited", abouts: parseAbouts(named.stdout, nonce, named.names), vacuity };
}

function factOf(printed: PrintedAssumption, qualifiedName: string, request: ExamineRequest): FactAssumption {
  if (printed.kind === "unsafe") {
    const name = printed.name === "" ? printed.flag : `${printed.flag} (${printed.name})`;
    return { qualifiedName: name, type: printed.text, kind: "unsafe", declaredIn: null };
  }
  const { type } = printed;
  const libraries = [...request.libraries.keys()];
  if (isStandard(qualifiedName, libraries)) return { qualifiedName, type, kind: "standard", declaredIn: null };
  const library = libraries
    .filter((one) => qualifiedName.startsWith(`${one}.`))
    .reduce<string | null>((best, one) => (best === null || one.length > best.length ? one : best), null);
  const path = library === null ? undefined : request.libraries.get(library);
  if (library === null || path === undefined) return { qualifiedName, type, kind: "project-axiom", declaredIn: null };
  const name = qualifiedName.slice(library.length + 1);
  const declared = request.kindOf(path, name);
  const kind = declared === "prf" || declared === "def" || declared === "inst" ? "admitted" : "project-axiom";
  return { qualifiedName, type, kind, declaredIn: { path, name } };
}

type Asked =
  | { readonly kind: "exited"; readonly stdout: string; readonly names: readonly string[] }
  | Exclude<RunResult, { kind: "exited" }>;

/** Runs a query; a name that Coq refuses is left out, with those that `existing` does not find, and the others are asked again. */
async function ask(
  request: ExamineRequest,
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

async function runQuery({ prover, args, out, limits, signal }: ExamineRequest, { text }: Query): Promise<RunResult> {
  const file = `Igla_query_${randomBytes(6).toString("hex")}`;
  await writeFile(`${out}/${file}.v`, text);
  const [executable = "", ...first] = prover.compile;
  const flags = ["-q", "-w", "none", "-native-compiler", "no", "-noglob"];
  const call = [...first, ...flags, ...args, "-o", `${out}/${file}.vo`, `${out}/${file}.v`];
  return runProver({ executable, args: call, folder: out, wallMs: limits.queryMs, limits, signal });
}
