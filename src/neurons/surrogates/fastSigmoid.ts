import { checkNumber, freeze } from "../../declared.ts";
import { abs, add, div, mul, type Expr } from "../../expr/expr.ts";
import { DistanceSurrogate } from "./surrogate.ts";

/** Options of {@link FastSigmoid}. */
export interface FastSigmoidOptions {
  /** How fast the slope falls off; at a distance of 1 / steepness it is a quarter of its peak. @defaultValue 25 */
  readonly steepness?: number;
  /** Slope at threshold. @defaultValue 1 */
  readonly peak?: number;
}

/**
 * Slope of a fast sigmoid: `peak / (1 + steepness |distance|)^2`; area `2 peak / steepness`. Source: Zenke & Ganguli, Neural Computation
 * 30 (2018), "SuperSpike".
 */
export class FastSigmoid extends DistanceSurrogate {
  static override readonly type: string = "FastSigmoid";
  static override readonly parameters: readonly string[] = ["steepness", "peak"];
  readonly steepness: number;
  readonly peak: number;

  constructor(options: FastSigmoidOptions = {}) {
    super(options);
    this.steepness = checkNumber(this.type, "steepness", options.steepness ?? 25, { above: 0 });
    this.peak = checkNumber(this.type, "peak", options.peak ?? 1, { above: 0 });
    freeze(this, new.target, FastSigmoid);
  }

  override at(distance: Expr): Expr {
    const width = add(1, mul(this.steepness, abs(distance)));
    return div(this.peak, mul(width, width));
  }
}
