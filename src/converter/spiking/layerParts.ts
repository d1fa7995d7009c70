import type { layers } from "@tensorflow/tfjs-layers";
import { configOf, layerFromConfig, type LayerConfig } from "../../layers/innerLayer.ts";
import { ClippedReLU, ELU, LeakyReLU, RectifiedLinear } from "../../neurons/index.ts";
import type { NeuronType } from "../../neurons/neuronType.ts";
import { ACROSS, activationOf, type TfjsActivation } from "../activations.ts";

/** The activation of a layer, apart from what comes before it. */
export interface ActivationPart {
  /** As tfjs names it. */
  readonly name: string;
  /** Neurons whose rate it is; null where there are none. */
  readonly usual: NeuronType | null;
  /** A name that tfjs knows; of a layer that is nothing but an activation, its config (it may have weights of its own). */
  readonly activation: string | LayerConfig;
}

/** A layer as a linear part and an activation; either may be missing. */
export interface LayerParts {
  /** Config of the layer without its activation; null where the layer is nothing but an activation. */
  readonly rest: LayerConfig | null;
  readonly activation: ActivationPart | null;
}

interface WithParameters extends layers.Layer {
  readonly activation?: TfjsActivation | null;
  readonly maxValue?: number | null;
  readonly alpha?: number;
  readonly negativeSlope?: number;
  readonly threshold?: number;
  readonly layer?: layers.Layer;
  readonly cell?: unknown;
  readonly recurrentActivation?: unknown;
}

/** Activations whose steps are not spikes but numbers: at the output they come after the readout. */
const GRADED = new Set(["softmax", "sigmoid", "hardSigmoid", "tanh", "softplus", "softsign", "logSoftmax"]);

/** Whether an activation is computed from what all steps came to, not by neurons, where it is an output. */
export const isGraded = ({ name }: ActivationPart): boolean => GRADED.has(name);

/** Layers that are an activation, with neurons for it. */
const activationLayers: Readonly<Record<string, (layer: WithParameters) => { name: string; usual: NeuronType | null }>> = {
  ReLU: rectifier,
  NengoReLU: (layer) => {
    if (layer.threshold !== 0) return { name: "thresholdedRelu", usual: null };
    return layer.negativeSlope === 0 ? rectifier(layer) : { name: "leakyRelu", usual: null };
  },
  LeakyReLU: ({ alpha }) => ({ name: "leakyRelu", usual: new LeakyReLU({ negativeSlope: alpha! }) }),
  ELU: () => ({ name: "elu", usual: new ELU() }),
  NengoELU: () => ({ name: "elu", usual: null }),
  PReLU: () => ({ name: "prelu", usual: null }),
  Softmax: () => ({ name: "softmax", usual: null }),
  ThresholdedReLU: () => ({ name: "thresholdedRelu", usual: null }),
};

function rectifier({ maxValue }: WithParameters): { name: string; usual: NeuronType } {
  if (maxValue === null || maxValue === undefined) return { name: "relu", usual: new RectifiedLinear() };
  return { name: maxValue === 6 ? "relu6" : "clippedRelu", usual: new ClippedReLU({ maxValue }) };
}

/** What of a layer becomes neurons, and what stays. */
export function partsOf(given: layers.Layer): LayerParts {
  const layer = given as WithParameters;
  const className = layer.getClassName();
  const own = activationLayers[className];
  if (own !== undefined) return { rest: null, activation: { ...own(layer), activation: configOf(layer) } };
  if (className === "TimeDistributed") return wrapped(layer);
  const spec = activationOf(layer.activation);
  const part = spec === null ? null : { name: spec.name, usual: spec.usual, activation: spec.name };
  if (className === "Activation")
    return part === null
      ? { rest: configOf(layer), activation: null }
      : { rest: null, activation: { ...part, activation: configOf(layer) } };
  // The activations of recurrent cells work inside of them.
  if (part === null || layer.cell !== undefined || layer.recurrentActivation !== undefined)
    return { rest: configOf(layer), activation: null };
  const { className: name, config } = configOf(layer);
  return { rest: { className: name, config: { ...config, activation: "linear" } }, activation: part };
}

/** The activation of a wrapped layer, where that is elementwise, comes after the wrapper. */
function wrapped(layer: WithParameters): LayerParts {
  const inner = partsOf(layer.layer!);
  const { className, config } = configOf(layer);
  if (inner.activation !== null && inner.rest === null && !ACROSS.has(inner.activation.name))
    return { rest: null, activation: { ...inner.activation, activation: configOf(layer) } };
  if (inner.rest === null || inner.activation === null || ACROSS.has(inner.activation.name))
    return { rest: { className, config: { ...config, layer: configOf(layer.layer!) } }, activation: null };
  return { rest: { className, config: { ...config, layer: inner.rest } }, activation: inner.activation };
}

/** A layer made anew, without what says where its model begins. */
export function freshLayer({ className, config }: LayerConfig, name = config["name"] as string): layers.Layer {
  const { batchInputShape: _b, inputShape: _i, ...rest } = config;
  return layerFromConfig({ className, config: { ...rest, name } }, "toSpiking");
}
