/** Elementary functions. Vector ones have a relative error of about 1e-7; NaN in gives NaN out. */
import { fma, splat } from "./simd";

const LOG2E: f32 = 1.44269504;
/** ln 2 in two parts: n * LN2_HI is exact for |n| < 2^9. */
const LN2_HI: f32 = 0.693359375;
const LN2_LO: f32 = -2.12194440e-4;
/** Adding 1.5 * 2^23 rounds to an integer, which then sits in the low bits. */
const ROUND: f32 = 12582912.0;

/** 2^n as bits, n in the low bits of `shifted`. */
@inline
function power2(shifted: v128): v128 {
  return i32x4.add(i32x4.shl(shifted, 23), splat(1));
}

/** exp(r) - 1 for |r| <= ln(2)/2: Taylor to r^7. */
@inline
function expm1Small(r: v128): v128 {
  let p = fma(r, splat(<f32>(1.0 / 5040)), splat(<f32>(1.0 / 720)));
  p = fma(p, r, splat(<f32>(1.0 / 120)));
  p = fma(p, r, splat(<f32>(1.0 / 24)));
  p = fma(p, r, splat(<f32>(1.0 / 6)));
  p = fma(p, r, splat(0.5));
  return fma(f32x4.mul(p, r), r, r);
}

/** exp(x). Below -87 the result is exp(-87), about 1.6e-38, never a subnormal; above 88.3 infinity. */
@inline
export function exp4(x: v128): v128 {
  const y = f32x4.pmin(f32x4.pmax(x, splat(-87.0)), splat(89.0));
  const shifted = fma(y, splat(LOG2E), splat(ROUND));
  const n = f32x4.sub(shifted, splat(ROUND));
  const r = fma(n, splat(-LN2_LO), fma(n, splat(-LN2_HI), y));
  return f32x4.mul(f32x4.add(expm1Small(r), splat(1)), power2(shifted));
}

/** tanh(x) = e / (e + 2) with e = exp(2|x|) - 1, accurate near 0. */
@inline
export function tanh4(x: v128): v128 {
  const sign = v128.and(x, i32x4.splat(<i32>0x80000000));
  const y = f32x4.pmin(f32x4.mul(f32x4.abs(x), splat(2)), splat(20.0));
  const shifted = fma(y, splat(LOG2E), splat(ROUND));
  const n = f32x4.sub(shifted, splat(ROUND));
  const r = fma(n, splat(-LN2_LO), fma(n, splat(-LN2_HI), y));
  const power = power2(shifted);
  const e = fma(power, expm1Small(r), f32x4.sub(power, splat(1)));
  return v128.or(f32x4.div(e, f32x4.add(e, splat(2))), sign);
}

@inline
export function sigmoid4(x: v128): v128 {
  return f32x4.div(splat(1), f32x4.add(splat(1), exp4(f32x4.neg(x))));
}

/** Natural logarithm of a positive normal number: 2 atanh((m-1)/(m+1)) + e ln 2. Infinity and NaN pass. */
export function log(x: f64): f64 {
  if (!(x < Infinity)) return x;
  let bits = reinterpret<u64>(x);
  // Exponent such that the mantissa lies in [sqrt(1/2), sqrt(2)).
  const e = <i32>((bits - 0x3fe6a09e667f3bcd) >> 52);
  const exponent = (e << 20) >> 20;
  bits -= <u64>exponent << 52;
  const m = reinterpret<f64>(bits);
  const s = (m - 1) / (m + 1);
  const q = s * s;
  let p: f64 = 1.0 / 19;
  p = p * q + 1.0 / 17;
  p = p * q + 1.0 / 15;
  p = p * q + 1.0 / 13;
  p = p * q + 1.0 / 11;
  p = p * q + 1.0 / 9;
  p = p * q + 1.0 / 7;
  p = p * q + 1.0 / 5;
  p = p * q + 1.0 / 3;
  return 2 * s + 2 * s * q * p + <f64>exponent * 0.6931471805599453;
}

/** cos(pi x) for 0 <= x <= 1, by the Taylor series of -sin around pi/2. */
export function cosPi(x: f64): f64 {
  const z = 3.141592653589793 * (x - 0.5);
  const q = z * z;
  let term = z;
  let sum = z;
  for (let i = 2; i <= 22; i += 2) {
    term *= -q / <f64>(i * (i + 1));
    sum += term;
  }
  return -sum;
}
