import { checkNumber, freeze } from "../declared.ts";
import { ShapeError } from "../errors.ts";
import { ndarray, sizeOf, type ArrayLike_, type NdArray } from "../math/ndarray.ts";
import { Process, type ProcessContext, type ProcessStep, type ProcessTable } from "./process.ts";

export interface PresentInputOptions {
  /** Rows to present, `[count, ...shape]`; each is flattened. */
  readonly inputs: ArrayLike_;
  /** Seconds for each row. */
  readonly presentationTime: number;
  readonly defaultDt?: number;
  readonly seed?: number | null;
}

/** Larger tables (in numbers) are not laid out; rows are then looked up at every step. */
const LARGEST_TABLE = 2 ** 20;
/** Presentations within which the steps have to come out even for a table. */
const MOST_PRESENTATIONS = 100;

/** Presents one row after the other, over and over. */
export class PresentInput extends Process {
  static override readonly type: string = "PresentInput";
  static override readonly parameters: readonly string[] = ["inputs", "presentationTime", "defaultDt", "seed"];
  readonly inputs: NdArray;
  readonly presentationTime: number;

  constructor(options: PresentInputOptions) {
    // The size of a row is needed before the base class has looked at the options.
    const inputs = ndarray((options as Partial<PresentInputOptions> | undefined)?.inputs, { owner: "PresentInput", parameter: "inputs" });
    if (inputs.shape.length === 0 || inputs.data.length === 0) {
      throw new ShapeError({
        owner: "PresentInput",
        parameter: "inputs",
        expected: "an array [count, ...shape] of at least one row",
        got: `shape [${inputs.shape.join(", ")}]`,
      });
    }
    super(options, { sizeOut: sizeOf(inputs.shape.slice(1)) });
    this.inputs = inputs;
    this.presentationTime = checkNumber(this.type, "presentationTime", options.presentationTime, { above: 0 });
    freeze(this, new.target, PresentInput);
  }

  /** Which row stands at time `t`. The small number makes up for rounding in multiples of dt. */
  private rowAt(t: number, dt: number): number {
    return Math.trunc((t - dt) / this.presentationTime + 1e-7) % this.inputs.shape[0];
  }

  private row(index: number): Float64Array {
    return this.inputs.data.subarray(index * this.defaultSizeOut, (index + 1) * this.defaultSizeOut);
  }

  override makeStep({ sizeOut, dt }: ProcessContext): ProcessStep {
    this.checkSize(sizeOut);
    return (t) => this.row(this.rowAt(t, dt));
  }

  override makeTable({ sizeOut, dt }: ProcessContext): ProcessTable | null {
    this.checkSize(sizeOut);
    const rows = this.cycle(dt);
    if (rows === null || rows * sizeOut > LARGEST_TABLE) return null;
    const data = new Float64Array(rows * sizeOut);
    for (let k = 0; k < rows; k++) data.set(this.row(this.rowAt((k + 1) * dt, dt)), k * sizeOut);
    return { rows, data, mode: "cyclic", offset: -1 };
  }

  /** Steps after which all begins anew, or null where presentations never take a whole number of steps. */
  private cycle(dt: number): number | null {
    for (let presentations = 1; presentations <= MOST_PRESENTATIONS; presentations++) {
      const steps = (presentations * this.presentationTime) / dt;
      if (Math.round(steps) > 0 && Math.abs(steps - Math.round(steps)) <= 4 * Number.EPSILON * steps)
        return Math.round(steps) * this.inputs.shape[0];
    }
    return null;
  }

  private checkSize(sizeOut: number): void {
    if (sizeOut !== this.defaultSizeOut) {
      throw new ShapeError({
        owner: this.type,
        parameter: "inputs",
        expected: `rows of ${sizeOut} numbers, the size of the output`,
        got: `${this.defaultSizeOut}`,
      });
    }
  }
}
