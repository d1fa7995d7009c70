import { checkBoolean, checkNumber, freeze } from "../declared.ts";
import { nonNegativeLeastSquares } from "../math/nnls.ts";
import { columnGram, columnProducts } from "../math/normalEquations.ts";
import { highest, residualsOf, rmses } from "./leastSquares.ts";
import { remembered } from "./remembered.ts";
import { Solver, type Solution, type SolverProblem } from "./solver.ts";

export interface NnlsOptions {
  /** Solve for full connection weights instead of decoders. @defaultValue false */
  readonly weights?: boolean;
}

export interface NnlsL2Options extends NnlsOptions {
  /** Regularisation, relative to the highest activity, >= 0. @defaultValue 0.1 */
  readonly reg?: number;
}

/** Weights that are not negative. Information: `rmses` and `residuals` (lengths of the errors of the system solved). */
abstract class NonNegativeSolver extends Solver {
  readonly weights: boolean;

  protected constructor(options: NnlsOptions) {
    super(options);
    this.weights = checkBoolean(this.type, "weights", options.weights ?? false);
  }

  override get compositional(): boolean {
    return false;
  }

  /** The system to be solved: `A` is `[rows, neurons]`, `Y` is `[rows, dimensions]`. */
  protected abstract system(problem: SolverProblem): { readonly A: Float64Array; readonly Y: Float64Array; readonly rows: number };

  override solve(problem: SolverProblem): Solution {
    const { neurons, dimensions } = problem;
    const { A, Y, rows } = this.system(problem);
    const weights = new Float64Array(neurons * dimensions);
    for (let c = 0; c < dimensions; c++) {
      const column = Float64Array.from({ length: rows }, (_, p) => Y[p * dimensions + c]);
      nonNegativeLeastSquares(A, column, rows, neurons).forEach((v, i) => (weights[i * dimensions + c] = v));
    }
    const residuals = residualsOf({ activities: A, targets: Y, points: rows, neurons, dimensions }, weights);
    return { weights, info: { rmses: rmses(problem, weights), residuals } };
  }
}

/** Least squares with weights that are not negative. */
export class Nnls extends NonNegativeSolver {
  static override readonly type: string = "Nnls";
  static override readonly parameters: readonly string[] = ["weights"];

  constructor(options: NnlsOptions = {}) {
    super(options);
    freeze(this, new.target, Nnls);
  }

  protected override system({ activities, targets, points }: SolverProblem): { A: Float64Array; Y: Float64Array; rows: number } {
    return { A: activities, Y: targets, rows: points };
  }
}

/** The regularised normal equations for targets of which the negative parts count as 0, as Nengo solves them. */
abstract class RegularisedNonNegative extends NonNegativeSolver {
  static override readonly parameters: readonly string[] = ["weights", "reg"];
  readonly reg: number;

  protected constructor(options: NnlsL2Options) {
    super(options);
    this.reg = checkNumber(this.type, "reg", options.reg ?? 0.1, { min: 0 });
  }

  /** The regularisation of every neuron (Hz). */
  protected abstract sigma(problem: SolverProblem): Float64Array;

  protected override system(problem: SolverProblem): { A: Float64Array; Y: Float64Array; rows: number } {
    const { activities, targets, points, neurons, dimensions } = problem;
    const gram = remembered(activities, `${this.type} ${this.reg}`, () => {
      const made = columnGram(activities, points, neurons);
      this.sigma(problem).forEach((s, i) => (made[i * neurons + i] += points * s * s));
      return made;
    });
    const clipped = targets.slice();
    for (let k = 0; k < clipped.length; k++) clipped[k] = Math.max(clipped[k], 0);
    return { A: gram, Y: columnProducts(activities, clipped, points, neurons, dimensions), rows: neurons };
  }
}

/** Non-negative least squares with the square of the weights held small. */
export class NnlsL2 extends RegularisedNonNegative {
  static override readonly type: string = "NnlsL2";

  constructor(options: NnlsL2Options = {}) {
    super(options);
    freeze(this, new.target, NnlsL2);
  }

  protected override sigma(problem: SolverProblem): Float64Array {
    return new Float64Array(problem.neurons).fill(this.reg * highest(problem.activities));
  }
}

/** As NnlsL2, with a regularisation for every neuron: the less the fewer evaluation points it fires at. */
export class NnlsL2nz extends RegularisedNonNegative {
  static override readonly type: string = "NnlsL2nz";

  constructor(options: NnlsL2Options = {}) {
    super(options);
    freeze(this, new.target, NnlsL2nz);
  }

  protected override sigma(problem: SolverProblem): Float64Array {
    const { activities, points, neurons } = problem;
    const counts = new Float64Array(neurons);
    for (let p = 0; p < points; p++) for (let i = 0; i < neurons; i++) counts[i] += Number(activities[p * neurons + i] > 0);
    const scale = this.reg * highest(problem.activities);
    return counts.map((count) => (count === 0 ? 1 : scale * Math.sqrt(count / points)));
  }
}
