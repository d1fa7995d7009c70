import { freeze } from "../declared.ts";
import { checkRoom } from "../math/room.ts";
import { Distribution } from "../distributions/distribution.ts";
import { ShapeError } from "../errors.ts";
import { input, mul } from "../expr/expr.ts";
import type { Operator } from "../ir/operators.ts";
import { operand, range } from "../ir/signal.ts";
import { transpose } from "../math/linalg.ts";
import { ndarray, type ArrayLike_, type NdArray } from "../math/ndarray.ts";
import type { RandomState } from "../math/random.ts";
import { checkShape } from "./sparseMatrix.ts";
import { Transform, type TransformLowering } from "./transform.ts";

const product = mul(input("w"), input("x"));

export interface DenseOptions {
  /** `[sizeOut, sizeIn]`. */
  readonly shape: readonly [number, number];
  /** A number (times identity), a vector (diagonal), a matrix `[sizeOut, sizeIn]`, or a distribution. @defaultValue 1 */
  readonly init?: Distribution | ArrayLike_;
}

/** A matrix, a diagonal or a multiple of the identity. */
export class Dense extends Transform {
  static override readonly type: string = "Dense";
  static override readonly parameters: readonly string[] = ["shape", "init"];
  readonly shape: readonly [number, number];
  readonly init: Distribution | NdArray;

  constructor(options: DenseOptions) {
    super(options);
    this.shape = checkShape(this.type, options.shape);
    const init = options.init ?? 1;
    this.init = init instanceof Distribution ? init : this.checked(ndarray(init, { owner: this.type, parameter: "init" }));
    freeze(this, new.target, Dense);
  }

  override get sizeOut(): number {
    return this.shape[0];
  }
  override get sizeIn(): number {
    return this.shape[1];
  }

  /** Number of axes of the numbers: 0 (a multiple of the identity), 1 (a diagonal) or 2. */
  get rank(): number {
    return this.init instanceof Distribution ? 2 : this.init.shape.length;
  }

  override sample(rng: RandomState): NdArray {
    if (!(this.init instanceof Distribution)) return this.init;
    checkRoom(this.sizeOut * this.sizeIn, "Dense.shape");
    return { shape: this.shape, data: this.init.sample(this.sizeOut, this.sizeIn, rng) };
  }

  override lower({ weights, x, y, spikes, origin }: TransformLowering): Operator[] {
    if (weights.shape.length === 2) {
      return [{ kind: "matmul", origin, weights: matrixOperand(weights), x, y, role: "inc", spikes }];
    }
    return [
      {
        kind: "elementwise",
        origin,
        shape: [x.length],
        inputs: { w: operand(range(weights), weights.shape.length === 0), x: operand(x) },
        constants: {},
        outputs: [{ operand: operand(y), role: "inc", expr: product }],
        differentiable: true,
      },
    ];
  }

  private checked(init: NdArray): NdArray {
    const [out, size] = this.shape;
    const fits =
      init.shape.length === 2
        ? init.shape[0] === out && init.shape[1] === size
        : out === size && (init.shape.length === 0 || (init.shape.length === 1 && init.shape[0] === size));
    if (fits) return init;
    throw new ShapeError({
      owner: this.type,
      parameter: "init",
      expected: out === size ? `a number, a vector of length ${size} or a matrix [${out}, ${size}]` : `a matrix [${out}, ${size}]`,
      got: init.shape.length === 0 ? "a number" : `shape [${init.shape.join(", ")}]`,
    });
  }
}

/** A weight matrix of shape `[rows, columns]` is stored column by column, since columns are what spikes pick. */
export const matrixOperand = (
  weights: TransformLowering["weights"],
): { signal: typeof weights; offset: number; strides: [number, number] } => ({
  signal: weights,
  offset: 0,
  strides: [1, weights.shape[0]],
});

/** Row-major `[rows, columns]` to the stored, column-major order, and (with rows and columns exchanged) back. */
export const columnMajor = ({ shape, data }: NdArray): Float64Array => transpose(data, shape[0], shape[1]);
