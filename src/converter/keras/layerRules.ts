import { ConversionError, describe } from "../../errors.ts";

/** A layer's arguments in tfjs's spelling. */
export type Args = Record<string, unknown>;

/**
 * Changes arguments where tfjs wants them otherwise, and gives the name of the class that can do what they say. `rank` is that of the
 * input; null inside a wrapper, where it is not known.
 */
export type Rule = (args: Args, where: string, rank: number | null) => string;

/** Sizes of one axis or several, all 1. */
const ones = (value: unknown) =>
  value === undefined || value === null || (Array.isArray(value) ? value.every((n) => n === 1) : value === 1);
const channelsFirst = (args: Args) => args.dataFormat === "channelsFirst";

/** tfjs's class where it can do it, else ours. */
const either =
  (plain: string, ours: string, needsOurs: (args: Args) => boolean): Rule =>
  (args) =>
    needsOurs(args) ? ours : plain;

const grouped = (args: Args) => !ones(args.groups);

const keepsDims = (args: Args) => args.keepdims === true;

const as =
  (name: string): Rule =>
  () =>
    name;

/** `[3]` as 3, as Keras 2 writes a single axis. */
const singleAxis =
  (name: string): Rule =>
  (args, where) => {
    if (Array.isArray(args.axis)) {
      if (args.axis.length !== 1) {
        throw new ConversionError({
          owner: where,
          parameter: "axis",
          expected: "one axis",
          got: describe(args.axis),
          fix: "tfjs works along one axis",
        });
      }
      args.axis = args.axis[0] as unknown;
    }
    return name;
  };

const recurrent =
  (name: string, ours = name): Rule =>
  (args) => {
    // tfjs has one implementation and warns of 0
    delete args.implementation;
    delete args.useCudnn;
    const resetsAfter = args.resetAfter === true;
    if (name === ours || !resetsAfter) delete args.resetAfter;
    return resetsAfter ? ours : name;
  };

const renamed =
  (name: string, from: string, to: string): Rule =>
  (args) => {
    if (args[from] !== undefined) args[to] = args[from];
    delete args[from];
    return name;
  };

/** Keras 2 also writes what a separable convolution inherits and never uses; tfjs refuses it. */
function separable(args: Args, name: string): string {
  for (const key of ["kernelInitializer", "kernelRegularizer", "kernelConstraint"]) delete args[key];
  return name;
}

const batchNormalization: Rule = (args, where, rank) => {
  // what Keras does with them counts in training only, or not at all (renorm itself is refused as unknown)
  if (args.renorm !== true) for (const key of ["renormClipping", "renormMomentum"]) delete args[key];
  for (const key of ["fused", "synchronized", "virtualBatchSize"]) delete args[key];
  const name = singleAxis("BatchNormalization")(args, where, rank);
  const axis = args.axis ?? -1;
  return axis === -1 || (rank !== null && axis === rank - 1) ? name : "NengoBatchNormalization";
};

const same = (...names: string[]): Record<string, Rule> => Object.fromEntries(names.map((name) => [name, as(name)]));

