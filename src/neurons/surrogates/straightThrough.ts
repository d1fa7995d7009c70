import { checkNumber, freeze } from "../../declared.ts";
import { constant, type Expr } from "../../expr/expr.ts";
import { DistanceSurrogate } from "./surrogate.ts";

/** Options of {@link StraightThrough}. */
export interface StraightThroughOptions {
  /** The slope. @defaultValue 1 */
  readonly peak?: number;
}

/** The same slope at every distance. Source: Bengio et al., arXiv:1308.3432, "Estimating or propagating gradients through stochastic neurons". */
export class StraightThrough extends DistanceSurrogate {
  static override readonly type: string = "StraightThrough";
  static override readonly parameters: readonly string[] = ["peak"];
  readonly peak: number;

  constructor(options: StraightThroughOptions = {}) {
    super(options);
    this.peak = checkNumber(this.type, "peak", options.peak ?? 1, { above: 0 });
    freeze(this, new.target, StraightThrough);
  }

  override at(_distance: Expr): Expr {
    return constant(this.peak);
  }
}
