// Element-by-element kernels: a workgroup of THREADS covers CHUNK consecutive elements of one lane.
const THREADS = 64u;
const CHUNK = 512u;
