/** Parameters by name, laid out as an arena. */
import type { ParameterTable } from "../engine/graph/parameters.ts";
import type { LaneSnapshot } from "./population.ts";

/** @throws {RangeError} a parameter is missing or has another shape: the checkpoint belongs to another model */
export function packArena(table: ParameterTable, saved: LaneSnapshot["parameters"]): Float32Array {
  const arena = new Float32Array(table.arenaLength);
  for (const { name, shape, offset } of table.all()) {
    const found = saved.get(name);
    if (!found || found.shape.join() !== shape.join()) {
      const held = found ? `[${found.shape}]` : "nothing";
      throw new RangeError(`The checkpoint holds ${held} for ${name}; the model wants [${shape}].`);
    }
    arena.set(found.values, offset);
  }
  return arena;
}
