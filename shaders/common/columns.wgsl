// Kernels in which one thread owns one column: a workgroup covers COLUMNS neighbouring columns.
const COLUMNS = 32u;
