import { checkNumber, freeze } from "../../declared.ts";
import { abs, lt, select, type Expr } from "../../expr/expr.ts";
import { DistanceSurrogate } from "./surrogate.ts";

/** Options of {@link Boxcar}. */
export interface BoxcarOptions {
  /** Distance on either side of the threshold within which there is a slope. @defaultValue 0.5 */
  readonly halfWidth?: number;
  /** Slope there. @defaultValue 1 */
  readonly peak?: number;
}

/**
 * The same slope within a distance of the threshold, none outside: `peak` where `|distance| < halfWidth`; area `2 peak halfWidth`.
 * Source: Wu et al., Frontiers in Neuroscience 12 (2018), "Spatio-temporal backpropagation" (their first curve).
 */
export class Boxcar extends DistanceSurrogate {
  static override readonly type: string = "Boxcar";
  static override readonly parameters: readonly string[] = ["halfWidth", "peak"];
  readonly halfWidth: number;
  readonly peak: number;

  constructor(options: BoxcarOptions = {}) {
    super(options);
    this.halfWidth = checkNumber(this.type, "halfWidth", options.halfWidth ?? 0.5, { above: 0 });
    this.peak = checkNumber(this.type, "peak", options.peak ?? 1, { above: 0 });
    freeze(this, new.target, Boxcar);
  }

  override at(distance: Expr): Expr {
    return select(lt(abs(distance), this.halfWidth), this.peak, 0);
  }
}
