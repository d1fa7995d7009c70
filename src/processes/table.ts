import { freeze } from "../declared.ts";
import { ShapeError } from "../errors.ts";
import { ndarray, type ArrayLike_, type NdArray } from "../math/ndarray.ts";
import { Process, tableStep, type ProcessContext, type ProcessStep, type ProcessTable } from "./process.ts";

export interface TableOptions {
  /** `[steps, size]`: row k is the value at t = (k + 1) dt. */
  readonly values: ArrayLike_;
  readonly defaultDt?: number;
}

/** Gives out one row after the other, one a step; after the last row the last row holds. */
export class Table extends Process {
  static override readonly type: string = "Table";
  static override readonly parameters: readonly string[] = ["values", "defaultDt"];
  readonly values: NdArray;
  // Nothing is drawn. A seed of its own leaves the simulator's draws to other processes, as the function it stands for would.
  override readonly seed: number = 0;

  constructor(options: TableOptions) {
    const values = ndarray(options.values, { owner: "Table", parameter: "values" });
    if (values.shape.length !== 2 || values.data.length === 0) {
      throw new ShapeError({
        owner: "Table",
        parameter: "values",
        expected: "an array [steps, size] of at least one row",
        got: values.shape.length === 0 ? "a number" : `shape [${values.shape.join(", ")}]`,
      });
    }
    super(options, { sizeOut: values.shape[1] });
    this.values = values;
    freeze(this, new.target, Table);
  }

  override makeStep(context: ProcessContext): ProcessStep {
    return tableStep(this.rows(context), context);
  }

  /** Null in a Node with an input, which is not read. */
  override makeTable(context: ProcessContext): ProcessTable | null {
    return context.sizeIn === 0 ? this.rows(context) : null;
  }

  private rows({ sizeOut }: ProcessContext): ProcessTable {
    const [rows, size] = this.values.shape as readonly [number, number];
    if (sizeOut !== size)
      throw new ShapeError({
        owner: this.type,
        parameter: "values",
        expected: `rows of ${sizeOut} numbers, the size of the output`,
        got: `${size}`,
      });
    return { rows, data: this.values.data, mode: "hold", offset: -1 };
  }
}
