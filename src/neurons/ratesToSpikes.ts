import { checkNumber } from "../declared.ts";
import { ValidationError, describe } from "../errors.ts";
import { input, mul } from "../expr/expr.ts";
import { NeuronType, type GainBias, type MaxRatesIntercepts, type NeuronTypeOptions } from "./neuronType.ts";

export interface RatesToSpikesOptions extends NeuronTypeOptions {
  /** Whose rates become spikes. */
  readonly baseType: NeuronType;
  /** Height of the output relative to 1 (a spike is `amplitude / dt`). @defaultValue 1 */
  readonly amplitude?: number;
}

export const ratesToSpikesParameters: readonly string[] = ["baseType", "amplitude", "initialState"];

/** The rate that spikes stand for: `J` is the base type's output. */
export const passedOn = mul(input("amplitude"), input("J"));

/**
 * A neuron type that turns the rates of another one, its base type, into spikes. Gain, bias and the rates that decoders are fitted to
 * are the base type's; as in Nengo, those rates do not contain the amplitude.
 */
export abstract class RatesToSpikes extends NeuronType {
  private readonly base: NeuronType;
  readonly amplitude: number;

  protected constructor(options: RatesToSpikesOptions) {
    super(options);
    const { baseType } = options;
    const owner = this.type;
    if (!(baseType instanceof NeuronType))
      throw new ValidationError({ owner, parameter: "baseType", expected: "a neuron type such as new LIFRate()", got: describe(baseType) });
    if (baseType.baseType !== null)
      throw new ValidationError({ owner, parameter: "baseType", expected: "a neuron type without a base type", got: String(baseType) });
    const shared = Object.keys(this.defaultState).filter((name) => Object.hasOwn(baseType.defaultState, name));
    if (shared.length > 0)
      throw new ValidationError({
        owner,
        parameter: "baseType",
        expected: "a neuron type whose states have other names",
        got: `${baseType.type}, which has a state ${shared.join(", ")} too`,
      });
    this.base = baseType;
    this.amplitude = checkNumber(owner, "amplitude", options.amplitude ?? 1, { above: 0 });
  }

  override get baseType(): NeuronType {
    return this.base;
  }
  override get spiking(): boolean {
    return true;
  }
  override get negative(): boolean {
    return this.baseType.negative;
  }
  override get constants(): Readonly<Record<string, number>> {
    return { amplitude: this.amplitude };
  }
  override get probeable(): readonly string[] {
    return ["output", "rateOut", ...Object.keys(this.defaultState), ...Object.keys(this.baseType.defaultState)];
  }
  override gainBias(maxRates: Float64Array, intercepts: Float64Array): GainBias {
    return this.baseType.gainBias(maxRates, intercepts);
  }
  override maxRatesIntercepts(gain: Float64Array, bias: Float64Array): MaxRatesIntercepts {
    return this.baseType.maxRatesIntercepts(gain, bias);
  }
  override rates(J: Float64Array): Float64Array {
    return this.baseType.rates(J);
  }
}
