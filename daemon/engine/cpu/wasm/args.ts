/**
 * How a kernel reads its call. Every export has the signature (args, lane, item, scratch, serial):
 * - args: 16 pairs (u32 address, u32 lane stride in bytes), then the parameters as f64;
 * - item: index of the independent piece of work, 0 <= item < items of the binding;
 * - scratch: memory of this worker alone, as many bytes as the binding asks for;
 * - serial: changes whenever another call used the scratch in between.
 */
const PARAMS: usize = 128;

/** Address of buffer `index` in a lane. */
@inline
export function buf(args: usize, index: i32, lane: i32): usize {
  const pair = args + (<usize>index << 3);
  return <usize>load<u32>(pair) + <usize>lane * <usize>load<u32>(pair, 4);
}

@inline
export function int(args: usize, index: i32): i32 {
  return <i32>load<f64>(args + (<usize>index << 3), PARAMS);
}

@inline
export function flt(args: usize, index: i32): f32 {
  return <f32>load<f64>(args + (<usize>index << 3), PARAMS);
}

@inline
export function dbl(args: usize, index: i32): f64 {
  return load<f64>(args + (<usize>index << 3), PARAMS);
}

/** Address of element `i` of an array of 32-bit numbers. */
@inline
export function at(base: usize, i: i32): usize {
  return base + (<usize>i << 2);
}
