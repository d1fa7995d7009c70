import type { Tensor } from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";

/** Classes of tfjs that ours extend, and the fields of theirs that ours use. tfjs exports functions that make layers, not their classes. */

/** An activation function of tfjs. */
export interface Activation {
  apply(x: Tensor): Tensor;
}

/** Initialisers, regularisers and constraints go from field to `addWeight` as they are. */
type Initializer = ReturnType<typeof tfl.initializers.zeros>;
type Regularizer = ReturnType<typeof tfl.regularizers.l2>;
type Constraint = ReturnType<typeof tfl.constraints.nonNeg>;

export interface ConvolutionFields {
  kernelSize: number[];
  strides: number[];
  padding: "valid" | "same" | "causal";
  dataFormat: "channelsFirst" | "channelsLast";
  dilationRate: number[];
  filters: number;
  depthMultiplier: number;
  useBias: boolean;
  activation: Activation;
  kernel: tfl.LayerVariable | null;
  depthwiseKernel: tfl.LayerVariable | null;
  pointwiseKernel: tfl.LayerVariable | null;
  bias: tfl.LayerVariable | null;
  kernelInitializer: Initializer;
  kernelRegularizer: Regularizer;
  kernelConstraint: Constraint;
  biasInitializer: Initializer;
  biasRegularizer: Regularizer;
  biasConstraint: Constraint;
  depthwiseInitializer: Initializer;
  depthwiseRegularizer: Regularizer;
  depthwiseConstraint: Constraint;
  pointwiseInitializer: Initializer;
  pointwiseRegularizer: Regularizer;
  pointwiseConstraint: Constraint;
}

export interface GRUCellFields {
  units: number;
  activation: Activation;
  recurrentActivation: Activation;
  useBias: boolean;
  dropout: number;
  recurrentDropout: number;
  dropoutMask: Tensor | Tensor[] | null;
  recurrentDropoutMask: Tensor | Tensor[] | null;
  kernel: tfl.LayerVariable;
  recurrentKernel: tfl.LayerVariable;
  bias: tfl.LayerVariable | null;
  kernelInitializer: Initializer;
  kernelRegularizer: Regularizer;
  kernelConstraint: Constraint;
  recurrentInitializer: Initializer;
  recurrentRegularizer: Regularizer;
  recurrentConstraint: Constraint;
  biasInitializer: Initializer;
  biasRegularizer: Regularizer;
  biasConstraint: Constraint;
}

type ClassOf<Fields> = new (args: object) => tfl.layers.Layer & Fields;

/** The class of a layer; a name keeps tfjs from counting it among the user's. */
const classOf = <Fields>(layer: object) => layer.constructor as ClassOf<Fields>;

const name = "nengo";
export const Conv1D = classOf<ConvolutionFields>(tfl.layers.conv1d({ name, filters: 1, kernelSize: 1 }));
export const Conv2D = classOf<ConvolutionFields>(tfl.layers.conv2d({ name, filters: 1, kernelSize: 1 }));
export const Conv2DTranspose = classOf<ConvolutionFields>(tfl.layers.conv2dTranspose({ name, filters: 1, kernelSize: 1 }));
export const DepthwiseConv2D = classOf<ConvolutionFields>(tfl.layers.depthwiseConv2d({ name, kernelSize: 1 }));
export const SeparableConv2D = classOf<ConvolutionFields>(tfl.layers.separableConv2d({ name, filters: 1, kernelSize: 1 }));
export const Add = classOf<{ mergeFunction(inputs: Tensor[]): Tensor }>(tfl.layers.add({ name }));
export const Dropout = classOf<{ getNoiseShape(input: Tensor): number[] | null }>(tfl.layers.dropout({ name, rate: 0 }));
export const UpSampling2D = classOf<{ size: [number, number]; dataFormat: string; interpolation: string }>(
  tfl.layers.upSampling2d({ name }),
);
export const BatchNormalization = classOf<{ axis: number }>(tfl.layers.batchNormalization({ name }));
export const GRU = classOf<{ cell: object }>(tfl.layers.gru({ name, units: 1 }));
export const GRUCell = classOf<GRUCellFields>(tfl.layers.gruCell({ name, units: 1 }));
