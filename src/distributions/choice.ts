import { freeze } from "../declared.ts";
import { ShapeError, ValidationError } from "../errors.ts";
import { ndarray, sizeOf, type ArrayLike_, type NdArray } from "../math/ndarray.ts";
import { searchsorted } from "../math/numpy.ts";
import type { RandomState } from "../math/random.ts";
import { Distribution } from "./distribution.ts";

export interface ChoiceOptions {
  /** `[count]` numbers, or `[count, d]` points. */
  readonly options: ArrayLike_;
  /** Relative probabilities `[count]`; null: all alike. @defaultValue null */
  readonly weights?: ArrayLike_ | null;
}

/** One of a few values or points. */
export class Choice extends Distribution {
  static override readonly type: string = "Choice";
  static override readonly parameters: readonly string[] = ["options", "weights"];
  readonly options: NdArray;
  readonly weights: NdArray | null;

  constructor(options: ChoiceOptions) {
    super(options);
    const values = ndarray(options.options, { owner: this.type, parameter: "options" });
    if ((values.shape.length !== 1 && values.shape.length !== 2) || values.data.length === 0) {
      throw new ShapeError({
        owner: this.type,
        parameter: "options",
        expected: "[count] numbers or [count, d] points, at least one",
        got: `shape [${values.shape.join(", ")}]`,
      });
    }
    const weights = options.weights ?? null;
    this.options = values;
    this.weights =
      weights === null ? null : this.checkWeights(ndarray(weights, { owner: this.type, parameter: "weights" }), values.shape[0]);
    freeze(this, new.target, Choice);
  }

  private checkWeights(weights: NdArray, count: number): NdArray {
    const where = { owner: this.type, parameter: "weights" };
    if (weights.shape.length !== 1 || weights.data.length !== count) {
      throw new ShapeError({ ...where, expected: `${count} numbers, one an option`, got: `shape [${weights.shape.join(", ")}]` });
    }
    const negative = weights.data.find((w) => w < 0);
    if (negative !== undefined) throw new ValidationError({ ...where, expected: "no negative number", got: `${negative}` });
    if (weights.data.every((w) => w === 0))
      throw new ValidationError({ ...where, expected: "at least one number above 0", got: "only zeros" });
    return weights;
  }

  /** @throws ShapeError where options are not of `d` dimensions (numbers: null) */
  override sample(n: number, d: number | null, rng: RandomState): Float64Array {
    const { shape, data } = this.options;
    const count = shape[0];
    const width = sizeOf(shape.slice(1));
    if (d === null ? shape.length === 2 && width !== 1 : shape.length !== 2 || width !== d) {
      throw new ShapeError({
        owner: this.type,
        parameter: "options",
        expected: d === null ? "plain numbers" : `points of ${d} dimension${d === 1 ? "" : "s"}, shape [count, ${d}]`,
        got: `shape [${shape.join(", ")}]`,
      });
    }
    const cumulative = this.cumulative();
    const out = new Float64Array(n * width);
    for (let i = 0; i < n; i++) {
      // Rounding may leave the last sum below 1.
      const k = Math.min(searchsorted(cumulative, rng.uniform()), count - 1);
      out.set(data.subarray(k * width, (k + 1) * width), i * width);
    }
    return out;
  }

  private cumulative(): Float64Array {
    const weights = this.weights?.data ?? new Float64Array(this.options.shape[0]).fill(1);
    const total = weights.reduce((sum, w) => sum + w, 0);
    let sum = 0;
    return weights.map((w) => (sum += w / total));
  }
}
