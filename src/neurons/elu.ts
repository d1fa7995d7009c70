import { checkNumber, freeze } from "../declared.ts";
import { expm1, ge, input, max, min, mul, select } from "../expr/expr.ts";
import type { Dynamics } from "./neuronType.ts";
import { RectifiedLinear, type RectifiedLinearOptions } from "./rectifiedLinear.ts";

/*
 * Exponential linear units (Clevert et al. 2016): J above 0, alpha (exp(J) - 1) below. Scaled ones (SELU, Klambauer et al. 2017) are
 * those with alpha 1.6733 and amplitude 1.0507.
 */

const J = input("J");
// Arguments are kept on their own side of 0, so that the branch that is not taken stays finite.
const curve = select(ge(J, 0), max(0, J), mul(input("alpha"), expm1(min(0, J))));
const rate = mul(input("amplitude"), curve);
const dynamics: Dynamics = { output: rate, state: {}, rate };

export interface ELUOptions extends RectifiedLinearOptions {
  /** What the curve approaches below, as a negative number. @defaultValue 1 */
  readonly alpha?: number;
}

/** Exponential linear rate neurons, where the output can be negative. */
export class ELU extends RectifiedLinear {
  static override readonly type: string = "ELU";
  static override readonly parameters: readonly string[] = ["alpha", "amplitude", "initialState"];
  readonly alpha: number;

  constructor(options: ELUOptions = {}) {
    super(options);
    this.alpha = checkNumber(this.type, "alpha", options.alpha ?? 1, { above: 0 });
    freeze(this, new.target, ELU);
  }

  override get negative(): boolean {
    return true;
  }
  override get dynamics(): Dynamics {
    return dynamics;
  }
  override get constants(): Readonly<Record<string, number>> {
    return { ...super.constants, alpha: this.alpha };
  }
}
