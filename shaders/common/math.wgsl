// Transcendental functions from fma, bit casts and division only: WGSL's own are as imprecise as a device
// likes, these stay within a few units in the last place everywhere. A NaN argument gives NaN.

// `result`, or x where x is NaN. Asks the bits: compilers may assume that x == x, and that x - x is 0.
fn keep_nan(result: f32, x: f32) -> f32 {
  return select(result, x, (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u);
}

fn exp_f32(x: f32) -> f32 {
  let n = round(x * 1.44269504);
  // ln 2 in two parts: n * 0.693359375 is exact.
  let r = fma(n, 0.000212194440, fma(n, -0.693359375, x));
  var p = fma(r, 0.000198412698, 0.00138888889);
  p = fma(p, r, 0.00833333333);
  p = fma(p, r, 0.0416666667);
  p = fma(p, r, 0.166666667);
  p = fma(p, r, 0.5);
  p = fma(p, r, 1.0);
  p = fma(p, r, 1.0);
  // 2^(n-1), so that n = 128 does not overflow the exponent field.
  let scale = bitcast<f32>(bitcast<u32>(i32(clamp(n, -125.0, 128.0)) + 126) << 23u);
  let y = (2.0 * p) * scale;
  return keep_nan(select(select(y, x * 3.0e38, x > 88.7), 0.0, x < -86.6), x);
}

// Natural logarithm of a positive normal number; infinity and NaN give themselves.
fn log_f32(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  // Exponent such that the mantissa lies in [sqrt(1/2), sqrt(2)).
  let e = (bitcast<i32>(bits - 0x3f3504f3u)) >> 23u;
  let m = bitcast<f32>(bits - (bitcast<u32>(e) << 23u));
  let s = (m - 1.0) / (m + 1.0);
  let z = s * s;
  var p = fma(z, 0.222222222, 0.285714286);
  p = fma(p, z, 0.4);
  p = fma(p, z, 0.666666667);
  let k = f32(e);
  let log_m = fma(p * z, s, 2.0 * s);
  return select(fma(k, 0.693359375, fma(k, -0.000212194440, log_m)), x, bits >= 0x7f800000u);
}

fn tanh_f32(x: f32) -> f32 {
  let z = x * x;
  var p = fma(z, 0.0218694885, -0.0539682540);
  p = fma(p, z, 0.133333333);
  p = fma(p, z, -0.333333333);
  let near = fma(p * z, x, x);
  let far = 1.0 - 2.0 / (exp_f32(2.0 * abs(x)) + 1.0);
  return keep_nan(select(select(far, -far, x < 0.0), near, abs(x) < 0.25), x);
}

fn sigmoid_f32(x: f32) -> f32 {
  return 1.0 / (1.0 + exp_f32(-x));
}

// sin on [-pi/2, pi/2].
fn sin_half_f32(x: f32) -> f32 {
  let z = x * x;
  var p = fma(z, 1.60590438e-10, -2.50521084e-8);
  p = fma(p, z, 2.75573192e-6);
  p = fma(p, z, -1.98412698e-4);
  p = fma(p, z, 0.00833333333);
  p = fma(p, z, -0.166666667);
  return fma(p * z, x, x);
}
