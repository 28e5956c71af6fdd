/** Vectors of four f32: fused multiply-add, partial loads and stores, horizontal sums. */

/** a*b + c: fused where the module is built with relaxed SIMD, rounded twice otherwise. */
@inline
export function fma(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

@inline
export function splat(x: f32): v128 {
  return f32x4.splat(x);
}

/** Four floats, or `count` < 4 of them and zeros. */
@inline
export function load4(p: usize, count: i32): v128 {
  return count >= 4 ? v128.load(p) : loadPart(p, count);
}

@inline
export function store4(p: usize, x: v128, count: i32): void {
  if (count >= 4) v128.store(p, x);
  else storePart(p, x, count);
}

export function loadPart(p: usize, count: i32): v128 {
  let x = v128.load32_zero(p);
  if (count > 1) x = v128.load_lane<f32>(p, x, 1, 4);
  if (count > 2) x = v128.load_lane<f32>(p, x, 2, 8);
  return x;
}

export function storePart(p: usize, x: v128, count: i32): void {
  v128.store_lane<f32>(p, x, 0);
  if (count > 1) v128.store_lane<f32>(p, x, 1, 4);
  if (count > 2) v128.store_lane<f32>(p, x, 2, 8);
}

/** Zeroes all but the first `count` elements. */
export function keepFirst(x: v128, count: i32): v128 {
  return v128.and(x, i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(count)));
}

@inline
export function sum4(x: v128): f32 {
  const pair = f32x4.add(x, i32x4.shuffle(x, x, 2, 3, 0, 1));
  return f32x4.extract_lane(pair, 0) + f32x4.extract_lane(pair, 1);
}

/** Larger of two; a NaN in `x` survives when it is the first argument. */
@inline
export function max4(x: v128, y: v128): v128 {
  return f32x4.pmax(x, y);
}

@inline
export function zero4(): v128 {
  return f32x4.splat(0);
}
