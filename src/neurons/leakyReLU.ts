import { checkNumber, freeze } from "../declared.ts";
import type { Distribution } from "../distributions/distribution.ts";
import { Uniform } from "../distributions/uniform.ts";
import { add, div, floor, input, lt, max, min, mul, neg, select, sub } from "../expr/expr.ts";
import type { Dynamics } from "./neuronType.ts";
import { RectifiedLinear, type RectifiedLinearOptions } from "./rectifiedLinear.ts";

/*
 * As rectified linear neurons, with a small slope below threshold. Spiking form: the part of v before the point leaves as spikes,
 * which are negative where v is.
 */

const J = input("J");
const dt = input("dt");
const amplitude = input("amplitude");
const bent = sub(max(0, J), mul(input("negativeSlope"), max(0, neg(J))));
const rate = mul(amplitude, bent);
const charged = add(input("voltage"), mul(bent, dt));
// The whole part, towards 0.
const spikes = select(lt(charged, 0), neg(floor(neg(charged))), floor(charged));
const height = div(amplitude, dt);
/** A threshold at every whole number but 0. */
const nearest = floor(add(charged, 0.5));
const distance = sub(charged, select(lt(charged, 0), min(-1, nearest), max(1, nearest)));

const rateDynamics: Dynamics = { output: rate, state: {}, rate };
const spikingDynamics: Dynamics = {
  output: mul(spikes, height),
  state: { voltage: sub(charged, spikes) },
  rate,
  spike: { distance, height },
};

export interface LeakyReLUOptions extends RectifiedLinearOptions {
  /** Slope below threshold. @defaultValue 0.3 */
  readonly negativeSlope?: number;
}

/** Rectified linear rate neurons with a slope below threshold too, where the output is negative. */
export class LeakyReLU extends RectifiedLinear {
  static override readonly type: string = "LeakyReLU";
  static override readonly parameters: readonly string[] = ["negativeSlope", "amplitude", "initialState"];
  readonly negativeSlope: number;

  constructor(options: LeakyReLUOptions = {}) {
    super(options);
    this.negativeSlope = checkNumber(this.type, "negativeSlope", options.negativeSlope ?? 0.3);
    freeze(this, new.target, LeakyReLU);
  }

  override get negative(): boolean {
    return this.negativeSlope > 0;
  }
  override get dynamics(): Dynamics {
    return rateDynamics;
  }
  override get constants(): Readonly<Record<string, number>> {
    return { ...super.constants, negativeSlope: this.negativeSlope };
  }
}

/** Spiking rectified linear neurons with a slope below threshold too, where spikes are negative. */
export class SpikingLeakyReLU extends LeakyReLU {
  static override readonly type: string = "SpikingLeakyReLU";

  constructor(options: LeakyReLUOptions = {}) {
    super(options);
    freeze(this, new.target, SpikingLeakyReLU);
  }

  override get spiking(): boolean {
    return true;
  }
  override get dynamics(): Dynamics {
    return spikingDynamics;
  }
  override get defaultState(): Readonly<Record<string, Distribution>> {
    return integrateState;
  }
}

const integrateState = { voltage: new Uniform({ low: 0, high: 1 }) };
