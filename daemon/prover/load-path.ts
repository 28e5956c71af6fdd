/** Which project file rules a proof file, and what Coq calls it: load paths mirrored into the build folder. */
import { type ProjectInclude, parseProject } from "../invariants/coq/project.ts";
import { baseName, folderOf, normalise } from "../invariants/paths.ts";

export interface LoadPath {
  /** Arguments of coqc for the mirror of the folder at `out`. */
  readonly args: (out: string) => readonly string[];
  /** `Igla.Phi` for `proofs/Phi.v`. */
  readonly library: (path: string) => string;
  /** Whether Coq finds the file at `path` through these arguments. */
  readonly covers: (path: string) => boolean;
  readonly trustFlags: readonly string[];
  /** What was read differently from how it is written, worded for the user. */
  readonly notes: readonly string[];
  /** Path of the project file; null: the file's folder with an empty prefix. */
  readonly project: string | null;
}

interface Mapped {
  readonly kind: ProjectInclude["kind"];
  /** Relative to the report's folder; empty for the folder itself. */
  readonly folder: string;
  readonly name: string;
}

/** @param projects project files by path @param folders every folder that holds a proof, with those above it */
export function loadPathOf(
  path: string,
  projects: ReadonlyMap<string, string>,
  folders: ReadonlySet<string>,
): LoadPath {
  const project = nearestProject(path, projects);
  if (project === null) return build([{ kind: "R", folder: folderOf(path), name: "" }], [], [], null);
  const { includes, trustFlags } = parseProject(projects.get(project) ?? "");
  const notes: string[] = [];
  const mapped = includes.flatMap((include): Mapped[] => {
    if (include.kind === "I") return [];
    const found = resolve(include, folderOf(project), folders);
    if (found === null) {
      notes.push(`${project}: -${include.kind} ${include.folder} is not in this folder and is left out`);
      return [];
    }
    if (found.moved) notes.push(`${project}: -${include.kind} ${include.folder} was found one folder up`);
    return [{ kind: include.kind, folder: found.folder, name: include.name }];
  });
  const covers = mapped.some(({ folder }) => isBelow(path, folder));
  const own: Mapped[] = covers ? [] : [{ kind: "R", folder: folderOf(path), name: "" }];
  return build([...mapped, ...own], trustFlags, notes, project);
}

function nearestProject(path: string, projects: ReadonlyMap<string, string>): string | null {
  for (let folder = folderOf(path); ; folder = folderOf(folder)) {
    for (const name of ["_RocqProject", "_CoqProject"]) {
      const candidate = folder === "" ? name : `${folder}/${name}`;
      if (projects.has(candidate)) return candidate;
    }
    if (folder === "") return null;
  }
}

/** Relative to the project file; where that does not exist, relative to the folder above it. */
function resolve(
  { folder }: ProjectInclude,
  base: string,
  folders: ReadonlySet<string>,
): { readonly folder: string; readonly moved: boolean } | null {
  const own = join(base, folder);
  if (own !== null && folders.has(own)) return { folder: own, moved: false };
  const above = base === "" ? null : join(folderOf(base), folder);
  return above !== null && folders.has(above) ? { folder: above, moved: true } : null;
}

function join(base: string, folder: string): string | null {
  const whole = base === "" ? folder : `${base}/${folder}`;
  // `.` is the folder itself, which `normalise` has no path for.
  return /^(\.?\/)*\.?$/.test(whole) ? "" : (normalise(whole) ?? (folder === "." ? base : null));
}

function isBelow(path: string, folder: string): boolean {
  return folder === "" || path.startsWith(`${folder}/`);
}

function build(
  mapped: readonly Mapped[],
  trustFlags: readonly string[],
  notes: readonly string[],
  project: string | null,
): LoadPath {
  return {
    args: (out) =>
      mapped.flatMap(({ kind, folder, name }) => [`-${kind}`, folder === "" ? out : `${out}/${folder}`, name]),
    library: (path) => {
      // Coq forgets the earlier name of a folder that is mapped again, by itself or with one above it.
      const own = mapped.findLast(({ folder }) => isBelow(path, folder));
      const within = own === undefined || own.folder === "" ? path : path.slice(own.folder.length + 1);
      const parts = [...(own?.name ? [own.name] : []), ...folderOf(within).split("/").filter(Boolean)];
      return [...parts, baseName(within).replace(/\.v$/, "")].join(".");
    },
    covers: (path) => mapped.some(({ folder }) => isBelow(path, folder)),
    trustFlags,
    notes,
    project,
  };
}
