// Activations and their slopes. KIND: 0 relu, 1 relu^2, 2 leaky relu^2, 3 gelu (tanh form), 4 silu, 5 tanh,
// 6 sigmoid, 7 softcap c*tanh(x/c).
override KIND: u32 = 0u;
const GELU_A = 0.797884561;
const GELU_B = 0.044715;

fn unary_value(x: f32, c: f32) -> f32 {
  switch KIND {
    // Written so that a NaN stays a NaN.
    case 0u: { return select(x, 0.0, x < 0.0); }
    case 1u: { let r = select(x, 0.0, x < 0.0); return r * r; }
    case 2u: { let r = select(x, 0.5 * x, x < 0.0); return r * r; }
    case 3u: { return 0.5 * x * (1.0 + tanh_f32(GELU_A * (x + GELU_B * x * x * x))); }
    case 4u: { return x * sigmoid_f32(x); }
    case 5u: { return tanh_f32(x); }
    case 6u: { return sigmoid_f32(x); }
    default: { return c * tanh_f32(x / c); }
  }
}

fn unary_slope(x: f32, c: f32) -> f32 {
  switch KIND {
    case 0u: { return select(0.0, 1.0, x > 0.0); }
    case 1u: { return 2.0 * select(x, 0.0, x < 0.0); }
    case 2u: { return select(0.5 * x, 2.0 * x, x > 0.0); }
    case 3u: {
      let t = tanh_f32(GELU_A * (x + GELU_B * x * x * x));
      return 0.5 * (1.0 + t) + 0.5 * x * (1.0 - t * t) * GELU_A * (1.0 + 3.0 * GELU_B * x * x);
    }
    case 4u: { let s = sigmoid_f32(x); return s * (1.0 + x * (1.0 - s)); }
    case 5u: { let t = tanh_f32(x); return 1.0 - t * t; }
    case 6u: { let s = sigmoid_f32(x); return s * (1.0 - s); }
    default: { let t = tanh_f32(x / c); return 1.0 - t * t; }
  }
}
