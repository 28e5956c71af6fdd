export function buildKernels(outDir: string): Promise<void>;
