/** Language of `*.igla.toml` files, as package.json contributes it. */
export const raceFileLanguage = "igla-toml";
