/** Activations and their backward. `kind` is constant in every inlined call, so each kind has its own loop. */
import { at, buf, flt, int } from "./args";
import { sigmoid4, tanh4 } from "./math";
import { fma, load4, splat, store4, zero4 } from "./simd";

const RELU: i32 = 0;
const RELU2: i32 = 1;
const LEAKY_RELU2: i32 = 2;
const GELU: i32 = 3;
const SILU: i32 = 4;
const TANH: i32 = 5;
const SIGMOID: i32 = 6;
const SOFTCAP: i32 = 7;
/** gelu(x) = x * sigmoid(2u), u = GELU_A (x + GELU_B x^3). */
const GELU_A: f32 = 0.7978845608;
const GELU_B: f32 = 0.044715;

@inline
function value(kind: i32, x: v128, c: v128): v128 {
  if (kind === RELU) return f32x4.pmax(x, zero4());
  if (kind === RELU2) {
    const y = f32x4.pmax(x, zero4());
    return f32x4.mul(y, y);
  }
  if (kind === LEAKY_RELU2) {
    const z = v128.bitselect(f32x4.mul(x, splat(0.5)), x, f32x4.lt(x, zero4()));
    return f32x4.mul(z, z);
  }
  if (kind === GELU) return f32x4.mul(x, geluGate(x));
  if (kind === SILU) return f32x4.mul(x, sigmoid4(x));
  if (kind === TANH) return tanh4(x);
  if (kind === SIGMOID) return sigmoid4(x);
  return f32x4.mul(c, tanh4(f32x4.div(x, c)));
}

@inline
function geluGate(x: v128): v128 {
  const inner = f32x4.mul(x, fma(splat(GELU_B), f32x4.mul(x, x), splat(1)));
  return sigmoid4(f32x4.mul(splat(2 * GELU_A), inner));
}

@inline
function slope(kind: i32, x: v128, c: v128): v128 {
  if (kind === RELU) return v128.and(f32x4.gt(x, zero4()), splat(1));
  if (kind === RELU2) return f32x4.mul(splat(2), f32x4.pmax(x, zero4()));
  if (kind === LEAKY_RELU2) return f32x4.mul(x, v128.bitselect(splat(2), splat(0.5), f32x4.gt(x, zero4())));
  if (kind === GELU) {
    const s = geluGate(x);
    const inner = f32x4.mul(splat(2 * GELU_A), fma(splat(3 * GELU_B), f32x4.mul(x, x), splat(1)));
    return fma(f32x4.mul(f32x4.mul(x, s), f32x4.sub(splat(1), s)), inner, s);
  }
  if (kind === SILU) {
    const s = sigmoid4(x);
    return f32x4.mul(s, fma(x, f32x4.sub(splat(1), s), splat(1)));
  }
  if (kind === SIGMOID) {
    const s = sigmoid4(x);
    return f32x4.mul(s, f32x4.sub(splat(1), s));
  }
  const t = kind === TANH ? tanh4(x) : tanh4(f32x4.div(x, c));
  return f32x4.mul(f32x4.sub(splat(1), t), f32x4.add(splat(1), t));
}

@inline
function forward(kind: i32, x: usize, y: usize, count: i32, c: v128): void {
  for (let i = 0; i < count; i += 4) {
    const left = count - i;
    store4(at(y, i), value(kind, load4(at(x, i), left), c), left);
  }
}

@inline
function backward(kind: i32, x: usize, dy: usize, dx: usize, count: i32, c: v128, accumulate: i32): void {
  for (let i = 0; i < count; i += 4) {
    const left = count - i;
    const old = accumulate ? load4(at(dx, i), left) : zero4();
    store4(at(dx, i), fma(slope(kind, load4(at(x, i), left), c), load4(at(dy, i), left), old), left);
  }
}

export function unary(args: usize, lane: i32, item: i32, scratch: usize, serial: i32): void {
  const kind = int(args, 1);
  const c = splat(flt(args, 2));
  const chunk = int(args, 3);
  const first = item * chunk;
  const count = min(chunk, int(args, 0) - first);
  const x = at(buf(args, 0, lane), first);
  const y = at(buf(args, 1, lane), first);
  if (kind === RELU) forward(RELU, x, y, count, c);
  else if (kind === RELU2) forward(RELU2, x, y, count, c);
  else if (kind === LEAKY_RELU2) forward(LEAKY_RELU2, x, y, count, c);
  else if (kind === GELU) forward(GELU, x, y, count, c);
  else if (kind === SILU) forward(SILU, x, y, count, c);
  else if (kind === TANH) forward(TANH, x, y, count, c);
  else if (kind === SIGMOID) forward(SIGMOID, x, y, count, c);
  else forward(SOFTCAP, x, y, count, c);
}

export function unary_backward(args: usize, lane: i32, item: i32, scratch: usize, serial: i32): void {
  const kind = int(args, 1);
  const c = splat(flt(args, 2));
  const accumulate = int(args, 3);
  const chunk = int(args, 4);
  const first = item * chunk;
  const count = min(chunk, int(args, 0) - first);
  const x = at(buf(args, 0, lane), first);
  const dy = at(buf(args, 1, lane), first);
  const dx = at(buf(args, 2, lane), first);
  if (kind === RELU) backward(RELU, x, dy, dx, count, c, accumulate);
  else if (kind === RELU2) backward(RELU2, x, dy, dx, count, c, accumulate);
  else if (kind === LEAKY_RELU2) backward(LEAKY_RELU2, x, dy, dx, count, c, accumulate);
  else if (kind === GELU) backward(GELU, x, dy, dx, count, c, accumulate);
  else if (kind === SILU) backward(SILU, x, dy, dx, count, c, accumulate);
  else if (kind === TANH) backward(TANH, x, dy, dx, count, c, accumulate);
  else if (kind === SIGMOID) backward(SIGMOID, x, dy, dx, count, c, accumulate);
  else backward(SOFTCAP, x, dy, dx, count, c, accumulate);
}
