import { checkBoolean, checkChoice, freeze } from "../declared.ts";
import { ShapeError, ValidationError, describe } from "../errors.ts";
import { ndarray, type ArrayLike_ } from "../math/ndarray.ts";
import { valueAt, type Complex } from "../math/polynomial.ts";
import { discretize, DISCRETIZATIONS, fromTransferFunction, type Discretization, type StateSpace } from "../math/stateSpace.ts";
import { StateSpaceSynapse } from "./stateSpaceSynapse.ts";
import { synapseParameters, type SynapseOptions } from "./synapse.ts";

export type { Complex };

/** A synapse with a rational transfer function: `num / den`, polynomials of s (analog) or z, highest power first. */
export abstract class TransferFunction extends StateSpaceSynapse {
  abstract readonly num: Float64Array;
  abstract readonly den: Float64Array;
  /** Whether the polynomials are of s (continuous time), or of z. */
  abstract readonly analog: boolean;
  /** How continuous time becomes steps. */
  abstract readonly method: Discretization;

  override discretize(dt: number): StateSpace {
    const system = fromTransferFunction(this.num, this.den, this.type);
    return this.analog ? discretize(system, dt, this.method) : system;
  }

  /** The transfer function at a frequency f: at `2 pi i f` (Hz), or for a digital filter at `exp(2 pi i f)`. */
  evaluate(frequency: number): Complex {
    const angle = 2 * Math.PI * frequency;
    const at = this.analog ? { re: 0, im: angle } : { re: Math.cos(angle), im: Math.sin(angle) };
    const [n, d] = [valueAt(this.num, at), valueAt(this.den, at)];
    const size = d.re * d.re + d.im * d.im;
    return { re: (n.re * d.re + n.im * d.im) / size, im: (n.im * d.re - n.re * d.im) / size };
  }

  /**
   * One filter after the other as one.
   * @throws ValidationError unless both are analog, or both digital
   */
  combine(other: TransferFunction): LinearFilter {
    if (!(other instanceof TransferFunction) || other.analog !== this.analog) {
      throw new ValidationError({
        owner: this.type,
        parameter: "combine",
        expected: `another ${this.analog ? "analog" : "digital"} filter`,
        got: describe(other),
      });
    }
    const { analog, method, defaultSizeIn, defaultDt, seed } = this;
    return new LinearFilter({
      num: productOf(this.num, other.num),
      den: productOf(this.den, other.den),
      analog,
      method,
      defaultSizeIn,
      defaultDt,
      seed,
    });
  }
}

export interface LinearFilterOptions extends SynapseOptions {
  /** Coefficients of the numerator, highest power first. */
  readonly num: ArrayLike_;
  /** Coefficients of the denominator, highest power first; of at least the numerator's degree. */
  readonly den: ArrayLike_;
  /** Whether the polynomials are of s (continuous time), or of z (steps). @defaultValue true */
  readonly analog?: boolean;
  /** How continuous time becomes steps: zero-order hold, trapezoidal, forward or backward differences. @defaultValue "zoh" */
  readonly method?: Discretization;
}

/** A filter with any rational transfer function. */
export class LinearFilter extends TransferFunction {
  static override readonly type: string = "LinearFilter";
  static override readonly parameters: readonly string[] = ["num", "den", "analog", "method", ...synapseParameters];
  readonly num: Float64Array;
  readonly den: Float64Array;
  readonly analog: boolean;
  readonly method: Discretization;

  /** @throws ShapeError, ValidationError where the polynomials make no filter */
  constructor(options: LinearFilterOptions) {
    super(options);
    this.num = coefficients(this.type, "num", options.num);
    this.den = coefficients(this.type, "den", options.den);
    this.analog = checkBoolean(this.type, "analog", options.analog ?? true);
    this.method = checkChoice(this.type, "method", options.method ?? "zoh", DISCRETIZATIONS);
    fromTransferFunction(this.num, this.den, this.type);
    freeze(this, new.target, LinearFilter);
  }
}

function coefficients(owner: string, parameter: string, value: unknown): Float64Array {
  const array = ndarray(value, { owner, parameter });
  if (array.shape.length > 1 || array.data.length === 0)
    throw new ShapeError({ owner, parameter, expected: "a list of at least one coefficient", got: `shape [${array.shape.join(", ")}]` });
  return array.data;
}

function productOf(a: Float64Array, b: Float64Array): Float64Array {
  const out = new Float64Array(a.length + b.length - 1);
  a.forEach((x, i) => b.forEach((y, j) => (out[i + j] += x * y)));
  return out;
}
