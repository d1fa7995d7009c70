import { freeze } from "../declared.ts";
import { ShapeError, ValidationError } from "../errors.ts";
import { ndarray, type ArrayLike_, type NdArray } from "../math/ndarray.ts";
import { interp } from "../math/numpy.ts";
import type { RandomState } from "../math/random.ts";
import { Distribution } from "./distribution.ts";

export interface PDFOptions {
  /** Values, ascending, `[count]`. */
  readonly x: ArrayLike_;
  /** Probability of each, `[count]`; the sum is 1. */
  readonly p: ArrayLike_;
}

/** A distribution given by probabilities at a few values, interpolated in between. */
export class PDF extends Distribution {
  static override readonly type: string = "PDF";
  static override readonly parameters: readonly string[] = ["x", "p"];
  readonly x: NdArray;
  readonly p: NdArray;

  constructor(options: PDFOptions) {
    super(options);
    this.x = this.vector("x", options.x);
    this.p = this.vector("p", options.p);
    if (this.p.data.length !== this.x.data.length) {
      throw new ShapeError({
        owner: this.type,
        parameter: "p",
        expected: `${this.x.data.length} numbers, as many as x has`,
        got: `${this.p.data.length}`,
      });
    }
    const total = this.p.data.reduce((sum, v) => sum + v, 0);
    if (!(Math.abs(total - 1) <= 1e-8))
      throw new ValidationError({ owner: this.type, parameter: "p", expected: "probabilities whose sum is 1", got: `a sum of ${total}` });
    freeze(this, new.target, PDF);
  }

  private vector(parameter: string, value: ArrayLike_): NdArray {
    const array = ndarray(value, { owner: this.type, parameter });
    if (array.shape.length !== 1)
      throw new ShapeError({ owner: this.type, parameter, expected: "a list of numbers", got: `shape [${array.shape.join(", ")}]` });
    return array;
  }

  override sample(n: number, d: number | null, rng: RandomState): Float64Array {
    let sum = 0;
    const cumulative = this.p.data.map((p) => {
      const before = sum;
      sum += p;
      return 0.5 * (before + sum);
    });
    return Float64Array.from({ length: n * (d ?? 1) }, () => interp(rng.uniform(), cumulative, this.x.data));
  }
}
