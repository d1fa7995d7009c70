import { checkBoolean, checkNumber, freeze } from "../declared.ts";
import { ValidationError, describe } from "../errors.ts";
import type { RandomState } from "../math/random.ts";
import { rmses } from "./leastSquares.ts";
import { LstsqL2 } from "./lstsqL2.ts";
import { Solver, type Solution, type SolverProblem } from "./solver.ts";

export interface LstsqDropOptions {
  /** Part of the weights that becomes 0, in [0, 1). @defaultValue 0.25 */
  readonly drop?: number;
  /** Finds the weights of which the smallest are dropped. @defaultValue new LstsqL2({reg: 0.001}) */
  readonly solver1?: Solver;
  /** Finds the others anew. @defaultValue new LstsqL2({reg: 0.1}) */
  readonly solver2?: Solver;
  /** Solve for full connection weights instead of decoders. @defaultValue false */
  readonly weights?: boolean;
}

/** Sparse weights: solves, drops the smallest weights, and solves again for what is left of each column. */
export class LstsqDrop extends Solver {
  static override readonly type: string = "LstsqDrop";
  static override readonly parameters: readonly string[] = ["weights", "drop", "solver1", "solver2"];
  readonly weights: boolean;
  readonly drop: number;
  readonly solver1: Solver;
  readonly solver2: Solver;

  constructor(options: LstsqDropOptions = {}) {
    super(options);
    this.weights = checkBoolean(this.type, "weights", options.weights ?? false);
    this.drop = checkNumber(this.type, "drop", options.drop ?? 0.25, { min: 0, below: 1 });
    this.solver1 = checkSolver(this.type, "solver1", options.solver1 ?? new LstsqL2({ reg: 0.001 }));
    this.solver2 = checkSolver(this.type, "solver2", options.solver2 ?? new LstsqL2({ reg: 0.1 }));
    freeze(this, new.target, LstsqDrop);
  }

  override get compositional(): boolean {
    return false;
  }

  /** Information: `rmses`, `info0` of the first solver and `info1s` of the second, one a column. */
  override solve(problem: SolverProblem, rng: RandomState): Solution {
    const { activities, targets, points, neurons, dimensions } = problem;
    const first = this.solver1.solve(problem, rng);
    const sizes = first.weights.map(Math.abs);
    const least = sizes.toSorted()[roundHalfEven(this.drop * sizes.length)];
    const weights = new Float64Array(neurons * dimensions);
    const infos: Solution["info"][] = [];
    for (let c = 0; c < dimensions; c++) {
      const kept = Array.from({ length: neurons }, (_, i) => i).filter(
        (i) => sizes[i * dimensions + c] >= least && sizes[i * dimensions + c] > 0,
      );
      if (kept.length === 0) continue;
      const part = Float64Array.from(
        { length: points * kept.length },
        (_, k) => activities[Math.floor(k / kept.length) * neurons + kept[k % kept.length]],
      );
      const column = Float64Array.from({ length: points }, (_, p) => targets[p * dimensions + c]);
      const solved = this.solver2.solve({ activities: part, targets: column, points, neurons: kept.length, dimensions: 1 }, rng);
      kept.forEach((i, k) => (weights[i * dimensions + c] = solved.weights[k]));
      infos.push(solved.info);
    }
    return { weights, info: { rmses: rmses(problem, weights), info0: first.info, info1s: infos } };
  }
}

function checkSolver(owner: string, parameter: string, solver: unknown): Solver {
  if (!(solver instanceof Solver))
    throw new ValidationError({ owner, parameter, expected: "a solver such as new LstsqL2()", got: describe(solver) });
  return solver;
}

/** Python's rounding. */
function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  return x - floor === 0.5 ? floor + (floor % 2) : Math.round(x);
}
