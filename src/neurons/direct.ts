import { freeze } from "../declared.ts";
import { ValidationError } from "../errors.ts";
import { input } from "../expr/expr.ts";
import { NeuronType, type Dynamics, type GainBias, type MaxRatesIntercepts } from "./neuronType.ts";

const dynamics: Dynamics = { output: input("J"), state: {}, rate: input("J") };

/** No neurons: an ensemble passes its value on, and functions of its connections are computed exactly at every step. */
export class Direct extends NeuronType {
  static override readonly type: string = "Direct";
  static override readonly parameters: readonly string[] = [];

  constructor(options: Record<string, never> = {}) {
    super(options);
    freeze(this, new.target, Direct);
  }

  override get negative(): boolean {
    return true;
  }
  override get dynamics(): Dynamics {
    return dynamics;
  }
  override get constants(): Readonly<Record<string, number>> {
    return {};
  }
  override get probeable(): readonly string[] {
    return [];
  }
  override gainBias(): GainBias {
    throw noNeurons("gainBias");
  }
  override maxRatesIntercepts(): MaxRatesIntercepts {
    throw noNeurons("maxRatesIntercepts");
  }
}

const noNeurons = (parameter: string): ValidationError =>
  new ValidationError({
    owner: "Direct",
    parameter,
    expected: "a neuron type with neurons",
    got: "Direct mode",
    fix: "Direct ensembles have no gain, bias or rates",
  });
