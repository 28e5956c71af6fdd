/** The bundler and the tests load race files as text. */
declare module "*.igla.toml" {
  const text: string;
  // biome-ignore lint/style/noDefaultExport: the text loader exports the text as the default.
  export default text;
}
