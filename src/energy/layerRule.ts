import type { Tensor } from "@tensorflow/tfjs-core";
import type { SymbolicTensor } from "@tensorflow/tfjs-layers";

export type Layer = SymbolicTensor["sourceLayer"];

/** Synapses of one kind in a layer. */
export interface Synapses {
  /** Weights that an event passes: each is used once by an event of its presynaptic unit. */
  readonly count: number;
  /** How often, in Hz: the measured mean of the layer's absolute `input` or `output`, once every `step`, or a number. */
  readonly rate: "input" | "output" | "step" | number;
}

/** What a layer does in one step (where it works over time, else in one inference), for one item. */
export interface LayerCost {
  readonly synapses?: readonly Synapses[];
  /** Updates of neurons, or of other units with a state or a nonlinearity. */
  readonly neurons?: number;
  /** Whether its neurons spike. @defaultValue false */
  readonly spiking?: boolean;
  /** Whether its result needs all steps on any device, since it is no function of a rate (recurrent layers). @defaultValue false */
  readonly everyStep?: boolean;
}

/** One call of a layer in a model. */
export interface LayerCall {
  readonly layer: Layer;
  /** Shape of the (first) input without batch, and without steps where it has them. */
  readonly input: readonly number[];
  /** The same of the output. */
  readonly output: readonly number[];
  /** A batch of the example data as it came to the layer; null where there are none. */
  readonly values: readonly Tensor[] | null;
}

/**
 * What a layer makes of time, axis 1: it `keeps` what comes, works `over` steps, `starts` them or `ends` them, or knows nothing of time
 * (`none`).
 */
export type TimeRule = "keeps" | "over" | "starts" | "ends" | "none";

/** How a class of layers counts in {@link modelEnergy}. */
export interface LayerEnergyRule {
  /** What a call of the layer does. */
  readonly cost: (call: LayerCall) => LayerCost;
  /** @defaultValue "none" */
  readonly time?: TimeRule | ((layer: Layer) => TimeRule);
}

const rules = new Map<string, LayerEnergyRule>();

/** Makes known how layers with this `className` count in {@link modelEnergy}, or changes it. */
export function registerLayerEnergy(className: string, rule: LayerEnergyRule): void {
  rules.set(className, rule);
}

export const ruleOf = (layer: Layer): LayerEnergyRule | undefined => rules.get(layer.getClassName());

export function timeRuleOf(layer: Layer): TimeRule {
  const time = ruleOf(layer)?.time ?? "none";
  return typeof time === "function" ? time(layer) : time;
}

export const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
