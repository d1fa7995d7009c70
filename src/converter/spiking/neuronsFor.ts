import { tensor1d, tidy } from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { layerFromConfig } from "../../layers/innerLayer.ts";
import type { NeuronType } from "../../neurons/neuronType.ts";
import type { RateTarget } from "../calibration/calibrated.ts";
import { matchedNeurons } from "../calibration/matchedNeurons.ts";
import { sameRate } from "../context.ts";
import { changed, scaledNeurons, type ScaledNeurons } from "../scaling.ts";
import type { ActivationPart } from "./layerParts.ts";

/** Neurons in place of an activation: fitted to it where calibration knows its range (`target`), else only scaled. */
export function neuronsFor(
  swapped: NeuronType,
  { name, usual, activation }: ActivationPart,
  target: RateTarget | undefined,
  scale: number,
): ScaledNeurons & { readonly bias: number } {
  const exact = usual !== null && sameRate(swapped, usual);
  if (target !== undefined && !exact && isFunction(activation)) {
    const layer =
      typeof activation === "string"
        ? tfl.layers.activation({ activation: activation as "relu" })
        : layerFromConfig(activation, "toSpiking");
    const values = (x: Float64Array): Float32Array =>
      tidy(() => [layer.call(tensor1d(Float32Array.from(x)), {})].flat()[0].dataSync<"float32">());
    const found = matchedNeurons(swapped, values, target.high, target.rate);
    if (found !== null) {
      const error = `${(100 * found.error).toFixed(1)} % of ${target.high.toPrecision(3)}`;
      return {
        ...found,
        note: `${swapped.type} fitted to ${name} up to ${target.high.toPrecision(3)}, within ${error} (root mean square)`,
      };
    }
  }
  const scaled = scaledNeurons(swapped, scale);
  return { ...scaled, bias: 0, note: scaled.note ?? (exact ? null : `${name} became ${swapped.type}, whose rate is another function`) };
}

/** Whether an activation is one function of one number, without weights. */
const isFunction = (activation: ActivationPart["activation"]): boolean =>
  typeof activation === "string" || !["PReLU", "Softmax", "TimeDistributed"].includes(activation.className);

/** A neuron type whose voltage begins at a value, where it has a voltage and says no start of its own. */
export function startingAt(neuronType: NeuronType, initialVoltage: number | null): NeuronType {
  const { defaultState, initialState } = neuronType;
  if (initialVoltage === null || !Object.hasOwn(defaultState, "voltage") || Object.hasOwn(initialState, "voltage")) return neuronType;
  return changed(neuronType, { initialState: { ...initialState, voltage: [initialVoltage] } });
}
