/**
 * Reverse-mode differentiation over f64 matrices, from primitives whose derivatives can be checked by eye.
 * Simple and slow on purpose: it shares nothing with the engine that it judges.
 */
export class Matrix {
  readonly rows: number;
  readonly cols: number;
  readonly data: Float64Array;
  /** dLoss/dthis, added to by `Tape.backward`. */
  readonly grad: Float64Array;

  constructor(rows: number, cols: number, values?: ArrayLike<number>) {
    this.rows = rows;
    this.cols = cols;
    this.data = new Float64Array(rows * cols);
    this.grad = new Float64Array(rows * cols);
    if (values) this.data.set(values);
  }

  /** Where element (r, c) lies; a single row or column repeats, so that vectors and scalars broadcast. */
  index(r: number, c: number): number {
    return (this.rows === 1 ? 0 : r) * this.cols + (this.cols === 1 ? 0 : c);
  }

  at(r: number, c: number): number {
    return this.data[this.index(r, c)] as number;
  }

  gradAt(r: number, c: number): number {
    return this.grad[this.index(r, c)] as number;
  }

  addGrad(r: number, c: number, value: number): void {
    const i = this.index(r, c);
    this.grad[i] = (this.grad[i] as number) + value;
  }
}

export const scalar = (value: number): Matrix => new Matrix(1, 1, [value]);

/** y[R, C] += a[R, K] b[K, C]. */
export function addProduct(
  y: Float64Array,
  a: Float64Array,
  b: Float64Array,
  rows: number,
  inner: number,
  cols: number,
): void {
  for (let r = 0; r < rows; r++) {
    for (let k = 0; k < inner; k++) {
      const factor = a[r * inner + k] as number;
      for (let c = 0; c < cols; c++) {
        y[r * cols + c] = (y[r * cols + c] as number) + factor * (b[k * cols + c] as number);
      }
    }
  }
}

/** The transpose of values[rows, cols]. */
export function flipped(values: Float64Array, rows: number, cols: number): Float64Array {
  return values.map((_, i) => values[(i % rows) * cols + Math.floor(i / rows)] as number);
}

type Element = (r: number, c: number) => number;

export class Tape {
  readonly #backward: (() => void)[] = [];

  /** Seeds dLoss/dLoss = 1 and runs the tape from its end. */
  backward(loss: Matrix): void {
    loss.grad.fill(1);
    for (const step of this.#backward.toReversed()) step();
  }

  /** y[r, c] = value(r, c); `pull(r, c, dy)` hands dy on to the inputs. */
  #each(rows: number, cols: number, value: Element, pull: (r: number, c: number, dy: number) => void): Matrix {
    const y = new Matrix(rows, cols);
    for (let r = 0; r < rows; r++) for (let c = 0; c < cols; c++) y.data[r * cols + c] = value(r, c);
    this.#backward.push(() => {
      for (let r = 0; r < rows; r++) for (let c = 0; c < cols; c++) pull(r, c, y.gradAt(r, c));
    });
    return y;
  }

  /** a + b, with broadcast. */
  add(a: Matrix, b: Matrix): Matrix {
    const [rows, cols] = [Math.max(a.rows, b.rows), Math.max(a.cols, b.cols)];
    const pull = (r: number, c: number, dy: number): void => {
      a.addGrad(r, c, dy);
      b.addGrad(r, c, dy);
    };
    return this.#each(rows, cols, (r, c) => a.at(r, c) + b.at(r, c), pull);
  }

  /** a * b element by element, with broadcast. */
  mul(a: Matrix, b: Matrix): Matrix {
    const [rows, cols] = [Math.max(a.rows, b.rows), Math.max(a.cols, b.cols)];
    const pull = (r: number, c: number, dy: number): void => {
      a.addGrad(r, c, dy * b.at(r, c));
      b.addGrad(r, c, dy * a.at(r, c));
    };
    return this.#each(rows, cols, (r, c) => a.at(r, c) * b.at(r, c), pull);
  }

  scale(a: Matrix, factor: number): Matrix {
    return this.mul(a, scalar(factor));
  }

  /** f(a) element by element, with slope f'. */
  map(a: Matrix, f: (x: number) => number, slope: (x: number) => number): Matrix {
    const pull = (r: number, c: number, dy: number): void => a.addGrad(r, c, dy * slope(a.at(r, c)));
    return this.#each(a.rows, a.cols, (r, c) => f(a.at(r, c)), pull);
  }

  /** Sum over columns: [R, C] -> [R, 1]. */
  sumCols(a: Matrix): Matrix {
    const sum: Element = (r) => Array.from({ length: a.cols }, (_, c) => a.at(r, c)).reduce((s, x) => s + x, 0);
    const pull = (r: number, _: number, dy: number): void => {
      for (let c = 0; c < a.cols; c++) a.addGrad(r, c, dy);
    };
    return this.#each(a.rows, 1, sum, pull);
  }

  /** a[R, K] b[K, C]; da = dy b^T, db = a^T dy. */
  matmul(a: Matrix, b: Matrix): Matrix {
    const y = new Matrix(a.rows, b.cols);
    addProduct(y.data, a.data, b.data, a.rows, a.cols, b.cols);
    this.#backward.push(() => {
      addProduct(a.grad, y.grad, flipped(b.data, b.rows, b.cols), a.rows, b.cols, a.cols);
      addProduct(b.grad, flipped(a.data, a.rows, a.cols), y.grad, a.cols, a.rows, b.cols);
    });
    return y;
  }

  transpose(a: Matrix): Matrix {
    const pull = (r: number, c: number, dy: number): void => a.addGrad(c, r, dy);
    return this.#each(a.cols, a.rows, (r, c) => a.at(c, r), pull);
  }

  /** The elements a[r, columns[c]]: picks, reorders or repeats columns. */
  columns(a: Matrix, columns: readonly number[]): Matrix {
    const from = (c: number): number => columns[c] as number;
    const pull = (r: number, c: number, dy: number): void => a.addGrad(r, from(c), dy);
    return this.#each(a.rows, columns.length, (r, c) => a.at(r, from(c)), pull);
  }

  /** Rows of a table; `null` is the zero row. */
  rows(table: Matrix, ids: readonly (number | null)[]): Matrix {
    const from = (r: number): number | null => ids[r] as number | null;
    const value: Element = (r, c) => {
      const id = from(r);
      return id === null ? 0 : table.at(id, c);
    };
    const pull = (r: number, c: number, dy: number): void => {
      const id = from(r);
      if (id !== null) table.addGrad(id, c, dy);
    };
    return this.#each(ids.length, table.cols, value, pull);
  }

  /** Matrices of equal height side by side. */
  beside(parts: readonly Matrix[]): Matrix {
    const places = parts.flatMap((part) => Array.from({ length: part.cols }, (_, c) => ({ part, c })));
    const place = (c: number): { part: Matrix; c: number } => places[c] as { part: Matrix; c: number };
    const pull = (r: number, c: number, dy: number): void => place(c).part.addGrad(r, place(c).c, dy);
    return this.#each(parts[0]?.rows ?? 0, places.length, (r, c) => place(c).part.at(r, place(c).c), pull);
  }
}

/** Elementary functions with their slopes. */
export const exp = [Math.exp, Math.exp] as const;
export const log = [Math.log, (x: number) => 1 / x] as const;
export const power = (p: number) => [(x: number) => x ** p, (x: number) => p * x ** (p - 1)] as const;
export const tanh = [Math.tanh, (x: number) => 1 - Math.tanh(x) ** 2] as const;
