/** Questions to Coq about a compiled file: what its theorems assume, what those names stand for, and vacuity. */
import { randomBytes } from "node:crypto";
import { askableNames } from "../invariants/coq/askable.ts";
import type { GlobReference } from "../invariants/coq/glob.ts";
import { type Answer, aboutText, isStandard, type PrintedAssumption, parseAbouts } from "../invariants/coq/query.ts";
import { parseVacuity, type Suspect, type VacuityFinding, vacuityText } from "../invariants/coq/vacuity.ts";
import type { FactAssumption, GlobDeclaration, TheoremFacts } from "../invariants/facts.ts";
import type { CoqScan } from "../invariants/model.ts";
import { type AskRequest, ask, runQuery } from "./ask.ts";
import { type Gathered, gather, vacuitySec } from "./gather.ts";
import type { RunResult } from "./run.ts";

export interface ExamineRequest extends AskRequest {
  readonly library: string;
  readonly declarations: readonly GlobDeclaration[];
  readonly references: readonly GlobReference[];
  readonly scan: CoqScan;
  /** Logical names of the project's own files with their paths. */
  readonly libraries: ReadonlyMap<string, string>;
  /** `.glob` kind of a name in a project file. */
  readonly kindOf: (path: string, name: string) => string | undefined;
}

export type Examined =
  | { readonly kind: "answered"; readonly theorems: Record<string, TheoremFacts> }
  | Exclude<RunResult, { kind: "exited" }>;

export async function examine(request: ExamineRequest): Promise<Examined> {
  const names = askableNames(request.declarations, request.scan);
  if (names.length === 0) return { kind: "answered", theorems: {} };
  const nonce = `igla${randomBytes(12).toString("hex")}`;
  const gathered = await gather(request, { library: request.library, names, nonce });
  if (gathered.kind !== "gathered") return gathered;
  const resolved = await resolve(request, nonce, gathered);
  if (resolved.kind !== "resolved") return resolved;
  const { meanings, vacuity } = resolved;
  const theorems = new Map<string, TheoremFacts>();
  for (const [name, { qualifiedName, assumptions }] of gathered.answers) {
    const facts = assumptions.map((one) => factOf(one, meanings.get(one.name) ?? null, request));
    const others = facts.filter((one) => one.qualifiedName !== qualifiedName || one.kind === "unsafe");
    const assumesItself = others.length < facts.length;
    const found = assumesItself ? [] : (vacuity.get(name) ?? []);
    const isProjects = (axiom: string) =>
      others.some((one) => one.kind === "project-axiom" && one.qualifiedName === axiom);
    theorems.set(name, {
      name,
      qualifiedName,
      assumptions: others,
      assumesItself,
      // An axiom of the standard library may be given another name.
      vacuity: found.filter(({ axiom }) => axiom === null || isProjects(meanings.get(axiom) ?? axiom)),
    });
  }
  return { kind: "answered", theorems: Object.fromEntries(theorems) };
}

/** Before Coq has told: does a file of the project declare such a name? Names are printed with part of their path. */
function mayBeOwn(printed: string, { libraries, kindOf }: ExamineRequest): boolean {
  const parts = printed.split(".");
  const ends = parts.map((_, from) => parts.slice(from).join("."));
  return [...libraries.values()].some((path) => ends.some((name) => kindOf(path, name) !== undefined));
}

interface Resolved {
  readonly kind: "resolved";
  /** What printed names stand for. */
  readonly meanings: ReadonlyMap<string, string>;
  readonly vacuity: ReadonlyMap<string, readonly VacuityFinding[]>;
}

/** What is not known yet about printed names and vacuity: one run of Coq where all goes well, one each where not. */
async function resolve(
  request: ExamineRequest,
  nonce: string,
  { answers, meanings, vacuity }: Gathered,
): Promise<Resolved | Exclude<RunResult, { kind: "exited" }>> {
  const { library } = request;
  const constants = [...answers.values()].flatMap(({ assumptions }) =>
    assumptions.filter(({ kind }) => kind !== "unsafe").map(({ name }) => name),
  );
  const printed = [...new Set(constants)].filter((name) => !meanings.has(name));
  const suspects = suspectsOf(request, answers).filter(
    ({ projectAxioms }) => vacuity === null || projectAxioms.length > 0,
  );
  const known = new Map(vacuity ?? []);
  // They were asked about without the axioms.
  for (const { name } of suspects) known.delete(name);
  if (printed.length + suspects.length === 0) return { kind: "resolved", meanings, vacuity: known };
  const second = `${nonce}w`;
  const about = (names: readonly string[]) => aboutText({ library, nonce }, names);
  const vacuous = (some: readonly Suspect[]) => vacuityText({ library, nonce: second }, some, vacuitySec);
  const joined = (stdout: string, names: readonly string[], heuristic: string, asked: readonly Suspect[]): Resolved => {
    const abouts = [...parseAbouts(stdout, nonce, names)].map(([name, one]) => [name, one.qualifiedName] as const);
    const found = parseVacuity(heuristic, second, asked);
    return { kind: "resolved", meanings: new Map([...meanings, ...abouts]), vacuity: new Map([...known, ...found]) };
  };
  const [v, a] = [vacuous(suspects), about(printed)];
  const both = await runQuery(request, { text: v.text + a.text, asks: [...v.asks, ...a.asks] });
  if (both.kind === "aborted") return both;
  if (both.kind === "exited" && both.code === 0) return joined(both.stdout, printed, both.stdout, suspects);
  const named = await ask(request, printed, about);
  if (named.kind !== "exited") return named;
  // A heuristic that found no time says nothing; the status stands without it.
  const byName = new Map(suspects.map((suspect) => [suspect.name, suspect]));
  const left = (names: readonly string[]) => names.flatMap((name) => byName.get(name) ?? []);
  const names = suspects.map(({ name }) => name);
  const heuristic = await ask(request, names, (some) => vacuous(left(some)));
  if (heuristic.kind === "aborted") return heuristic;
  const [text, asked] = heuristic.kind === "exited" ? [heuristic.stdout, left(heuristic.names)] : ["", []];
  return joined(named.stdout, named.names, text, asked);
}

/** Theorems with the axioms of the project that they rest on; what assumes itself says nothing to look into. */
function suspectsOf(request: ExamineRequest, answers: ReadonlyMap<string, Answer>): Suspect[] {
  return [...answers]
    .filter(([, { printed, assumptions }]) => !assumptions.some(({ name }) => name === printed))
    .map(([name, { assumptions }]) => ({
      name,
      projectAxioms: assumptions.flatMap(({ kind, name: axiom }) =>
        kind === "constant" && mayBeOwn(axiom, request) ? [axiom] : [],
      ),
    }));
}

/** @param meaning null: Coq did not say what the name stands for, and its looks tell nothing */
function factOf(printed: PrintedAssumption, meaning: string | null, request: ExamineRequest): FactAssumption {
  if (printed.kind === "unsafe") {
    const name = printed.name === "" ? printed.flag : `${printed.flag} (${printed.name})`;
    return { qualifiedName: name, type: printed.text, kind: "unsafe", declaredIn: null };
  }
  const { type } = printed;
  if (meaning === null) return { qualifiedName: printed.name, type, kind: "project-axiom", declaredIn: null };
  const qualifiedName = meaning;
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
