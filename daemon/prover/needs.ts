/** What each file of a project needs, directly or not. */
import type { Needs } from "./plan.ts";

export class ProjectNeeds {
  static readonly none = new ProjectNeeds(new Map());
  readonly #direct: ReadonlyMap<string, Needs>;
  /** Loaded by Coq, and told of by nothing before. */
  readonly #found = new Map<string, Set<string>>();

  constructor(direct: ReadonlyMap<string, Needs>) {
    this.#direct = direct;
  }

  /** Those that the file itself may ask for. */
  possible(path: string): ReadonlySet<string> {
    return this.#direct.get(path)?.possible ?? new Set();
  }

  /** Whether coqdep says so; what the text alone suggests may be another file. */
  isSure(path: string, needed: string): boolean {
    return this.#direct.get(path)?.sure.has(needed) ?? false;
  }

  /** Of files that need each other, the file itself is one. */
  all(path: string): ReadonlySet<string> {
    return reachable(path, (each) => [...this.possible(each), ...(this.#found.get(each) ?? [])]);
  }

  /** Whether Coq could only compile `needed` after `path`: waiting for it would take for ever. */
  isCircular(path: string, needed: string): boolean {
    if (!this.isSure(path, needed)) return this.all(needed).has(path);
    return reachable(needed, (each) => this.#direct.get(each)?.sure ?? []).has(path);
  }

  found(path: string, needed: string): void {
    if (this.all(path).has(needed)) return;
    this.#found.set(path, (this.#found.get(path) ?? new Set()).add(needed));
  }
}

function reachable(path: string, from: (path: string) => Iterable<string>): Set<string> {
  const seen = new Set<string>();
  const left = [path];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    for (const each of from(next)) {
      if (seen.has(each)) continue;
      seen.add(each);
      left.push(each);
    }
  }
  return seen;
}
