import { add, input, mul } from "../expr/expr.ts";
import type { Operand } from "./signal.ts";

/*
 * Expressions over the elements (i, j) of a matrix, for which engines have kernels of their own. Their inputs are vectors
 * `y` (an element a row), `x` (an element a column), `s` (an element a row), and the matrix `W`.
 */

/** y x^T */
export const outerProduct = mul(input("y"), input("x"));

/** y x^T + diag(s) W */
export const outerWithDecay = add(outerProduct, mul(input("s"), input("W")));

/** W + y x^T */
export const matrixPlusOuter = add(input("W"), outerProduct);

/** Strides of a row vector or of a column vector over the elements of a matrix. */
export const alongRows = ({ signal, offset }: Pick<Operand, "signal" | "offset">): Operand => ({ signal, offset, strides: [1, 0] });
export const alongColumns = ({ signal, offset }: Pick<Operand, "signal" | "offset">): Operand => ({ signal, offset, strides: [0, 1] });
