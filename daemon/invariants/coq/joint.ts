/**
 * One question for several theorems. `Print Assumptions` walks through all that a proof rests on, and walks anew for each
 * theorem: half a second where the real numbers are. A term that names several theorems is walked once; what it assumes is
 * all that they assume together. That bounds each of them from above; the theorems that a proof names bound it from below.
 * Where both bounds meet, the assumptions are known exactly; elsewhere the theorem is asked about alone.
 */
import type { GlobDeclaration } from "../facts.ts";
import type { GlobReference } from "./glob.ts";
import {
  type About,
  type Answer,
  blocksOf,
  type PrintedAssumption,
  parseAbouts,
  parseAssumptions,
  type Query,
  type Question,
  withMarkers,
} from "./query.ts";

export interface Plan {
  readonly singly: readonly string[];
  readonly jointly: readonly string[];
  /** Some axiom is to be expected: the proofs are needed for the lower bound. */
  readonly withProofs: boolean;
}

/** The printer gives up on terms that are nested deeper. */
const maxJointly = 100;
/** Libraries whose theorems mostly rest on axioms. A wrong guess costs time, nothing else. */
const axiomatic = /^(Coq|Stdlib)\.(Reals|Logic\.\w*(Classical|Ext|Epsilon|Choice|Description|Irrelevance|Eqdep|JMeq))/;

/**
 * Without an axiom in sight all are asked about together. With one, theorems that name no other are asked about alone:
 * they bound those from below that name them.
 *
 * @param admitted names, module path left out, that the text admits or postulates: each has an answer of its own
 */
export function planOf(
  { library, names }: Question,
  declarations: readonly GlobDeclaration[],
  references: readonly GlobReference[],
  admitted: ReadonlySet<string>,
): Plan {
  const isAdmitted = (name: string): boolean => admitted.has(name.slice(name.lastIndexOf(".") + 1));
  const others = names.filter((name) => !isAdmitted(name));
  const withProofs = others.length < names.length || references.some((reference) => axiomatic.test(reference.library));
  const leaning = withProofs ? leaningOn(library, new Set(names), declarations, references) : null;
  const joint = others.filter((name) => leaning === null || leaning.has(name)).slice(0, maxJointly);
  const jointly = joint.length < 2 ? [] : joint;
  return { singly: names.filter((name) => !jointly.includes(name)), jointly, withProofs };
}

/** Which of the names refer to another of them, by the places that coqc wrote down. */
function leaningOn(
  library: string,
  names: ReadonlySet<string>,
  declarations: readonly GlobDeclaration[],
  references: readonly GlobReference[],
): Set<string> {
  const starts = declarations
    .map(({ startByte, modulePath, name }) => ({ startByte, name: modulePath === "" ? name : `${modulePath}.${name}` }))
    .filter(({ name }) => names.has(name))
    .sort((a, b) => a.startByte - b.startByte);
  const own = references
    .filter((reference) => reference.library === library && names.has(reference.name))
    .sort((a, b) => a.startByte - b.startByte);
  const leaning = new Set<string>();
  let at = -1;
  for (const { startByte, name } of own) {
    while ((starts[at + 1]?.startByte ?? Number.POSITIVE_INFINITY) <= startByte) at += 1;
    const owner = starts[at]?.name;
    if (owner !== undefined && owner !== name) leaning.add(owner);
  }
  return leaning;
}

const jointName = (nonce: string): string => `${nonce}_all`;
const withName = (nonce: string): string => `${nonce}_with`;

/** To stand before the library is required: `with a (with b I)` holds a and b, and is printed without their types. */
export function jointPreface(nonce: string): string {
  return `Definition ${withName(nonce)} {A : Type} (one : A) (others : True) : True := others.\n`;
}

/** The term that holds all, as it is written or, where the names are printed ones, as Coq prints it. */
function termOf(nonce: string, names: readonly string[]): string {
  return names.reduceRight(
    (others, name) => `${withName(nonce)} ${name} ${others === "I" ? others : `(${others})`}`,
    "I",
  );
}

