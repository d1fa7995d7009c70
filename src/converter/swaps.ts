import * as tf from "@tensorflow/tfjs-core";
import { ValidationError, describe } from "../errors.ts";
import { NeuronType } from "../neurons/neuronType.ts";

/** What an activation is called by: its name in tfjs, a function of tf, or the neuron type (or its class) that it becomes by default. */
export type ActivationKey = string | ((x: tf.Tensor) => tf.Tensor) | NeuronType | (new (...args: never[]) => NeuronType);

/** Neuron types for activations: a Map, a list of pairs, or an object by name. */
export type SwapActivations = Iterable<readonly [ActivationKey, NeuronType]> | Readonly<Record<string, NeuronType>>;

/** Names of the functions of tf that are activations. */
const functionNames = new Map<unknown, string>([
  [tf.relu, "relu"],
  [tf.relu6, "relu6"],
  [tf.elu, "elu"],
  [tf.selu, "selu"],
  [tf.leakyRelu, "leakyRelu"],
  [tf.sigmoid, "sigmoid"],
  [tf.tanh, "tanh"],
  [tf.softplus, "softplus"],
]);

/** `hard_sigmoid`, `hardSigmoid` and `HardSigmoid` are one name. */
const plainName = (name: string): string => name.replaceAll("_", "").toLowerCase();

/** Which activations become other neuron types than usual. */
export class ActivationSwaps {
  private readonly pairs: readonly (readonly [ActivationKey, NeuronType])[];
  private readonly used = new Set<ActivationKey>();

  /** @throws ValidationError where a key is no activation, or a value no neuron type */
  constructor(given: SwapActivations) {
    if (typeof given !== "object" || given === null)
      throw new ValidationError({ owner: "convert", parameter: "swapActivations", expected: "a Map or pairs", got: describe(given) });
    this.pairs = Symbol.iterator in given ? [...given] : Object.entries(given);
    for (const [key, value] of this.pairs) {
      const parameter = `swapActivations[${typeof key === "string" ? JSON.stringify(key) : describe(key)}]`;
      if (!(value instanceof NeuronType))
        throw new ValidationError({
          owner: "convert",
          parameter,
          expected: "a neuron type such as new SpikingRectifiedLinear()",
          got: describe(value),
        });
      const known = typeof key === "string" || key instanceof NeuronType || isNeuronClass(key) || functionNames.has(key);
      if (!known)
        throw new ValidationError({
          owner: "convert",
          parameter,
          expected: "the name of an activation, a function of tf such as tf.relu, or a neuron type",
          got: describe(key),
          fix: 'Name the activation: "relu"',
        });
    }
  }

  /** The neuron type that stands for an activation, whose usual one is `usual`; null where none was given. */
  find(activation: string, usual: NeuronType | null): NeuronType | null {
    const found = this.pairs.find(([key]) => fits(key, activation, usual));
    if (found === undefined) return null;
    this.used.add(found[0]);
    return found[1];
  }

  /** Keys that fitted nothing so far. */
  get unused(): readonly string[] {
    return this.pairs
      .filter(([key]) => !this.used.has(key))
      .map(([key]) => (functionNames.has(key) ? `tf.${functionNames.get(key)!}` : typeof key === "string" ? key : describe(key)));
  }
}

const isNeuronClass = (key: unknown): boolean => typeof key === "function" && key.prototype instanceof NeuronType;

function fits(key: ActivationKey, activation: string, usual: NeuronType | null): boolean {
  if (typeof key === "string") return plainName(key) === plainName(activation);
  if (key instanceof NeuronType) return key.equals(usual);
  if (isNeuronClass(key)) return usual?.constructor === key;
  return functionNames.get(key) === activation;
}
