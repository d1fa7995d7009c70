import { BuildError } from "../errors.ts";
import type { Operator } from "../ir/operators.ts";
import { range } from "../ir/signal.ts";
import { NeuronType, type Dynamics, type NeuronLowering } from "./neuronType.ts";

/**
 * A neuron type whose step is a JavaScript function, for dynamics that expressions cannot say. It is called at every step for every
 * item, and it is not differentiable: gradients stop here, as at a Node with a function. (Expressions are faster, and train.)
 */
export abstract class HostNeuronType extends NeuronType {
  /**
   * One step: writes `output` (1/s, a spike is 1/dt) and the new states in place.
   * @param dt - seconds
   * @param J - input currents, one a neuron
   */
  abstract step(dt: number, J: Float64Array, output: Float64Array, state: Readonly<Record<string, Float64Array>>): void;

  /** Values that a type's own methods may want by name; the step function does not need them here. */
  override get constants(): Readonly<Record<string, number>> {
    return {};
  }
  override get dynamics(): Dynamics {
    throw new BuildError(`${this.type}.dynamics: expected expressions, got a step function. Extend NeuronType where they are needed.`);
  }

  /** Output of one step of 1 s from states of zero. Override it where that is not the rate. */
  override rates(J: Float64Array): Float64Array {
    const output = new Float64Array(J.length);
    const state = Object.fromEntries(Object.keys(this.defaultState).map((name) => [name, new Float64Array(J.length)]));
    this.step(1, J.slice(), output, state);
    return output;
  }

  /** One call an item; in training the same. */
  override lower({ dt, J, output, state, origin }: NeuronLowering): Operator[] {
    const names = Object.keys(state);
    const states = names.map((name) => range(state[name]));
    const call = (_t: number, [current, ...values]: readonly Float64Array[]): Float64Array[] => {
      const out = new Float64Array(output.size);
      this.step(dt, current, out, Object.fromEntries(names.map((name, k) => [name, values[k]])));
      return [out, ...values];
    };
    return [
      {
        kind: "host",
        origin,
        call: { kind: "function", call },
        inputs: [range(J), ...states],
        outputs: [range(output), ...states].map((r) => ({ range: r, role: "set" })),
        slot: null,
      },
    ];
  }
}
