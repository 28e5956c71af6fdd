/**
 * May a model start from a checkpoint? What its metadata says and what its tensors show is compared with the model that
 * is to start, before step 1. There is no fall-back to random numbers: a fault refuses the start.
 */

export type Shapes = ReadonlyMap<string, readonly number[]>;

/** What can be told of an architecture; null: not known. */
export interface Architecture {
  readonly family: string | null;
  readonly layers: number | null;
  /** D. */
  readonly width: number | null;
  /** Attention heads: no shape tells them, and weights for another number mean something else. */
  readonly heads: number | null;
}

export type InitCode =
  | "no-parameters"
  | "metadata-contradicts-tensors"
  | "architecture-differs"
  | "missing-tensor"
  | "unknown-tensor"
  | "shape-differs";

export interface InitFault {
  readonly code: InitCode;
  readonly message: string;
}

export interface InitInput {
  /** The file, for messages. */
  readonly place: string;
  /** `arch` of its metadata; null: it has none. */
  readonly arch: string | null;
  /** Of the file: plain names of an exported model, or those of a checkpoint (`param/`, `optim/`, `lane/`). */
  readonly tensors: Shapes;
  readonly wanted: { readonly architecture: Architecture; readonly parameters: Shapes };
}

const parameterPrefix = "param/";
const checkpointPrefixes = [parameterPrefix, "optim/", "lane/"];
const keys = ["family", "layers", "width", "heads"] as const;

/** Every fault, not only the first; empty: the model may start from the file. */
export function initFaults({ place, arch, tensors, wanted }: InitInput): InitFault[] {
  const found = parametersOf(tensors);
  if (found.size === 0) return [{ code: "no-parameters", message: `${place} holds no model parameters.` }];
  const said = statedArchitecture(arch);
  const shown = inferredArchitecture(found);
  const says = `the metadata of ${place}`;
  const shows = `the tensors of ${place}`;
  return [
    ...contradictions("metadata-contradicts-tensors", [says, said], [shows, shown]),
    ...contradictions("architecture-differs", [says, said], ["the race file", wanted.architecture]),
    ...contradictions("architecture-differs", [shows, shown], ["the race file", wanted.architecture]),
    ...shapeFaults(place, found, wanted.parameters),
  ];
}

/** A start that knows no more than chance was no start from a checkpoint. Losses in nats at step 0, on the same bytes. */
export function isBetterThanRandom(lossNats: number, randomLossNats: number): boolean {
  return Number.isFinite(lossNats) && Number.isFinite(randomLossNats) && lossNats < randomLossNats;
}

/** The model's own tensors of a file, under their plain names. */
export function parametersOf<T>(tensors: ReadonlyMap<string, T>): ReadonlyMap<string, T> {
  const isCheckpoint = [...tensors.keys()].every((name) => checkpointPrefixes.some((part) => name.startsWith(part)));
  if (!isCheckpoint) return tensors;
  const found = new Map<string, T>();
  for (const [name, tensor] of tensors) {
    if (name.startsWith(parameterPrefix)) found.set(name.slice(parameterPrefix.length), tensor);
  }
  return found;
}

/** From the metadata: a trial's description as JSON, or its model section alone. */
export function statedArchitecture(arch: string | null): Architecture {
  const spec = record(parsed(arch));
  const model = record(spec.model ?? spec);
  const count = (value: unknown) => (typeof value === "number" && Number.isSafeInteger(value) ? value : null);
  return {
    family: typeof model.family === "string" ? model.family : null,
    layers: count(model.layers),
    width: count(model.width),
    heads: count(model.heads),
  };
}

function parsed(arch: string | null): unknown {
  try {
    return JSON.parse(arch ?? "null");
  } catch {
    // Prose of another tool: the architecture is not known from it, the tensors still tell.
    return null;
  }
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

/** From names and shapes: blocks are counted, the embedding [V, D] tells the width, attention tells the family. */
export function inferredArchitecture(parameters: Shapes): Architecture {
  const blocks = new Set<number>();
  for (const name of parameters.keys()) {
    const block = /^layer(\d{1,6})\./.exec(name)?.[1];
    if (block !== undefined) blocks.add(Number(block));
  }
  const table = parameters.get("embedding");
  const isAttn = table !== undefined && parameters.has("layer0.attention.q");
  return {
    family: isAttn ? "attn" : null,
    layers: blocks.size === 0 ? null : Math.max(...blocks) + 1,
    width: table?.length === 2 ? (table[1] ?? null) : null,
    heads: null,
  };
}

type Source = readonly [name: string, architecture: Architecture];

/** Both are named: which one is wrong only the user can say. */
function contradictions(code: InitCode, [a, one]: Source, [b, other]: Source): InitFault[] {
  return keys.flatMap((key) => {
    const [x, y] = [one[key], other[key]];
    if (x === null || y === null || x === y) return [];
    return [{ code, message: `"${key}" is ${x} in ${a} and ${y} in ${b}.` }];
  });
}

function shapeFaults(place: string, found: Shapes, wanted: Shapes): InitFault[] {
  const faults: InitFault[] = [];
  const add = (code: InitCode, message: string) => faults.push({ code, message });
  for (const [name, shape] of wanted) {
    const other = found.get(name);
    const size = `[${shape.join(", ")}]`;
    if (other === undefined) add("missing-tensor", `${place} has no tensor "${name}" ${size}; the model needs it.`);
    else if (other.length !== shape.length || other.some((length, i) => length !== shape[i])) {
      add("shape-differs", `"${name}" is [${other.join(", ")}] in ${place} and ${size} in the model.`);
    }
  }
  for (const [name, shape] of found) {
    if (!wanted.has(name))
      add("unknown-tensor", `${place} has a tensor "${name}" [${shape.join(", ")}] that the model has not.`);
  }
  return faults;
}
