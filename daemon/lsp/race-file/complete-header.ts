/** Sections that can be opened: those of the schema, levers, and dimensions of the space. */
import { sectionDocs, sectionNames } from "../../config/schema.ts";
import { levers } from "../../levers/registry.ts";
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
  return everySection().flatMap((section) => {
    if (present.has(section.name.replaceAll('"', ""))) return [];
    const lever = section.kind === "lever" ? levers.get(section.name.slice("levers.".length)) : undefined;
    if (lever?.group === undefined || !groupTaken(lever.group, lever.id, present)) return [section];
    return [{ ...section, detail: `${section.detail} (another lever of ${lever.group} is on)`, order: 4 }];
  });
}

let sections: readonly Section[] | null = null;

/** All that a race file can have. Built once, with the first completion: it holds every text there is. */
function everySection(): readonly Section[] {
  sections ??= [
    ...sectionNames.map((name): Section => {
      const markdown = describeSubject({ kind: "section", name });
      return { name, kind: "section", detail: sectionDocs[name], markdown, body: "", order: 1 };
    }),
    ...[...levers.values()].map((lever): Section => {
      const markdown = describeLever(lever);
      return { name: `levers.${lever.id}`, kind: "lever", detail: lever.title, markdown, body: "", order: 2 };
    }),
    ...variablePaths().map((target): Section => {
      const range = suggested(target);
      const markdown = describeSubject({ kind: "dimension", target });
      const detail = range ?? "varies between configurations";
      const order = range === null ? 5 : 3;
      return {
        name: `space."${target.path}"`,
        kind: "dimension",
        detail,
        markdown,
        body: dimensionBody(target),
        order,
      };
    }),
  ];
  return sections;
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
