/** Where levers stand in the text of a race file. Pure; what the text means, the language server and the daemon know. */

export interface LeverSection {
  readonly lever: string;
  /** From 0: the line that names it. */
  readonly line: number;
  /** Of that line, without what surrounds it. */
  readonly start: number;
  readonly end: number;
}

const name = `(?:"([^"]+)"|'([^']+)'|([A-Za-z0-9_-]+))`;
const header = /^\s*\[\s*(.+?)\s*\]\s*(?:#.*)?$/;
const leverTable = new RegExp(`^levers\\s*\\.\\s*${name}`);
/** `space."levers.relu2"`, `space."levers.softcap.cap"`. */
const spaceTable = /^space\s*\.\s*["']levers\.([A-Za-z0-9_-]+)/;
const key = new RegExp(`^\\s*${name}\\s*[.=]`);
const dottedKey = new RegExp(`^\\s*levers\\s*\\.\\s*${name}\\s*[.=]`);

/**
 * Each lever once, in order of the lines: the section that switches it on goes before one that only varies it.
 * Sections, keys of `[levers]` and keys of `[space]` are understood; other tables of TOML are left to the daemon.
 */
export function leverSections(text: string): LeverSection[] {
  const found = new Map<string, LeverSection & { readonly isOn: boolean }>();
  let table = "";
  for (const [line, content] of text.split(/\r?\n/).entries()) {
    const opened = header.exec(content)?.[1];
    if (opened !== undefined) table = opened;
    const named = opened === undefined ? namedByKey(table, content) : namedByTable(opened);
    if (named === null) continue;
    const known = found.get(named.lever);
    if (known !== undefined && (known.isOn || !named.isOn)) continue;
    const start = content.length - content.trimStart().length;
    found.set(named.lever, { ...named, line, start, end: content.trimEnd().length });
  }
  return [...found.values()]
    .sort((a, b) => a.line - b.line)
    .map(({ lever, line, start, end }) => ({ lever, line, start, end }));
}

interface Named {
  readonly lever: string;
  readonly isOn: boolean;
}

function namedByTable(table: string): Named | null {
  const own = nameIn(leverTable.exec(table));
  if (own !== null) return { lever: own, isOn: true };
  const varied = spaceTable.exec(table)?.[1];
  return varied === undefined ? null : { lever: varied, isOn: false };
}

function namedByKey(table: string, content: string): Named | null {
  if (table === "levers") return on(nameIn(key.exec(content)));
  if (table === "") return on(nameIn(dottedKey.exec(content)));
  if (table !== "space") return null;
  const varied = /^levers\.([A-Za-z0-9_-]+)/.exec(nameIn(key.exec(content)) ?? "")?.[1];
  return varied === undefined ? null : { lever: varied, isOn: false };
}

function on(lever: string | null): Named | null {
  return lever === null ? null : { lever, isOn: true };
}

function nameIn(match: RegExpExecArray | null): string | null {
  return match === null ? null : (match[1] ?? match[2] ?? match[3] ?? null);
}
