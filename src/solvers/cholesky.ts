import { checkBoolean, freeze } from "../declared.ts";
import { ValidationError } from "../errors.ts";
import { choleskySolve, transpose } from "../math/linalg.ts";
import { choleskyFactor, columnGram, columnProducts } from "../math/normalEquations.ts";
import { LeastSquares, rmses } from "./leastSquares.ts";
import { remembered } from "./remembered.ts";
import type { Solution, SolverProblem } from "./solver.ts";

export interface CholeskyOptions {
  /**
   * Solve a system as large as the number of points (the dual) rather than of neurons; null: whichever is smaller.
   * @defaultValue null
   */
  readonly transpose?: boolean | null;
}

/**
 * Least squares by a Cholesky factor of the normal equations `(A^T A + r I) X = A^T Y`, or of their dual
 * `X = A^T (A A^T + r I)^-1 Y`, with `r = points sigma^2`.
 */
export class Cholesky extends LeastSquares {
  static override readonly type: string = "Cholesky";
  static override readonly parameters: readonly string[] = ["transpose"];
  readonly transpose: boolean | null;

  constructor(options: CholeskyOptions = {}) {
    super(options);
    const dual = options.transpose ?? null;
    this.transpose = dual === null ? null : checkBoolean(this.type, "transpose", dual);
    freeze(this, new.target, Cholesky);
  }

  /** @throws ValidationError where the dual is asked for with a sigma per neuron */
  override minimize(problem: SolverProblem, sigma: number | Float64Array): Solution {
    const { activities, targets, points, neurons, dimensions } = problem;
    const scalar = typeof sigma === "number";
    const dual = this.transpose ?? (scalar && points < neurons);
    if (dual && !scalar)
      throw new ValidationError({
        owner: this.type,
        parameter: "transpose",
        expected: "false or null where neurons have regularisations of their own",
        got: "true",
      });
    const size = dual ? points : neurons;
    const factor = (): Float64Array => {
      const gram = dual ? columnGram(transpose(activities, points, neurons), neurons, points) : columnGram(activities, points, neurons);
      for (let i = 0; i < size; i++) gram[i * size + i] += points * (scalar ? sigma : sigma[i]) ** 2;
      return choleskyFactor(gram, size);
    };
    const right = dual ? targets : columnProducts(activities, targets, points, neurons, dimensions);
    const solution = choleskySolve(scalar ? remembered(activities, `factor ${dual} ${sigma}`, factor) : factor(), right, size, dimensions);
    const weights = dual ? columnProducts(activities, solution, points, neurons, dimensions) : solution;
    return { weights, info: { rmses: rmses(problem, weights) } };
  }
}
