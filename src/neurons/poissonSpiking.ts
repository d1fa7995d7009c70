import { freeze } from "../declared.ts";
import { abs, div, input, mul, sign, type Expr } from "../expr/expr.ts";
import type { Dynamics } from "./neuronType.ts";
import { RandomSpiking } from "./randomSpiking.ts";
import { passedOn, ratesToSpikesParameters, type RatesToSpikesOptions } from "./ratesToSpikes.ts";

const [dt, J] = [input("dt"), input("J")];
const mean = mul(dt, abs(J));
const dynamics: Dynamics = { output: mul(mul(div(input("amplitude"), dt), input("drawn")), sign(J)), state: {}, rate: passedOn };

/** Spikes of a Poisson process of a base type's rate, any number in a step. */
export class PoissonSpiking extends RandomSpiking {
  static override readonly type: string = "PoissonSpiking";
  static override readonly parameters: readonly string[] = ratesToSpikesParameters;
  protected override get distribution(): "poisson" {
    return "poisson";
  }
  protected override get parameter(): Expr {
    return mean;
  }

  constructor(options: RatesToSpikesOptions) {
    super(options);
    freeze(this, new.target, PoissonSpiking);
  }

  override get dynamics(): Dynamics {
    return dynamics;
  }
}
