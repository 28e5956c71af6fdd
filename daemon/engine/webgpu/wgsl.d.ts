/** WGSL files are imported as text: esbuild's text loader in the bundle, a small plugin under vitest. */
declare module "*.wgsl" {
  const source: string;
  // biome-ignore lint/style/noDefaultExport: the bundler's text loader exports the text as the default.
  export default source;
}