/** The term, what it assumes, and the term as Coq understood it; then each theorem's name and, where needed, its proof. */
export function jointText({ library, nonce }: Omit<Question, "names">, { jointly, withProofs }: Plan): Query {
  if (jointly.length === 0) return { text: "", asks: [] };
  const all = jointName(nonce);
  const held = jointly.map((name) => `(@${library}.${name})`);
  const term = [`Definition ${all} : True := ${termOf(nonce, held)}.`, `Print Assumptions ${all}.`, `Print ${all}.`];
  const abouts = withMarkers({ library, nonce: `${nonce}n` }, jointly, (name) => [`About ${library}.${name}.`]);
  const proofs = withMarkers({ library, nonce: `${nonce}p` }, withProofs ? jointly : [], (name) => [
    "Set Printing All.",
    "Set Printing Depth 60.",
    `Print ${library}.${name}.`,
  ]);
  const joint = withMarkers({ library, nonce: `${nonce}j` }, [all], () => term);
  return {
    text: abouts.text + joint.text + proofs.text,
    // An error in the term concerns no name alone.
    asks: [...abouts.asks, ...joint.asks.map(() => null), ...proofs.asks],
  };
}

/**
 * Answers of the theorems whose two bounds meet; the others have to be asked about alone.
 *
 * @param single answers of theorems that were asked about alone
 */
export function parseJoint(
  stdout: string,
  { library, nonce }: Omit<Question, "names">,
  { jointly }: Plan,
  single: ReadonlyMap<string, Answer>,
): Map<string, Answer> {
  const abouts = parseAbouts(stdout, `${nonce}n`, jointly);
  const known = new Map<string, About>();
  for (const name of jointly) {
    const about = abouts.get(name);
    if (about?.kind === "Constant" && about.qualifiedName === `${library}.${name}`) known.set(name, about);
  }
  const above = boundAbove(stdout, nonce, jointly, known);
  if (above === null) return new Map();
  const answers = new Map<string, Answer>();
  const settle = (name: string, about: About) => answers.set(name, { ...about, assumptions: above });
  if (above.length === 0) for (const [name, about] of known) settle(name, about);
  // What is switched off is listed for the whole theory, too: no bound from below holds for it.
  if (above.length === 0 || above.some(({ kind }) => kind === "unsafe")) return answers;
  const proofs = blocksOf(stdout, `${nonce}p`, jointly);
  const below = new Map([...known.keys()].map((name) => [name, namesIn(proofs.get(name) ?? [])]));
  for (let before = -1; before < answers.size; ) {
    before = answers.size;
    for (const [name, about] of known) {
      if (answers.has(name)) continue;
      const named = [...single.values(), ...answers.values()].filter((one) => below.get(name)?.has(one.printed));
      const least = new Set(named.flatMap(({ assumptions }) => assumptions.map(keyOf)));
      if (above.every((one) => least.has(keyOf(one)))) settle(name, about);
    }
  }
  return answers;
}

const keyOf = (assumption: PrintedAssumption): string => JSON.stringify(assumption);

/** Null: Coq did not answer, or read another term than the one that was written. */
function boundAbove(
  stdout: string,
  nonce: string,
  jointly: readonly string[],
  abouts: ReadonlyMap<string, About>,
): readonly PrintedAssumption[] | null {
  const all = jointName(nonce);
  const lines = blocksOf(stdout, `${nonce}j`, [all]).get(all) ?? [];
  const end = lines.findIndex((line) => line.startsWith(`${all} =`));
  if (end < 1) return null;
  const term = lines.slice(end).join(" ").replaceAll(/\s+/g, " ").trim();
  // A name with implicit arguments is printed as `(@name)`.
  const plain = term.replaceAll(/\(@(\S+?)\)/g, "$1");
  const names = jointly.map((name) => abouts.get(name)?.printed ?? "?");
  if (plain !== `${all} = ${termOf(nonce, names)} : True`) return null;
  const assumptions = parseAssumptions(lines.slice(0, end));
  const isClosed = end === 1 && lines[0] === "Closed under the global context";
  return isClosed === (assumptions.length === 0) ? assumptions : null;
}

/** Names that a printed proof mentions. What stands after the last colon is the statement, which assumes nothing. */
function namesIn(lines: readonly string[]): ReadonlySet<string> {
  const end = lines.findIndex((line) => line.startsWith("     : "));
  const text = lines.slice(0, Math.max(end, 0)).join(" ");
  const proof = text.slice(text.indexOf(" = ") + 3);
  // A string may hold anything.
  return proof.includes('"') ? new Set() : new Set(proof.split(/[\s()@,;:{}|]+/));
}
