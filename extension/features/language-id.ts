/** Languages as package.json contributes them. */

/** Of `*.igla.toml` files. */
export const raceFileLanguage = "igla-toml";
/** Of proofs. No file name is claimed for it: `.v` is also Verilog, and other extensions may own the language. */
export const proofLanguage = "coq";