/** How to make each of Keras's layers that tfjs or this library has; a class that is not here is the user's own. */
export const rules: ReadonlyMap<string, Rule> = new Map(
  Object.entries({
    ...same("Dense", "Activation", "Embedding", "Masking", "Flatten", "Reshape", "Permute", "RepeatVector"),
    ...same("Add", "Multiply", "Average", "Maximum", "Minimum", "Concatenate", "Dot", "Subtract"),
    ...same("Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "GaussianNoise", "GaussianDropout", "AlphaDropout"),
    ...same("MaxPooling1D", "AveragePooling1D", "MaxPooling2D", "AveragePooling2D", "MaxPooling3D", "AveragePooling3D"),
    ...same("Cropping1D", "Cropping2D", "Cropping3D", "ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D", "UpSampling1D", "UpSampling3D"),
    ...same("GlobalAveragePooling3D", "GlobalMaxPooling3D", "LayerNormalization", "Normalization"),
    ...same("Conv3D", "Conv3DTranspose", "Conv2DTranspose", "Conv1DTranspose", "DepthwiseConv1D", "PReLU", "ThresholdedReLU"),
    ...same("StackedRNNCells", "RNN", "ConvLSTM2D", "TimeDistributed", "Bidirectional"),
    Conv1D: either("Conv1D", "NengoConv1D", (args) => grouped(args) || args.padding === "causal" || channelsFirst(args)),
    Conv2D: either("Conv2D", "NengoConv2D", grouped),
    DepthwiseConv2D: either("DepthwiseConv2D", "NengoDepthwiseConv2D", (args) => !ones(args.dilationRate)),
    SeparableConv1D: (args) => separable(args, "SeparableConv1D"),
    // tfjs's layer adds the bias along the wrong axis where channels come first, and forgets the multiplier when it is saved
    SeparableConv2D: (args) =>
      separable(args, channelsFirst(args) || !ones(args.depthMultiplier) ? "NengoSeparableConv2D" : "SeparableConv2D"),
    ReLU: either("ReLU", "NengoReLU", (args) => Boolean(args.threshold) || Boolean(args.negativeSlope)),
    ELU: either("ELU", "NengoELU", (args) => (args.alpha ?? 1) !== 1),
    LeakyReLU: renamed("LeakyReLU", "negativeSlope", "alpha"),
    Softmax: singleAxis("Softmax"),
    GlobalAveragePooling1D: either(
      "GlobalAveragePooling1D",
      "NengoGlobalAveragePooling1D",
      (args) => keepsDims(args) || channelsFirst(args),
    ),
    GlobalMaxPooling1D: either("GlobalMaxPooling1D", "NengoGlobalMaxPooling1D", (args) => keepsDims(args) || channelsFirst(args)),
    GlobalAveragePooling2D: either("GlobalAveragePooling2D", "NengoGlobalAveragePooling2D", keepsDims),
    GlobalMaxPooling2D: either("GlobalMaxPooling2D", "NengoGlobalMaxPooling2D", keepsDims),
    UpSampling2D: either("UpSampling2D", "NengoUpSampling2D", (args) => (args.interpolation ?? "nearest") !== "nearest"),
    Rescaling: either("Rescaling", "NengoRescaling", (args) => Array.isArray(args.scale) || Array.isArray(args.offset)),
    BatchNormalization: batchNormalization,
    SyncBatchNormalization: batchNormalization,
    BatchNormalizationV1: batchNormalization,
    BatchNormalizationV2: batchNormalization,
    SimpleRNN: recurrent("SimpleRNN"),
    SimpleRNNCell: recurrent("SimpleRNNCell"),
    LSTM: recurrent("LSTM"),
    LSTMCell: recurrent("LSTMCell"),
    GRU: recurrent("GRU", "NengoGRU"),
    GRUCell: recurrent("GRUCell", "NengoGRUCell"),
    // its loss counts in training alone
    ActivityRegularization: (args) => {
      for (const key of ["l1", "l2"]) delete args[key];
      args.activation = "linear";
      return "Activation";
    },
  } satisfies Record<string, Rule>),
);

/** Values of arguments that tfjs does not have, under which Keras does what tfjs does. */
export function harmless(key: string, value: unknown): boolean {
  if (value === undefined || value === null || value === false) return true;
  if (["seed", "inputLength", "batchInputShape", "dtype", "noiseShape", "autocast", "ragged", "sparse", "resetAfter"].includes(key))
    return true;
  if (["dilationRate", "groups", "depthMultiplier"].includes(key)) return ones(value);
  if (key === "dataFormat") return value === "channelsLast";
  if (key === "threshold" || key === "negativeSlope") return value === 0;
  return false;
}
