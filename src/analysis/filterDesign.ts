import { checkChoice, checkNumber } from "../declared.ts";
import { ShapeError, ValidationError } from "../errors.ts";
import { multiply } from "../math/linalg.ts";
import { ndarray, type ArrayLike_, type NdArray } from "../math/ndarray.ts";
import { fromRoots, rootsOf, type Complex } from "../math/polynomial.ts";
import { DISCRETIZATIONS, discretize, fromTransferFunction, type Discretization, type StateSpace as System } from "../math/stateSpace.ts";

/*
 * Linear filters of one input and one output in their three forms, as nengo.utils.filter_design (and SciPy) has them.
 */

/** Polynomials, highest power first. */
export interface Polynomials {
  readonly num: Float64Array;
  readonly den: Float64Array;
}

/** `x' = A x + B u`, `y = C x + D u`: A `[order, order]`, B `[order, 1]`, C `[1, order]`, D `[1, 1]`. */
export interface StateSpaceArrays {
  readonly A: NdArray;
  readonly B: NdArray;
  readonly C: NdArray;
  readonly D: NdArray;
}

/** `gain (s - z1)(s - z2)... / ((s - p1)(s - p2)...)`; complex ones in conjugate pairs. */
export interface ZerosPolesGain {
  readonly zeros: readonly Complex[];
  readonly poles: readonly Complex[];
  readonly gain: number;
}

/** Polynomials without leading zeros, the denominator's first coefficient 1. @throws ValidationError where they make no filter */
export function normalize(num: ArrayLike_, den: ArrayLike_): Polynomials {
  const [b, a] = [list("normalize", "num", num), list("normalize", "den", den)];
  // Checks both.
  fromTransferFunction(b, a, "normalize");
  const divisor = a.slice(a.findIndex((v) => v !== 0));
  const first = b.findIndex((v) => Math.abs(v / divisor[0]) > 1e-14);
  return { num: b.slice(first < 0 ? b.length - 1 : first).map((v) => v / divisor[0]), den: divisor.map((v) => v / divisor[0]) };
}

/** Polynomials to states, in controllable canonical form. @throws ValidationError where they make no filter */
export const tf2ss = (num: ArrayLike_, den: ArrayLike_): StateSpaceArrays =>
  arraysOf(fromTransferFunction(list("tf2ss", "num", num), list("tf2ss", "den", den), "tf2ss"));

/** States to polynomials. @throws ShapeError where the matrices do not fit together */
export function ss2tf(system: { readonly [K in keyof StateSpaceArrays]: ArrayLike_ }): Polynomials {
  const { order, A, B, C, D } = systemOf("ss2tf", system);
  const den = characteristic(A, order);
  // det(s I - A + B C) = den + C adj(s I - A) B
  const fed = A.map((v, k) => v - B[Math.floor(k / order)] * C[k % order]);
  const num = characteristic(fed, order).map((v, k) => v + (D - 1) * den[k]);
  return { num, den };
}

/** Polynomials to zeros, poles and gain. @throws ValidationError where they make no filter */
export function tf2zpk(num: ArrayLike_, den: ArrayLike_): ZerosPolesGain {
  const { num: b, den: a } = normalize(num, den);
  return { zeros: b[0] === 0 ? [] : rootsOf(b), poles: rootsOf(a), gain: b[0] };
}

/** Zeros, poles and gain to polynomials. @throws ValidationError unless complex ones come in conjugate pairs */
export function zpk2tf({ zeros, poles, gain }: ZerosPolesGain): Polynomials {
  for (const [parameter, roots] of Object.entries({ zeros, poles })) {
    const lone = roots.find((r) => r.im !== 0 && !roots.some((o) => o.re === r.re && o.im === -r.im));
    if (lone !== undefined)
      throw new ValidationError({
        owner: "zpk2tf",
        parameter,
        expected: "complex numbers in conjugate pairs",
        got: `${lone.re} + ${lone.im}i alone`,
      });
  }
  checkNumber("zpk2tf", "gain", gain);
  return { num: fromRoots(zeros).map((v) => gain * v), den: fromRoots(poles) };
}

/** States to zeros, poles and gain. */
export function ss2zpk(system: { readonly [K in keyof StateSpaceArrays]: ArrayLike_ }): ZerosPolesGain {
  const { num, den } = ss2tf(system);
  return tf2zpk(num, den);
}

/** Zeros, poles and gain to states. */
export function zpk2ss(system: ZerosPolesGain): StateSpaceArrays {
  const { num, den } = zpk2tf(system);
  return tf2ss(num, den);
}

/**
 * A continuous system as a discrete one for steps of `dt` seconds.
 * @throws ShapeError, ValidationError for matrices that do not fit together, or an unknown method
 */
export function cont2discrete(
  system: { readonly [K in keyof StateSpaceArrays]: ArrayLike_ },
  dt: number,
  method: Discretization = "zoh",
): StateSpaceArrays {
  const owner = "cont2discrete";
  checkChoice(owner, "method", method, DISCRETIZATIONS);
  return arraysOf(discretize(systemOf(owner, system), checkNumber(owner, "dt", dt, { above: 0 }), method));
}

function list(owner: string, parameter: string, value: ArrayLike_): Float64Array {
  const { shape, data } = ndarray(value, { owner, parameter });
  if (shape.length > 1 || data.length === 0)
    throw new ShapeError({ owner, parameter, expected: "a list of at least one coefficient", got: `shape [${shape.join(", ")}]` });
  return data;
}

const arraysOf = ({ order, A, B, C, D }: System): StateSpaceArrays => ({
  A: { shape: [order, order], data: A },
  B: { shape: [order, 1], data: B },
  C: { shape: [1, order], data: C },
  D: { shape: [1, 1], data: Float64Array.of(D) },
});

function systemOf(owner: string, given: { readonly [K in keyof StateSpaceArrays]: ArrayLike_ }): System {
  const A = ndarray(given.A, { owner, parameter: "A" });
  const [order] = A.shape as readonly [number];
  const check = (parameter: "A" | "B" | "C" | "D", rows: number, columns: number): Float64Array => {
    const { shape, data } = ndarray(given[parameter], { owner, parameter });
    if (shape.length === 2 && shape[0] === rows && shape[1] === columns) return data;
    throw new ShapeError({ owner, parameter, expected: `shape [${rows}, ${columns}]`, got: `[${shape.join(", ")}]` });
  };
  return { order, A: check("A", order ?? 0, order ?? 0), B: check("B", order, 1), C: check("C", 1, order), D: check("D", 1, 1)[0] };
}

/** Coefficients of det(s I - A), highest power first: Faddeev and LeVerrier's method. */
function characteristic(A: Float64Array, n: number): Float64Array {
  const out = new Float64Array(n + 1);
  out[0] = 1;
  let M = new Float64Array(n * n);
  for (let k = 1; k <= n; k++) {
    const next = multiply(A, M, n, n, n);
    for (let i = 0; i < n; i++) next[i * n + i] += out[k - 1];
    M = new Float64Array(next);
    let trace = 0;
    const product = multiply(A, M, n, n, n);
    for (let i = 0; i < n; i++) trace += product[i * n + i];
    out[k] = -trace / k;
  }
  return out;
}
