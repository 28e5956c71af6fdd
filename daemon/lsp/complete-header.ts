/** Sections that can be opened: those of the schema, levers, and dimensions of the space. */
import { sectionDocs, sectionNames } from "../config/schema.ts";
import { levers } from "../levers/registry.ts";
import { type Candidate, type Candidates, literal, placeholder } from "./candidate.ts";
import { describeLever, describeSubject, showSpace } from "./markdown.ts";
import { type Varied, variablePaths } from "./subject.ts";
import { type Header, readStatements, type Statement } from "./text/statements.ts";

interface Section {
  readonly name: string;
  readonly kind: Candidate["kind"];
  readonly detail: string;
  readonly markdown: string;
  /** Snippet of what usually stands in the section. */
  readonly body: string;
  readonly order: number;
}

/** Replaces what stands in the brackets, and adds the closing one where it is missing. */
export function headerCandidates(text: string, header: Header): Candidates {
  const statements = readStatements(text);
  const next = statements[statements.findIndex(({ from }) => from === header.from) + 1];
  const hasBody = next?.kind === "assignment";
  const others = statements.filter((statement) => statement.from !== header.from);
  const candidates = openSections(others).map(({ name, kind, detail, markdown, body, order }) => {
    const insert = `${literal(name)}]${hasBody || body === "" ? "" : `\n${body}`}`;
    return { label: name, kind, insert, detail, markdown, order };
  });
  return { range: { from: header.inner.from, to: header.to }, candidates };
}

/** The same at the beginning of a line, brackets included. */
export function sectionCandidates(text: string): Candidate[] {
  return openSections(readStatements(text)).map(({ name, kind, detail, markdown, body, order }) => {
    const insert = `[${literal(name)}]${body === "" ? "" : `\n${body}`}`;
    return { label: `[${name}]`, kind, insert, detail, markdown, filter: name, order: order + 2 };
  });
}

/** Sections that the file does not have yet. */
function openSections(statements: readonly Statement[]): Section[] {
  const present = new Set(
    statements.flatMap((statement) => (statement.kind === "header" ? [canonical(statement)] : [])),
  );
  const plain = sectionNames.map((name): Section => {
    const markdown = describeSubject({ kind: "section", name });
    return { name, kind: "section", detail: sectionDocs[name], markdown, body: "", order: 1 };
  });
  const ofLevers = [...levers.values()].map((lever): Section => {
    const taken = lever.group !== undefined && groupTaken(lever.group, lever.id, present);
    return {
      name: `levers.${lever.id}`,
      kind: "lever",
      detail: taken ? `${lever.title} (another lever of ${lever.group} is on)` : lever.title,
      markdown: describeLever(lever),
      body: "",
      order: taken ? 4 : 2,
    };
  });
  const ofSpace = variablePaths().map((target): Section => {
    const markdown = describeSubject({ kind: "dimension", target });
    return {
      name: `space."${target.path}"`,
      kind: "dimension",
      detail: suggested(target) ?? "varies between configurations",
      markdown,
      body: dimensionBody(target),
      order: suggested(target) === null ? 5 : 3,
    };
  });
  return [...plain, ...ofLevers, ...ofSpace].filter(({ name }) => !present.has(name.replaceAll('"', "")));
}

const canonical = ({ path }: Header) => path.map(({ text }) => text).join(".");

function groupTaken(group: string, id: string, present: ReadonlySet<string>): boolean {
  return [...levers.values()].some(
    (other) => other.id !== id && other.group === group && present.has(`levers.${other.id}`),
  );
}

/** `log = [0.002, 0.007]`; null where nobody suggests a range. */
export function suggested(target: Varied): string | null {
  if (target.kind === "lever") return "choice = [true, false]";
  return target.space === null ? null : showSpace(target.space);
}

export function dimensionBody(target: Varied): string {
  const range = suggested(target);
  return range === null ? "choice = [$1]" : placeholder(1, range);
}
