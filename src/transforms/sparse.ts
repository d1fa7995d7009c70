import { freeze } from "../declared.ts";
import { Distribution } from "../distributions/distribution.ts";
import { ShapeError, ValidationError } from "../errors.ts";
import type { Operator } from "../ir/operators.ts";
import { range } from "../ir/signal.ts";
import { ndarray, type ArrayLike_, type NdArray } from "../math/ndarray.ts";
import type { RandomState } from "../math/random.ts";
import { checkShape, SparseMatrix } from "./sparseMatrix.ts";
import { Transform, type TransformLowering } from "./transform.ts";

export interface SparseOptions {
  /** `[sizeOut, sizeIn]`. */
  readonly shape: readonly [number, number];
  /** `[entries, 2]`: row and column of each; left out where init is a SparseMatrix. */
  readonly indices?: ArrayLike_ | null;
  /** Values of the entries: a number for all, a list, or a distribution; or a SparseMatrix. @defaultValue 1 */
  readonly init?: number | ArrayLike_ | Distribution | SparseMatrix;
}

/** A matrix of which only some entries are not 0. Its weights are those entries, in the order of `indices`. */
export class Sparse extends Transform {
  static override readonly type: string = "Sparse";
  static override readonly parameters: readonly string[] = ["shape", "indices", "init"];
  readonly shape: readonly [number, number];
  readonly indices: NdArray | null;
  readonly init: NdArray | Distribution | SparseMatrix;
  private readonly own: SparseMatrix;

  /** @throws ShapeError, ValidationError where init and indices make no matrix of the shape */
  constructor(options: SparseOptions) {
    super(options);
    this.shape = checkShape(this.type, options.shape);
    const { indices = null, init = 1 } = options;
    if (init instanceof SparseMatrix) {
      if (indices !== null)
        throw new ValidationError({
          owner: this.type,
          parameter: "indices",
          expected: "none where init is a SparseMatrix",
          got: "indices",
        });
      if (init.shape.some((size, axis) => size !== this.shape[axis]))
        throw new ShapeError({
          owner: this.type,
          parameter: "init",
          expected: `a matrix [${this.shape.join(", ")}]`,
          got: `[${init.shape.join(", ")}]`,
        });
      [this.indices, this.init, this.own] = [null, init, init];
    } else {
      if (indices === null)
        throw new ValidationError({
          owner: this.type,
          parameter: "indices",
          expected: "a list of [row, column], or a SparseMatrix as init",
          got: "neither",
        });
      this.own = new SparseMatrix({ shape: this.shape, indices, data: init });
      this.indices = this.own.indices;
      this.init = init instanceof Distribution ? init : ndarray(init, { owner: this.type, parameter: "init" });
    }
    freeze(this, new.target, Sparse);
  }

  override get sizeOut(): number {
    return this.shape[0];
  }
  override get sizeIn(): number {
    return this.shape[1];
  }
  /** The entries' places. */
  get matrix(): SparseMatrix {
    return this.own;
  }

  override sample(rng: RandomState): NdArray {
    return { shape: [this.own.entries], data: this.own.sample(rng) };
  }

  override lower({ weights, x, y, spikes, origin }: TransformLowering): Operator[] {
    return [{ kind: "sparseMatmul", origin, ...this.own.places, weights: range(weights), x, y, role: "inc", spikes }];
  }
}
