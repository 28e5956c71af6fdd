/** Where a key of a race file stands, for diagnostics about its value. */
import { ErrorList, type Span } from "./config-error.ts";
import { flattenSpace } from "./space-section.ts";
import { parseSource } from "./toml-source.ts";
import type { TomlEntry, TomlTable } from "./toml-tree.ts";

/**
 * The value of the key at `path` (`optimizer.lr`, `levers.ema.decay`), or the domain that it takes in the space. Where the
 * file leaves the key out, the nearest thing that decides it: its lever, its section. Null: none of them is written.
 * @param varies the value in question comes from the space
 */
export function keySpan(text: string, path: string, varies: boolean): Span | null {
  const { tree } = parseSource(text, new ErrorList(""));
  return (varies ? spaceSpan(tree, path) : null) ?? fixedSpan(tree, path);
}

function spaceSpan(tree: TomlTable, path: string): Span | null {
  const space = tree.entries.get("space")?.value;
  if (space?.kind !== "table") return null;
  const dimensions = flattenSpace(space, "");
  for (let wanted = path; wanted.includes("."); wanted = wanted.slice(0, wanted.lastIndexOf("."))) {
    const found = dimensions.find((dimension) => dimension.path === wanted);
    if (found === undefined) continue;
    const inside = found.value.kind === "table" ? [...found.value.entries] : [];
    return inside.find(([name]) => name !== "points")?.[1].value.at ?? found.key;
  }
  return null;
}

function fixedSpan(tree: TomlTable, path: string): Span | null {
  let table: TomlTable | undefined = tree;
  let last: TomlEntry | undefined;
  for (const name of path.split(".")) {
    const entry: TomlEntry | undefined = table?.entries.get(name);
    if (entry === undefined) return last?.key ?? null;
    last = entry;
    table = entry.value.kind === "table" ? entry.value : undefined;
  }
  return last?.value.at ?? null;
}
