/** A complex number. */
export interface Complex {
  readonly re: number;
  readonly im: number;
}

const complex = (re: number, im = 0): Complex => ({ re, im });
const minus = (a: Complex, b: Complex): Complex => complex(a.re - b.re, a.im - b.im);
const times = (a: Complex, b: Complex): Complex => complex(a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re);
const over = (a: Complex, b: Complex): Complex => {
  const size = b.re * b.re + b.im * b.im;
  return complex((a.re * b.re + a.im * b.im) / size, (a.im * b.re - a.re * b.im) / size);
};

/** Value of a polynomial (highest power first) by Horner's scheme. */
export const valueAt = (coefficients: ArrayLike<number>, at: Complex): Complex =>
  Array.from(coefficients).reduce<Complex>((sum, c) => ({ ...times(sum, at), re: times(sum, at).re + c }), complex(0));

/** Real coefficients, highest power first, of the polynomial with these roots, complex ones in conjugate pairs; the first is 1. */
export function fromRoots(roots: readonly Complex[]): Float64Array {
  let out: Complex[] = [complex(1)];
  for (const root of roots) {
    const shifted = [...out, complex(0)];
    out = shifted.map((c, k) => (k === 0 ? c : minus(c, times(root, out[k - 1]))));
  }
  return Float64Array.from(out, ({ re }) => re);
}

const MOST_ROUNDS = 500;

/**
 * Roots of a polynomial with real coefficients, highest power first and not 0. All are improved together, each as if the others were
 * exact; complex ones come out as conjugate pairs.
 * Source: O. Aberth, Mathematics of Computation 27 (1973), "Iteration methods for finding all zeros of a polynomial simultaneously".
 */
export function rootsOf(coefficients: ArrayLike<number>): Complex[] {
  const all = Array.from(coefficients);
  // Roots at 0 are split off, exactly.
  let zeros = 0;
  while (all.length > 1 && all[all.length - 1] === 0) {
    all.pop();
    zeros++;
  }
  const n = all.length - 1;
  const slope = all.slice(0, -1).map((c, k) => c * (n - k));
  // On a circle that holds all roots (Cauchy's bound), not symmetric to the real axis.
  const radius = 1 + Math.max(0, ...all.slice(1).map((c) => Math.abs(c / all[0])));
  const around = Math.min(radius, Math.abs(all[n] / all[0]) ** (1 / Math.max(n, 1)));
  const roots = Array.from({ length: n }, (_, k) => {
    const angle = (2 * Math.PI * k) / n + 0.4;
    return complex(around * Math.cos(angle), around * Math.sin(angle));
  });
  for (let round = 0, moved = true; moved && round < MOST_ROUNDS; round++) {
    moved = false;
    for (let k = 0; k < n; k++) {
      const value = valueAt(all, roots[k]);
      if (value.re === 0 && value.im === 0) continue;
      const newton = over(value, valueAt(slope, roots[k]));
      let pull = complex(0);
      roots.forEach((other, j) => {
        if (j === k) return;
        const away = over(complex(1), minus(roots[k], other));
        pull = complex(pull.re + away.re, pull.im + away.im);
      });
      const step = over(newton, minus(complex(1), times(newton, pull)));
      if (!Number.isFinite(step.re + step.im)) continue;
      roots[k] = minus(roots[k], step);
      if (Math.hypot(step.re, step.im) > 4 * Number.EPSILON * Math.hypot(roots[k].re, roots[k].im)) moved = true;
    }
  }
  return [...paired(roots), ...Array.from({ length: zeros }, () => complex(0))];
}

/** What is complex by rounding alone made real, and pairs exactly conjugate. */
function paired(roots: readonly Complex[]): Complex[] {
  const left = roots.toSorted((a, b) => Math.abs(b.im) - Math.abs(a.im));
  const out: Complex[] = [];
  while (left.length > 0) {
    const root = left.shift()!;
    const mirrored = (other: Complex): number => Math.hypot(root.re - other.re, root.im + other.im);
    const partner = left.reduce((best, other, k) => (best < 0 || mirrored(other) < mirrored(left[best]) ? k : best), -1);
    // Nearer to its own mirror image than to another root's: real.
    if (partner < 0 || 2 * Math.abs(root.im) <= mirrored(left[partner])) {
      out.push(complex(root.re));
      continue;
    }
    const [other] = left.splice(partner, 1);
    const [re, im] = [(root.re + other.re) / 2, Math.abs(root.im - other.im) / 2];
    out.push(complex(re, im), complex(re, -im));
  }
  return out;
}
