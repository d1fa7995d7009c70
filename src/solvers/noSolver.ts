import { checkBoolean, freeze } from "../declared.ts";
import { ShapeError } from "../errors.ts";
import { ndarray, type ArrayLike_, type NdArray } from "../math/ndarray.ts";
import { Solver, type Solution, type SolverProblem } from "./solver.ts";

export interface NoSolverOptions {
  /** Decoders `[neurons, size]`; null: zeros. @defaultValue null */
  readonly values?: ArrayLike_ | null;
  /** Make full connection weights of the decoders and the encoders they go to. @defaultValue false */
  readonly weights?: boolean;
}

/** Gives out decoders that are known already; nothing is solved. */
export class NoSolver extends Solver {
  static override readonly type: string = "NoSolver";
  static override readonly parameters: readonly string[] = ["values", "weights"];
  readonly values: NdArray | null;
  readonly weights: boolean;

  constructor(options: NoSolverOptions = {}) {
    super(options);
    const values = options.values ?? null;
    this.values = values === null ? null : ndarray(values, { owner: this.type, parameter: "values" });
    if (this.values !== null && this.values.shape.length !== 2) {
      throw new ShapeError({
        owner: this.type,
        parameter: "values",
        expected: "an array [neurons, size]",
        got: `shape [${this.values.shape.join(", ")}]`,
      });
    }
    this.weights = checkBoolean(this.type, "weights", options.weights ?? false);
    freeze(this, new.target, NoSolver);
  }

  override get needsActivities(): boolean {
    return false;
  }

  /** The given values, or zeros. */
  override solve({ neurons, dimensions }: Pick<SolverProblem, "neurons" | "dimensions">): Solution {
    if (this.values === null) return { weights: new Float64Array(neurons * dimensions), info: {} };
    const [rows, columns] = this.values.shape;
    if (rows !== neurons || columns !== dimensions) {
      throw new ShapeError({
        owner: this.type,
        parameter: "values",
        expected: `shape [${neurons}, ${dimensions}], neurons by size`,
        got: `shape [${rows}, ${columns}]`,
      });
    }
    return { weights: this.values.data.slice(), info: {} };
  }
}
