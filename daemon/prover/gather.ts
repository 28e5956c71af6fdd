/** The first question about a file: in one run of Coq as much as can be asked before any answer is known. */
import { locateText, parseLocated } from "../invariants/coq/askable.ts";
import { jointPreface, jointText, type Plan, parseJoint, planOf } from "../invariants/coq/joint.ts";
import { expectedText, parseExpected } from "../invariants/coq/located.ts";
import { type Answer, parseAnswers, type Query, type Question, queryText } from "../invariants/coq/query.ts";
import { parseVacuity, type Suspect, type VacuityFinding, vacuityText } from "../invariants/coq/vacuity.ts";
import { ask, runQuery } from "./ask.ts";
import type { ExamineRequest } from "./examine.ts";
import type { RunResult } from "./run.ts";

/** Seconds for each heuristic about one statement. */
export const vacuitySec = 2;

export interface Gathered {
  readonly kind: "gathered";
  readonly answers: ReadonlyMap<string, Answer>;
  /** What printed names stand for, as far as it is known already. */
  readonly meanings: ReadonlyMap<string, string>;
  /** Found without looking at axioms of the project; null: not asked. */
  readonly vacuity: ReadonlyMap<string, readonly VacuityFinding[]> | null;
}

type Failed = Exclude<RunResult, { kind: "exited" }>;

export async function gather(request: ExamineRequest, question: Question): Promise<Gathered | Failed> {
  const locate = async (left: readonly string[]): Promise<readonly string[]> => {
    const located = await runQuery(request, locateText({ ...question, names: left }));
    return located.kind === "exited" ? parseLocated(located.stdout, { ...question, names: left }) : [];
  };
  const { nonce } = question;
  const whole = await ask(request, question.names, (names) => wholeText(request, { ...question, names }), locate);
  if (whole.kind === "aborted") return whole;
  if (whole.kind !== "exited") return await oneByOne(request, question, locate);
  const { stdout } = whole;
  const plan = planFor(request, { ...question, names: whole.names });
  const single = parseAnswers(stdout, { ...question, names: plan.singly });
  const joint = parseJoint(stdout, question, plan, single);
  const open = plan.jointly.filter((name) => !joint.has(name));
  const further = await ask(request, open, (names) => queryText({ ...question, names }));
  if (further.kind !== "exited") return further;
  const rest = parseAnswers(further.stdout, { ...question, names: further.names });
  const answers = inOrder(whole.names, new Map([...single, ...joint, ...rest]));
  const own = [...answers.values()].map(({ printed, qualifiedName }) => [printed, qualifiedName] as const);
  const meanings = new Map([...parseExpected(stdout, `${nonce}l`), ...own]);
  const vacuity = parseVacuity(stdout, `${nonce}v`, suspects(whole.names));
  return { kind: "gathered", answers, meanings, vacuity };
}

/** Where the whole was too much: a term that Coq refused, a heuristic that took all the time. */
async function oneByOne(
  request: ExamineRequest,
  question: Question,
  locate: (left: readonly string[]) => Promise<readonly string[]>,
): Promise<Gathered | Failed> {
  const asked = await ask(request, question.names, (names) => queryText({ ...question, names }), locate);
  if (asked.kind !== "exited") return asked;
  const answers = parseAnswers(asked.stdout, { ...question, names: asked.names });
  return { kind: "gathered", answers, meanings: new Map(), vacuity: null };
}

function planFor({ declarations, references, scan }: ExamineRequest, question: Question): Plan {
  const admitted = scan.declarations.filter(({ reading }) => reading === "admitted" || reading === "axiom");
  return planOf(question, declarations, references, new Set(admitted.map(({ name }) => name)));
}

/** What is defined for the questions stands before the library: nothing in it can change how that is read. */
function wholeText(request: ExamineRequest, question: Question): Query {
  const { nonce } = question;
  const plan = planFor(request, question);
  return concat([
    { text: jointPreface(nonce), asks: [null] },
    vacuityText({ ...question, nonce: `${nonce}v` }, suspects(question.names), vacuitySec),
    queryText({ ...question, names: plan.singly }),
    jointText(question, plan),
    plan.withProofs ? expectedText({ ...question, nonce: `${nonce}l` }) : { text: "", asks: [] },
  ]);
}

function concat(queries: readonly Query[]): Query {
  return { text: queries.map(({ text }) => text).join(""), asks: queries.flatMap(({ asks }) => asks) };
}

function suspects(names: readonly string[]): Suspect[] {
  return names.map((name) => ({ name, projectAxioms: [] }));
}

function inOrder(names: readonly string[], answers: ReadonlyMap<string, Answer>): Map<string, Answer> {
  return new Map(
    names.flatMap((name) => {
      const answer = answers.get(name);
      return answer === undefined ? [] : [[name, answer] as const];
    }),
  );
}
