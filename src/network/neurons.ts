import { Direct } from "../neurons/index.ts";
import type { Ensemble } from "./ensemble.ts";
import { Viewable } from "./view.ts";

/** The neurons of an ensemble: their input currents and outputs, one each. In Direct mode there are none. */
export class Neurons extends Viewable {
  readonly ensemble: Ensemble;

  constructor(ensemble: Ensemble) {
    super();
    this.ensemble = ensemble;
  }

  override get sizeIn(): number {
    return this.ensemble.neuronType instanceof Direct ? 0 : this.ensemble.nNeurons;
  }
  override get sizeOut(): number {
    return this.sizeIn;
  }
  /** What a probe can see: the output, states of the neuron type, and the input. */
  get probeable(): readonly string[] {
    return [...this.ensemble.neuronType.probeable, "input"];
  }

  /** Name for messages. */
  override toString(): string {
    return `${this.ensemble.toString()}.neurons`;
  }
}
