import { checkNumber, freeze } from "../declared.ts";
import { Choice } from "../distributions/choice.ts";
import type { Distribution } from "../distributions/distribution.ts";
import { add, div, input, mul, sub, substitute, type Expr } from "../expr/expr.ts";
import { LIF, LIFRate, lifState, rateDynamics, spikingDynamics, type LIFOptions, type LIFRateOptions } from "./lif.ts";
import type { Dynamics } from "./neuronType.ts";

/*
 * Leaky integrate-and-fire neurons that tire: an adaptation n, driven by the output r, is taken from the current.
 * tauN dn/dt = incN r - n,  J' = J - n.
 * Source: Camera et al., Neural Computation 16 (2004), "Minimal models of adapted neuronal response to in vivo-like input currents".
 */

const adaptation = input("adaptation");
const adapted = { J: sub(input("J"), adaptation) };
const less = (expr: Expr): Expr => substitute(expr, adapted);
const next = (output: Expr): Expr => add(adaptation, mul(div(input("dt"), input("tauN")), sub(mul(input("incN"), output), adaptation)));

const { rate } = rateDynamics;
const rateOutput = less(rate);
const adaptiveRate = { output: rateOutput, state: { adaptation: next(rateOutput) } };
const spikes = less(spikingDynamics.output);

const adaptiveRateDynamics: Dynamics = { ...adaptiveRate, rate };
const adaptiveDynamics: Dynamics = {
  output: spikes,
  state: {
    voltage: less(spikingDynamics.state["voltage"]),
    refractoryTime: less(spikingDynamics.state["refractoryTime"]),
    adaptation: next(spikes),
  },
  rate,
  spike: { ...spikingDynamics.spike, distance: less(spikingDynamics.spike.distance) },
  training: adaptiveRate,
};

interface AdaptationOptions {
  /** Time constant of the adaptation, s. @defaultValue 1 */
  readonly tauN?: number;
  /** How much the adaptation gains from an output of 1 Hz. @defaultValue 0.01 */
  readonly incN?: number;
}

export interface AdaptiveLIFRateOptions extends LIFRateOptions, AdaptationOptions {}
export interface AdaptiveLIFOptions extends LIFOptions, AdaptationOptions {}

const none = new Choice({ options: [0] });

/** The rate of adaptive leaky integrate-and-fire neurons. Decoders are fitted without adaptation, as in Nengo. */
export class AdaptiveLIFRate extends LIFRate {
  static override readonly type: string = "AdaptiveLIFRate";
  static override readonly parameters: readonly string[] = ["tauN", "incN", "tauRc", "tauRef", "amplitude", "initialState"];
  readonly tauN: number;
  readonly incN: number;

  constructor(options: AdaptiveLIFRateOptions = {}) {
    super(options);
    this.tauN = checkNumber(this.type, "tauN", options.tauN ?? 1, { above: 0 });
    this.incN = checkNumber(this.type, "incN", options.incN ?? 0.01, { min: 0 });
    freeze(this, new.target, AdaptiveLIFRate);
  }

  override get dynamics(): Dynamics {
    return adaptiveRateDynamics;
  }
  override get constants(): Readonly<Record<string, number>> {
    return { ...super.constants, tauN: this.tauN, incN: this.incN };
  }
  override get defaultState(): Readonly<Record<string, Distribution>> {
    return { adaptation: none };
  }
}

/**
 * Spiking adaptive leaky integrate-and-fire neurons; a spike is `amplitude / dt`. Decoders are fitted without adaptation, as in
 * Nengo; training runs AdaptiveLIFRate, adaptation included.
 */
export class AdaptiveLIF extends LIF {
  static override readonly type: string = "AdaptiveLIF";
  static override readonly parameters: readonly string[] = ["tauN", "incN", "tauRc", "tauRef", "minVoltage", "amplitude", "initialState"];
  readonly tauN: number;
  readonly incN: number;

  constructor(options: AdaptiveLIFOptions = {}) {
    super(options);
    this.tauN = checkNumber(this.type, "tauN", options.tauN ?? 1, { above: 0 });
    this.incN = checkNumber(this.type, "incN", options.incN ?? 0.01, { min: 0 });
    freeze(this, new.target, AdaptiveLIF);
  }

  override get dynamics(): Dynamics {
    return adaptiveDynamics;
  }
  override get constants(): Readonly<Record<string, number>> {
    return { ...super.constants, tauN: this.tauN, incN: this.incN };
  }
  override get defaultState(): Readonly<Record<string, Distribution>> {
    return { ...lifState, adaptation: none };
  }
}
