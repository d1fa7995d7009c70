import { checkBoolean, checkInteger, checkNumber, freeze } from "../declared.ts";
import { BuildError } from "../errors.ts";
import { elasticNet } from "../math/elasticNet.ts";
import { columnGram, columnProducts } from "../math/normalEquations.ts";
import { highest, rmses } from "./leastSquares.ts";
import { remembered } from "./remembered.ts";
import { Solver, type Solution, type SolverProblem } from "./solver.ts";

export interface LstsqL1Options {
  /** Weight of the sum of magnitudes, relative to the highest activity, >= 0. @defaultValue 1e-4 */
  readonly l1?: number;
  /** Weight of the sum of squares, relative to the square of the highest activity, >= 0. @defaultValue 1e-6 */
  readonly l2?: number;
  /** Most rounds through all weights of a column, >= 1. @defaultValue 1000 */
  readonly maxIter?: number;
  /** Solve for full connection weights instead of decoders. @defaultValue false */
  readonly weights?: boolean;
}

/** Slopes that may be left where a column is taken for solved, relative to the steepest at 0. */
const TOLERANCE = 1e-10;

/**
 * Sparse weights: the X that minimises `|Y - A X|^2 / (2 points) + a |X|_1 + b |X|^2 / 2`, with `a = l1 max(A)` and `b = l2 max(A)^2`
 * (the elastic net: Zou & Hastie, J. Royal Statistical Society B 67 (2005)). Information: `rmses`, `iterations` of each column, and
 * `violations`, how far each is from the optimality conditions (relative to the steepest slope at 0; at most 1e-10 unless maxIter was not enough).
 */
export class LstsqL1 extends Solver {
  static override readonly type: string = "LstsqL1";
  static override readonly parameters: readonly string[] = ["weights", "l1", "l2", "maxIter"];
  readonly weights: boolean;
  readonly l1: number;
  readonly l2: number;
  readonly maxIter: number;

  constructor(options: LstsqL1Options = {}) {
    super(options);
    this.weights = checkBoolean(this.type, "weights", options.weights ?? false);
    this.l1 = checkNumber(this.type, "l1", options.l1 ?? 1e-4, { min: 0 });
    this.l2 = checkNumber(this.type, "l2", options.l2 ?? 1e-6, { min: 0 });
    this.maxIter = checkInteger(this.type, "maxIter", options.maxIter ?? 1000, { min: 1 });
    freeze(this, new.target, LstsqL1);
  }

  override get compositional(): boolean {
    return false;
  }

  /** @throws BuildError where both penalties are 0, which is no sparse problem */
  override solve(problem: SolverProblem): Solution {
    const { activities, targets, points, neurons, dimensions } = problem;
    if (this.l1 === 0 && this.l2 === 0)
      throw new BuildError(
        `${this.type}: expected l1 or l2 above 0, got 0 for both. Take new Lstsq() for least squares without a penalty.`,
      );
    const most = highest(activities);
    const gram = remembered(activities, "gram", () => columnGram(activities, points, neurons));
    const right = columnProducts(activities, targets, points, neurons, dimensions);
    const weights = new Float64Array(neurons * dimensions);
    const columns = Array.from({ length: dimensions }, (_, c) => {
      const b = Float64Array.from({ length: neurons }, (_v, i) => right[i * dimensions + c]);
      // The objective times the number of points: its quadratic part is that of the normal equations.
      const { x, rounds, violation } = elasticNet(gram, b, {
        l1: points * this.l1 * most,
        l2: points * this.l2 * most ** 2,
        maxRounds: this.maxIter,
        tolerance: TOLERANCE,
      });
      x.forEach((v, i) => (weights[i * dimensions + c] = v));
      return { rounds, violation };
    });
    return {
      weights,
      info: {
        rmses: rmses(problem, weights),
        iterations: columns.map(({ rounds }) => rounds),
        violations: columns.map(({ violation }) => violation),
      },
    };
  }
}
