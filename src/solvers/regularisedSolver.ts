import { checkBoolean, checkNumber } from "../declared.ts";
import { ValidationError, describe } from "../errors.ts";
import { Cholesky } from "./cholesky.ts";
import { LeastSquares } from "./leastSquares.ts";
import { Solver } from "./solver.ts";

export interface LstsqL2Options {
  /** Regularisation, relative to the highest activity, >= 0. @defaultValue 0.1 */
  readonly reg?: number;
  /** Numerical method. @defaultValue new Cholesky() */
  readonly solver?: LeastSquares;
  /** Solve for full connection weights instead of decoders. @defaultValue false */
  readonly weights?: boolean;
}

/** @throws ValidationError unless it is a method of least squares; left out, it is Cholesky's */
export function methodOf(owner: string, solver: unknown = new Cholesky()): LeastSquares {
  if (!(solver instanceof LeastSquares))
    throw new ValidationError({
      owner,
      parameter: "solver",
      expected: "a method of least squares, e.g. new Cholesky()",
      got: describe(solver),
    });
  return solver;
}

/** Least squares with the square of the weights held small. */
export abstract class RegularisedSolver extends Solver {
  static override readonly parameters: readonly string[] = ["weights", "reg", "solver"];
  readonly weights: boolean;
  readonly reg: number;
  readonly solver: LeastSquares;

  protected constructor(options: LstsqL2Options) {
    super(options);
    this.weights = checkBoolean(this.type, "weights", options.weights ?? false);
    this.reg = checkNumber(this.type, "reg", options.reg ?? 0.1, { min: 0 });
    this.solver = methodOf(this.type, options.solver);
  }
}
