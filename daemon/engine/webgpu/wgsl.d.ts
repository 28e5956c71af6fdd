/** WGSL files are imported as text: esbuild's text loader in the bundle, a small plugin under vitest. */
declare module "*.wgsl" {
  const source: string;
  export default source;
}
