/** Where the assertion file of a race lies, relative to the race file's folder or to the workspace. */
import { normalise } from "./paths.ts";

/** The file that guards where the race file names none. */
const usualAssertions = "assertions/igla_assertions.json";

/** @param named as the race file names it, null where it names none; a path that leaves the folder stays as written */
export function guardPath(named: string | null): string {
  const written = named ?? usualAssertions;
  return normalise(written) ?? written;
}
