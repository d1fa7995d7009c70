import { freeze } from "../declared.ts";
import type { Distribution } from "../distributions/distribution.ts";
import { Uniform } from "../distributions/uniform.ts";
import { add, div, floor, input, lt, max, mul, select, sub } from "../expr/expr.ts";
import type { Dynamics } from "./neuronType.ts";
import { passedOn, RatesToSpikes, ratesToSpikesParameters, type RatesToSpikesOptions } from "./ratesToSpikes.ts";

const dt = input("dt");
const charged = add(input("voltage"), mul(dt, input("J")));
const spikes = floor(charged);
const height = div(input("amplitude"), dt);
/** A threshold at every whole number; at 0 only for rates that are negative. */
const nearest = floor(add(charged, 0.5));
const distance = sub(charged, select(lt(input("J"), 0), nearest, max(1, nearest)));
const dynamics: Dynamics = {
  output: mul(height, spikes),
  state: { voltage: sub(charged, spikes) },
  rate: passedOn,
  spike: { distance, height },
};

/** Evenly spaced spikes at the rate of a base type: the rate is summed up, and the whole part of the sum leaves as spikes. */
export class RegularSpiking extends RatesToSpikes {
  static override readonly type: string = "RegularSpiking";
  static override readonly parameters: readonly string[] = ratesToSpikesParameters;

  constructor(options: RatesToSpikesOptions) {
    super(options);
    freeze(this, new.target, RegularSpiking);
  }

  override get dynamics(): Dynamics {
    return dynamics;
  }
  override get defaultState(): Readonly<Record<string, Distribution>> {
    return initial;
  }
}

const initial = { voltage: new Uniform({ low: 0, high: 1 }) };
