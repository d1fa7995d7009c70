import { freeze } from "../declared.ts";
import { abs, add, div, input, lt, mul, select, sign, sub, trunc } from "../expr/expr.ts";
import type { Dynamics } from "./neuronType.ts";
import { RandomSpiking } from "./randomSpiking.ts";
import { passedOn, ratesToSpikesParameters, type RatesToSpikesOptions } from "./ratesToSpikes.ts";

const [dt, J] = [input("dt"), input("J")];
const expected = mul(dt, abs(J));
const sure = trunc(expected);
const spikes = add(sure, select(lt(input("drawn"), sub(expected, sure)), 1, 0));
const dynamics: Dynamics = { output: mul(mul(div(input("amplitude"), dt), spikes), sign(J)), state: {}, rate: passedOn };

/** Spikes at random: as many as the rate says for a step, the part after the point being the probability of one more. */
export class StochasticSpiking extends RandomSpiking {
  static override readonly type: string = "StochasticSpiking";
  static override readonly parameters: readonly string[] = ratesToSpikesParameters;
  protected override get distribution(): "uniform" {
    return "uniform";
  }
  protected override get parameter(): null {
    return null;
  }

  constructor(options: RatesToSpikesOptions) {
    super(options);
    freeze(this, new.target, StochasticSpiking);
  }

  override get dynamics(): Dynamics {
    return dynamics;
  }
}
