import { tensor1d, tidy } from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { layerFromConfig } from "../../layers/innerLayer.ts";
import type { NeuronType } from "../../neurons/neuronType.ts";
import type { RateTarget } from "../calibration/calibrated.ts";
import { fittedNeurons } from "../calibration/matchedNeurons.ts";
import { sameRate, scaledNeurons, type ScaledNeurons } from "../scaling.ts";
import type { ActivationPart } from "./layerParts.ts";

/** Neurons in place of an activation. */
export interface SwappedNeurons extends ScaledNeurons {
  readonly bias: number;
  /** Whether they have the activation as their rate, all but a fit's error. */
  readonly follow: boolean;
}

/** Neurons in place of an activation: fitted to it where calibration knows its range (`target`), else only scaled. */
export function neuronsFor(swapped: NeuronType, part: ActivationPart, target: RateTarget | undefined, scale: number): SwappedNeurons {
  const { name, usual } = part;
  const exact = usual !== null && sameRate(swapped, usual);
  const values = target !== undefined && !exact ? functionOf(part) : null;
  if (target !== undefined && values !== null) {
    const found = fittedNeurons(swapped, name, values, target);
    if (found !== null) return { ...found, follow: true };
  }
  const scaled = scaledNeurons(swapped, scale);
  return {
    ...scaled,
    bias: 0,
    follow: exact,
    note: scaled.note ?? (exact ? null : `${name} became ${swapped.type}, whose rate is another function`),
  };
}

/** An activation as a function of numbers; null where it is none of one number, or has weights. */
export function functionOf({ activation, name }: ActivationPart): ((x: Float64Array) => Float32Array) | null {
  if (name === "softmax") return null;
  if (typeof activation !== "string" && ["PReLU", "Softmax", "TimeDistributed"].includes(activation.className)) return null;
  const layer =
    typeof activation === "string" ? tfl.layers.activation({ activation: activation as "relu" }) : layerFromConfig(activation, "toSpiking");
  return (x) => tidy(() => [layer.call(tensor1d(Float32Array.from(x)), {})].flat()[0].dataSync<"float32">());
}
