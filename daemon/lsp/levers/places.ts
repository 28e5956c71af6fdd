/** Where a race file names its levers: sections, and entries of the space. */
import { isDomainName } from "../race-file/subject.ts";
import { type Header, type Range, readStatements, type Statement } from "../race-file/text/statements.ts";

export interface LeverPlace extends Range {
  readonly id: string;
  /** `on`: `[levers.ID]`. `varied`: `[space."levers.ID"]`. */
  readonly role: "on" | "varied";
}

/** In order; a lever at most once in each role. */
export function leverPlaces(text: string): LeverPlace[] {
  const found = new Map<string, LeverPlace>();
  for (const statement of readStatements(text)) {
    const named = leverOf(statement);
    if (named === null) continue;
    const { from, to } = statement;
    const place = { ...named, from, to: statement.kind === "header" ? to : nameEnd(statement) };
    if (!found.has(`${place.role} ${place.id}`)) found.set(`${place.role} ${place.id}`, place);
  }
  return [...found.values()];
}

/** The whole dotted path; quoted parts of a space are paths themselves. */
export function pathOf(statement: Statement): string[] {
  const header: Header | null = statement.kind === "header" ? statement : statement.header;
  const own = statement.kind === "header" ? [] : statement.path;
  const parts = [...(header?.path ?? []), ...own].map(({ text }) => text);
  return parts[0] === "space" ? ["space", ...parts.slice(1).join(".").split(".")] : parts;
}

function leverOf(statement: Statement): Pick<LeverPlace, "id" | "role"> | null {
  const path = pathOf(statement);
  if (path[0] === "levers") return path[1] === undefined ? null : { id: path[1], role: "on" };
  const [section, levers, id, next] = path;
  if (section !== "space" || levers !== "levers" || id === undefined) return null;
  return next === undefined || isDomainName(next) ? { id, role: "varied" } : null;
}

function nameEnd({ path, to }: Statement): number {
  return path.at(-1)?.to ?? to;
}
