import { checkNumber, freeze } from "../../declared.ts";
import { add, div, mul, type Expr } from "../../expr/expr.ts";
import { DistanceSurrogate } from "./surrogate.ts";

/** Options of {@link Arctan}. */
export interface ArctanOptions {
  /** How fast the slope falls off; at a distance of 2 / (pi steepness) it is half its peak. @defaultValue 2 */
  readonly steepness?: number;
  /** Slope at threshold. @defaultValue 1 */
  readonly peak?: number;
}

/**
 * Slope of an arctangent: `peak / (1 + (pi / 2 steepness distance)^2)`; area `2 peak / steepness`. Source: Fang et al., ICCV 2021,
 * "Incorporating learnable membrane time constant to enhance learning of spiking neural networks".
 */
export class Arctan extends DistanceSurrogate {
  static override readonly type: string = "Arctan";
  static override readonly parameters: readonly string[] = ["steepness", "peak"];
  readonly steepness: number;
  readonly peak: number;

  constructor(options: ArctanOptions = {}) {
    super(options);
    this.steepness = checkNumber(this.type, "steepness", options.steepness ?? 2, { above: 0 });
    this.peak = checkNumber(this.type, "peak", options.peak ?? 1, { above: 0 });
    freeze(this, new.target, Arctan);
  }

  override at(distance: Expr): Expr {
    const scaled = mul((Math.PI / 2) * this.steepness, distance);
    return div(this.peak, add(1, mul(scaled, scaled)));
  }
}
