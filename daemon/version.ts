/** The code version that results carry. The build replaces the constants: package.json's version, and what it was built from. */
declare const IGLA_VERSION: string;
declare const IGLA_SOURCES: string;

export const codeVersion = IGLA_VERSION;
/** SHA-256 over the sources of daemon and shaders, hex: two builds with equal hashes compute the same numbers. */
export const sourceSha256 = IGLA_SOURCES;
