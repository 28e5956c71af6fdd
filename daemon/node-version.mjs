/** The oldest Node.js that runs Igla. Plain JavaScript without imports, because older versions read it, too. */

/** SQLite's native module crashes below 22; type stripping and `using` settle at 22.18. */
const OLDEST = [22, 18];

export const oldestNode = OLDEST.join(".");

export function isNodeTooOld(version = process.versions.node) {
  const [major, minor] = version.split(".").map(Number);
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
}
