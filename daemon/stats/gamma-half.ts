/** Regularised incomplete gamma function of order 1/2: `lower` = erf(sqrt(x)), `upper` = erfc(sqrt(x)). */

const maxTerms = 2000;

/** @param x at least 0 */
export function incompleteGammaHalf(x: number): { readonly lower: number; readonly upper: number } {
  if (x <= 0) return { lower: 0, upper: 1 };
  if (x === Number.POSITIVE_INFINITY) return { lower: 1, upper: 0 };
  const front = Math.exp(-x) * Math.sqrt(x / Math.PI);
  if (x < 1.5) {
    // Series: x^a e^-x sum of x^n / (a (a+1) ... (a+n)), a = 1/2, and gamma(1/2) = sqrt(pi).
    let term = 2;
    let total = term;
    for (let n = 1; n < maxTerms && term > total * 1e-17; n++) {
      term *= x / (n + 0.5);
      total += term;
    }
    const lower = front * total;
    return { lower, upper: 1 - lower };
  }
  // Continued fraction of Lentz for the upper tail.
  let b = x + 0.5;
  let c = 1e300;
  let d = 1 / b;
  let h = d;
  for (let n = 1; n < maxTerms; n++) {
    const a = -n * (n - 0.5);
    b += 2;
    d = 1 / (a * d + b);
    c = b + a / c;
    const factor = d * c;
    h *= factor;
    if (Math.abs(factor - 1) < 1e-16) break;
  }
  const upper = front * h;
  return { lower: 1 - upper, upper };
}
