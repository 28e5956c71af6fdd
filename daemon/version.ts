/** The code version that results carry. The build replaces the constant by package.json's version. */
declare const IGLA_VERSION: string;

export const codeVersion = IGLA_VERSION;
