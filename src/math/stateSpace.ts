import { ValidationError } from "../errors.ts";
import { exp, expm1 } from "./elementary.ts";
import { multiply, solve, transpose } from "./linalg.ts";

/**
 * A linear system of one input u and one output y: `x' = A x + B u`, `y = C x + D u` (for a discrete one, x' is the next
 * state). A is row-major `[order, order]`, B and C have `order` numbers.
 */
export interface StateSpace {
  readonly order: number;
  readonly A: Float64Array;
  readonly B: Float64Array;
  readonly C: Float64Array;
  readonly D: number;
}

/** How a continuous system becomes a discrete one. */
export const DISCRETIZATIONS = ["zoh", "bilinear", "euler", "backward_diff"] as const;
export type Discretization = (typeof DISCRETIZATIONS)[number];

/** Leading numerator coefficients below this count as 0. */
const NEGLIGIBLE = 1e-14;

/**
 * A system with transfer function `num / den` (coefficients of the highest power first), in controllable canonical form.
 * @throws ValidationError if `den` is zero or `num` is of higher degree
 */
export function fromTransferFunction(num: ArrayLike<number>, den: ArrayLike<number>, owner = "transferFunction"): StateSpace {
  const divisor = Array.from(den);
  while (divisor.length > 0 && divisor[0] === 0) divisor.shift();
  const lead = divisor[0];
  if (lead === undefined)
    throw new ValidationError({ owner, parameter: "den", expected: "a polynomial other than 0", got: `[${Array.from(den).join(", ")}]` });
  const a = divisor.map((v) => v / lead);
  const b = Array.from(num, (v) => v / lead);
  while (b.length > 1 && Math.abs(b[0]) <= NEGLIGIBLE) b.shift();
  if (b.length > a.length) {
    throw new ValidationError({
      owner,
      parameter: "num",
      expected: `a degree of at most ${a.length - 1}, that of den`,
      got: `${b.length - 1}`,
    });
  }
  while (b.length < a.length) b.unshift(0);
  const order = a.length - 1;
  const A = new Float64Array(order * order);
  for (let k = 0; k < order; k++) A[k] = -a[k + 1];
  for (let k = 1; k < order; k++) A[k * order + k - 1] = 1;
  const B = new Float64Array(order);
  if (order > 0) B[0] = 1;
  return { order, A, B, C: Float64Array.from({ length: order }, (_, k) => b[k + 1] - b[0] * a[k + 1]), D: b[0] };
}

/** Discretises a continuous system for steps of `dt` seconds. */
export function discretize(system: StateSpace, dt: number, method: Discretization): StateSpace {
  if (system.order === 0) return system;
  if (method !== "zoh") return generalizedBilinear(system, dt, { bilinear: 0.5, euler: 0, backward_diff: 1 }[method]);
  return system.order === 1 ? holdFirstOrder(system, dt) : hold(system, dt);
}

/** Zero-order hold of one state, in closed form: exact to the last bits. */
function holdFirstOrder({ order, A, B, C, D }: StateSpace, dt: number): StateSpace {
  const rate = A[0];
  const gain = rate === 0 ? dt : expm1(rate * dt) / rate;
  return { order, A: Float64Array.of(exp(rate * dt)), B: Float64Array.of(gain * B[0]), C, D };
}

/** Zero-order hold: the exponential of dt [[A, B], [0, 0]]. */
function hold({ order, A, B, C, D }: StateSpace, dt: number): StateSpace {
  const size = order + 1;
  const joined = new Float64Array(size * size);
  for (let i = 0; i < order; i++) {
    for (let j = 0; j < order; j++) joined[i * size + j] = A[i * order + j] * dt;
    joined[i * size + order] = B[i] * dt;
  }
  const e = matrixExponential(joined, size);
  const out = { A: new Float64Array(order * order), B: new Float64Array(order) };
  for (let i = 0; i < order; i++) {
    for (let j = 0; j < order; j++) out.A[i * order + j] = e[i * size + j]!;
    out.B[i] = e[i * size + order]!;
  }
  return { order, ...out, C, D };
}

/** Generalised bilinear transform: `alpha` 0 is forward, 1 backward differences, 1/2 the trapezoidal rule. */
function generalizedBilinear({ order, A, B, C, D }: StateSpace, dt: number, alpha: number): StateSpace {
  const identityPlus = (factor: number): Float64Array => A.map((v, i) => (i % (order + 1) === 0 ? 1 : 0) + factor * v);
  const implicit = identityPlus(-alpha * dt);
  const Bd = solve(
    implicit,
    B.map((v) => v * dt),
    order,
    1,
  );
  return {
    order,
    A: solve(implicit, identityPlus((1 - alpha) * dt), order, order),
    B: Bd,
    C: solve(transpose(implicit, order, order), C, order, 1),
    D: D + alpha * C.reduce((sum, c, k) => sum + c * Bd[k], 0),
  };
}

/** Coefficients of the [13/13] Padé approximant of exp, and the norm up to which it is exact to float64. */
const PADE = [
  64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000, 10559470521600, 670442572800, 33522128640,
  1323241920, 40840800, 960960, 16380, 182, 1,
];
const PADE_NORM = 5.371920351148152;

/**
 * The exponential of a square matrix, by scaling and squaring.
 * Source: N. J. Higham, "The scaling and squaring method for the matrix exponential revisited" (2005).
 */
export function matrixExponential(a: Float64Array, n: number): Float64Array {
  let norm = 0;
  for (let j = 0; j < n; j++) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += Math.abs(a[i * n + j]);
    norm = Math.max(norm, sum);
  }
  const squarings = norm > PADE_NORM ? Math.ceil(Math.log2(norm / PADE_NORM)) : 0;
  const x = a.map((v) => v * 2 ** -squarings);
  const product = (p: Float64Array, q: Float64Array): Float64Array => multiply(p, q, n, n, n);
  const x2 = product(x, x);
  const x4 = product(x2, x2);
  const x6 = product(x4, x2);
  /** PADE[k] I + PADE[k + 2] x^2 + PADE[k + 4] x^4 + PADE[k + 6] x^6, without the identity if not `withIdentity`. */
  const part = (k: number, withIdentity: boolean): Float64Array =>
    x2.map((v, i) => PADE[k + 6] * x6[i] + PADE[k + 4] * x4[i] + PADE[k + 2] * v + (withIdentity && i % (n + 1) === 0 ? PADE[k] : 0));
  const sum = (p: Float64Array, q: Float64Array): Float64Array => p.map((v, i) => v + q[i]);
  // Powers 8 to 12 (and 9 to 13) are x^6 times powers 2 to 6, whose coefficients lie 6 further on.
  const odd = product(x, sum(product(x6, part(7, false)), part(1, true)));
  const even = sum(product(x6, part(6, false)), part(0, true));
  let out = solve(
    even.map((v, i) => v - odd[i]),
    sum(even, odd),
    n,
    n,
  );
  for (let k = 0; k < squarings; k++) out = product(out, out);
  return out;
}
