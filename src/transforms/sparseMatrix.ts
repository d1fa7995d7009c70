import { Declared, checkInteger, freeze } from "../declared.ts";
import { Distribution } from "../distributions/distribution.ts";
import { ShapeError, ValidationError, describe } from "../errors.ts";
import { ndarray, type ArrayLike_, type NdArray } from "../math/ndarray.ts";
import type { RandomState } from "../math/random.ts";

export interface SparseMatrixOptions {
  /** `[rows, columns]`. */
  readonly shape: readonly [number, number];
  /** `[entries, 2]`: row and column of each. */
  readonly indices: ArrayLike_;
  /** Values of the entries: a number for all, a list, or a distribution. */
  readonly data: number | ArrayLike_ | Distribution;
}

/** A matrix of which only some entries are not 0. Entries at one place add up. */
export class SparseMatrix extends Declared {
  static override readonly type: string = "SparseMatrix";
  static override readonly parameters: readonly string[] = ["shape", "indices", "data"];
  readonly shape: readonly [number, number];
  readonly indices: NdArray;
  readonly data: NdArray | Distribution;

  /** @throws ShapeError, ValidationError for entries outside the matrix, or values that are not one an entry */
  constructor(options: SparseMatrixOptions) {
    super(options);
    this.shape = checkShape(this.type, options.shape);
    this.indices = ndarray(options.indices, { owner: this.type, parameter: "indices" });
    const [entries, two] = this.indices.shape;
    if (this.indices.shape.length !== 2 || two !== 2 || entries === 0) {
      throw new ShapeError({
        owner: this.type,
        parameter: "indices",
        expected: "a list of at least one [row, column]",
        got: `shape [${this.indices.shape.join(", ")}]`,
      });
    }
    this.indices.data.forEach((v, k) => {
      if (!Number.isInteger(v) || v < 0 || v >= this.shape[k % 2]) {
        throw new ValidationError({
          owner: this.type,
          parameter: `indices[${Math.floor(k / 2)}]`,
          expected: `a ${k % 2 === 0 ? "row" : "column"} from 0 to ${this.shape[k % 2] - 1}`,
          got: `${v}`,
        });
      }
    });
    const { data } = options;
    if (data instanceof Distribution) this.data = data;
    else {
      const array = ndarray(data, { owner: this.type, parameter: "data" });
      if (array.shape.length > 1 || (array.shape.length === 1 && array.data.length !== entries))
        throw new ShapeError({
          owner: this.type,
          parameter: "data",
          expected: `a number or a list of ${entries}, one an entry`,
          got: `shape [${array.shape.join(", ")}]`,
        });
      this.data = array;
    }
    freeze(this, new.target, SparseMatrix);
  }

  /** How many entries there are. */
  get entries(): number {
    return this.indices.shape[0];
  }

  /** Row and column of every entry. */
  get places(): { readonly rows: Int32Array; readonly columns: Int32Array } {
    const part = (which: number): Int32Array => Int32Array.from({ length: this.entries }, (_, k) => this.indices.data[2 * k + which]);
    return { rows: part(0), columns: part(1) };
  }

  /** Values of the entries; drawn where they come from a distribution. */
  sample(rng: RandomState): Float64Array {
    if (this.data instanceof Distribution) return this.data.sample(this.entries, null, rng);
    return this.data.shape.length === 0 ? new Float64Array(this.entries).fill(this.data.data[0]) : this.data.data;
  }

  /** The whole matrix, row-major, for values of the entries. */
  toDense(values: ArrayLike<number>): NdArray {
    const [rows, columns] = this.shape;
    const data = new Float64Array(rows * columns);
    const at = this.places;
    for (let k = 0; k < this.entries; k++) data[at.rows[k] * columns + at.columns[k]] += values[k];
    return { shape: this.shape, data };
  }
}

/** Checks the shape of a matrix. */
export function checkShape(owner: string, shape: unknown): readonly [number, number] {
  if (!Array.isArray(shape) || shape.length !== 2)
    throw new ValidationError({ owner, parameter: "shape", expected: "[sizeOut, sizeIn]", got: describe(shape) });
  return [checkInteger(owner, "shape[0]", shape[0], { min: 1 }), checkInteger(owner, "shape[1]", shape[1], { min: 1 })];
}
