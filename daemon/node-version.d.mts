export const oldestNode: string;
/** @param version "major.minor.patch"; default: that of this process */
export function isNodeTooOld(version?: string): boolean;
