/**
 * The parameters of a model: names, shapes, initial values, optimiser groups, and their offsets in the arenas.
 * Parameters of one group are contiguous, so that an optimiser runs over a group in one kernel call.
 */
import { EngineError } from "../error.ts";
import { fillNormal } from "../random/philox.ts";
import { type Arena, sizeOf, type Tensor } from "./tensor.ts";

export type Init =
  | { readonly kind: "normal"; readonly std: number }
  | { readonly kind: "constant"; readonly value: number };

/** What the optimiser needs to know; levers may change it before the table is frozen. */
export interface ParameterGroup {
  readonly optimizer: "adamw" | "muon";
  /** Multiplier on the peak learning rate. */
  readonly lrScale: number;
  /** Multiplier on the weight decay: 0 for gains and scalars. */
  readonly decayScale: number;
}

export type ParameterRole = "embedding" | "hidden" | "head" | "gain";

export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly role: ParameterRole;
  readonly init: Init;
  readonly group: ParameterGroup;
  /** Elements from the start of every arena; set by `freeze`. */
  offset: number;
}

/** Offsets are multiples of 64 elements (256 bytes, WebGPU's storage-binding alignment). Gaps stay zero. */
const ALIGNMENT = 64;
const align = (n: number): number => Math.ceil(n / ALIGNMENT) * ALIGNMENT;
const groupKey = (g: ParameterGroup): string => `${g.optimizer} ${g.lrScale} ${g.decayScale}`;

export interface ParameterRange {
  readonly group: ParameterGroup;
  readonly offset: number;
  readonly length: number;
  readonly parameters: readonly Parameter[];
}

export class ParameterTable {
  readonly #byName = new Map<string, Parameter>();
  #ranges: readonly ParameterRange[] | null = null;
  #arenaLength = 0;

  /** The same declaration twice is one parameter (a tied head); a different one of the same name is refused. */
  declare(name: string, shape: readonly number[], role: ParameterRole, init: Init, group: ParameterGroup): Parameter {
    const known = this.#byName.get(name);
    if (known) {
      const asked = { ...known, shape, role, init, group };
      if (JSON.stringify(asked) === JSON.stringify(known)) return known;
      throw new EngineError(
        "engine.bad-shape",
        `Parameter ${name} is declared twice: as [${known.shape}] ${known.role} and as [${shape}] ${role}.`,
      );
    }
    if (this.#ranges)
      throw new EngineError("engine.bad-shape", `Parameter ${name} appears after the table was frozen.`);
    const parameter: Parameter = { name, shape, role, init, group, offset: -1 };
    this.#byName.set(name, parameter);
    return parameter;
  }

  /** Assigns offsets. Groups in order of first appearance, parameters in order of declaration. */
  freeze(): readonly ParameterRange[] {
    if (this.#ranges) return this.#ranges;
    const groups = Map.groupBy(this.#byName.values(), (p) => groupKey(p.group));
    let offset = 0;
    this.#ranges = [...groups.values()].map((parameters) => {
      const start = offset;
      for (const parameter of parameters) {
        parameter.offset = offset;
        offset += align(sizeOf(parameter.shape));
      }
      const { group } = parameters[0] as Parameter;
      return { group, offset: start, length: offset - start, parameters };
    });
    this.#arenaLength = offset;
    return this.#ranges;
  }

  get arenaLength(): number {
    this.freeze();
    return this.#arenaLength;
  }

  all(): readonly Parameter[] {
    return [...this.#byName.values()];
  }

  get count(): number {
    return this.all().reduce((sum, p) => sum + sizeOf(p.shape), 0);
  }

  /**
   * Initial values of the whole arena for one seed. A parameter's own name chooses its stream, so that a lever that adds
   * parameters leaves those that both arms of an experiment have as they are.
   */
  initialValues(seed: number): Float32Array {
    const values = new Float32Array(this.arenaLength);
    for (const p of this.all()) {
      const slot = values.subarray(p.offset, p.offset + sizeOf(p.shape));
      if (p.init.kind === "constant") slot.fill(p.init.value);
      else fillNormal(slot, p.init.std, seed, streamOf(p.name));
    }
    return values;
  }
}

/** FNV-1a, 32 bits, over the UTF-16 units of a name. Part of every recorded result: never change it. */
export function streamOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193) >>> 0;
  return hash;
}

/** The parameter as a tensor of one arena. */
export function arenaTensor(id: number, parameter: Parameter, arena: Arena): Tensor {
  return {
    id,
    name: `${arena}/${parameter.name}`,
    shape: parameter.shape,
    dtype: "f32",
    // The offset is read when the program is planned, after the table was frozen.
    get storage() {
      return { kind: "arena", arena, offset: parameter.offset } as const;
    },
    needsGrad: arena === "param",
  };
}
