import { checkNumber, freeze } from "../declared.ts";
import { Choice } from "../distributions/choice.ts";
import type { Distribution } from "../distributions/distribution.ts";
import { Uniform } from "../distributions/uniform.ts";
import { abs, add, div, ge, input, max, mul, select, sub, withDerivative } from "../expr/expr.ts";
import { NeuronType, type Dynamics, type NeuronTypeOptions } from "./neuronType.ts";

/*
 * Two states, voltage v (mV) and recovery u, in ms:  dv/dt = 0.04 v^2 + 5 v + 140 - u + J,  du/dt = tauRecovery (coupling v - u);
 * at 30 mV a spike: v = resetVoltage, u += resetRecovery.
 * Source: Izhikevich, IEEE Trans. Neural Networks 14 (2003), "Simple model of spiking neurons".
 */

const dt = input("dt");
const [v, u] = [input("voltage"), input("recovery")];
const THRESHOLD = 30;

const J = max(-30, input("J"));
const slope = add(sub(add(add(mul(0.04, mul(v, v)), mul(5, v)), 140), u), J);
const charged = add(v, mul(mul(slope, 1000), dt));
const spiked = ge(charged, THRESHOLD);
const voltage = select(spiked, input("resetVoltage"), charged);
const recovered = add(u, mul(mul(mul(input("tauRecovery"), sub(mul(input("coupling"), voltage), u)), 1000), dt));

/**
 * The slope that stands for that of a spike: a fast sigmoid of the distance to threshold, 10 mV wide, whose area is the spike's
 * height. Source: Zenke & Ganguli, Neural Computation 30 (2018), "SuperSpike".
 */
const STEEPNESS = 0.1;
const distance = add(1, mul(STEEPNESS, abs(sub(charged, THRESHOLD))));
const surrogate = div(div(STEEPNESS / 2, dt), mul(distance, distance));

const dynamics: Dynamics = {
  output: withDerivative(select(spiked, div(1, dt), 0), charged, surrogate),
  state: { voltage, recovery: select(spiked, add(recovered, input("resetRecovery")), recovered) },
  rate: null,
  spike: { distance: div(sub(charged, THRESHOLD), sub(THRESHOLD, input("resetVoltage"))), height: div(1, dt) },
};

export interface IzhikevichOptions extends NeuronTypeOptions {
  /** Rate of the recovery, 1/ms (Izhikevich's a). @defaultValue 0.02 */
  readonly tauRecovery?: number;
  /** How much the recovery follows the voltage (b). @defaultValue 0.2 */
  readonly coupling?: number;
  /** Voltage after a spike, mV (c). @defaultValue -65 */
  readonly resetVoltage?: number;
  /** What a spike adds to the recovery (d). @defaultValue 8 */
  readonly resetRecovery?: number;
}

/**
 * Izhikevich's neurons; a spike is `1 / dt`. Rates are found by simulation. There is no formula for them, so training runs the
 * neurons as they are: gradients go through voltage and recovery, and a spike has the slope of a fast sigmoid.
 */
export class Izhikevich extends NeuronType {
  static override readonly type: string = "Izhikevich";
  static override readonly parameters: readonly string[] = ["tauRecovery", "coupling", "resetVoltage", "resetRecovery", "initialState"];
  readonly tauRecovery: number;
  readonly coupling: number;
  readonly resetVoltage: number;
  readonly resetRecovery: number;

  constructor(options: IzhikevichOptions = {}) {
    super(options);
    this.tauRecovery = checkNumber(this.type, "tauRecovery", options.tauRecovery ?? 0.02, { above: 0 });
    this.coupling = checkNumber(this.type, "coupling", options.coupling ?? 0.2, { min: 0 });
    this.resetVoltage = checkNumber(this.type, "resetVoltage", options.resetVoltage ?? -65);
    this.resetRecovery = checkNumber(this.type, "resetRecovery", options.resetRecovery ?? 8);
    freeze(this, new.target, Izhikevich);
  }

  override get spiking(): boolean {
    return true;
  }
  override get dynamics(): Dynamics {
    return dynamics;
  }
  override get constants(): Readonly<Record<string, number>> {
    const { tauRecovery, coupling, resetVoltage, resetRecovery } = this;
    return { tauRecovery, coupling, resetVoltage, resetRecovery };
  }
  override get defaultState(): Readonly<Record<string, Distribution>> {
    return initial;
  }
}

const initial = { voltage: new Uniform({ low: 0, high: 1 }), recovery: new Choice({ options: [0] }) };
