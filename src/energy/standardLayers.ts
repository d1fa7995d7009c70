import {
  product,
  registerLayerEnergy,
  ruleOf,
  timeRuleOf,
  type Layer,
  type LayerCall,
  type LayerCost,
  type TimeRule,
} from "./layerRule.ts";

/** Fields of tfjs's layers that are not in their types. */
interface Fields {
  readonly kernel?: { readonly shape: number[] };
  readonly depthwiseKernel?: { readonly shape: number[] };
  readonly pointwiseKernel?: { readonly shape: number[] };
  readonly recurrentKernel?: { readonly shape: number[] };
  readonly cell?: Layer;
  readonly cells?: readonly Layer[];
  readonly layer?: Layer;
  readonly forwardLayer?: Layer;
  readonly backwardLayer?: Layer;
  readonly returnSequences?: boolean;
  readonly poolSize?: number | number[];
}
const fields = (layer: Layer): Fields => layer as unknown as Fields;

/** Neurons of a layer's own activation: one an output, none where it is linear. */
function ofActivation({ layer, output }: LayerCall): number {
  const activation = layer.getConfig()["activation"] as string | null | undefined;
  return activation === undefined || activation === null || activation === "linear" ? 0 : product(output);
}

const nothing: LayerCost = {};
const perOutput = ({ output }: LayerCall): LayerCost => ({ neurons: product(output) });

registerLayerEnergy("InputLayer", { cost: () => nothing, time: "keeps" });
for (const name of ["Dropout", "SpatialDropout1D", "GaussianNoise", "GaussianDropout", "AlphaDropout", "Masking"])
  registerLayerEnergy(name, { cost: () => nothing, time: "keeps" });
for (const name of ["Add", "Multiply", "Average", "Maximum", "Minimum", "Concatenate"])
  registerLayerEnergy(name, { cost: () => nothing, time: "keeps" });
for (const name of ["Flatten", "Reshape", "Permute", "ZeroPadding2D", "Cropping2D", "UpSampling2D", "Embedding"])
  registerLayerEnergy(name, { cost: () => nothing });
registerLayerEnergy("RepeatVector", { cost: () => nothing, time: "starts" });
for (const name of ["Activation", "ReLU", "LeakyReLU", "PReLU", "ELU", "ThresholdedReLU", "Softmax"])
  registerLayerEnergy(name, { cost: perOutput, time: "keeps" });
// A multiplication for each value; moments are constant at inference.
registerLayerEnergy("BatchNormalization", {
  cost: ({ output }) => ({ synapses: [{ count: product(output), rate: "input" }] }),
  time: "keeps",
});
registerLayerEnergy("LayerNormalization", { cost: perOutput, time: "keeps" });

registerLayerEnergy("Dense", {
  time: "keeps",
  cost: (call) => ({
    synapses: [{ count: product(call.input.slice(0, -1)) * product(fields(call.layer).kernel!.shape), rate: "input" }],
    neurons: ofActivation(call),
  }),
});
for (const name of ["Conv1D", "Conv2D", "Conv3D"])
  registerLayerEnergy(name, {
    cost: (call) => ({
      synapses: [{ count: product(call.output) * product(fields(call.layer).kernel!.shape.slice(0, -1)), rate: "input" }],
      neurons: ofActivation(call),
    }),
  });
for (const name of ["Conv2DTranspose", "Conv3DTranspose"])
  registerLayerEnergy(name, {
    // Kernel [...size, filters, channels]: every input value goes to a window of outputs.
    cost: (call) => ({
      synapses: [{ count: product(call.input) * product(fields(call.layer).kernel!.shape.slice(0, -1)), rate: "input" }],
      neurons: ofActivation(call),
    }),
  });
registerLayerEnergy("DepthwiseConv2D", {
  cost: (call) => ({
    synapses: [{ count: product(call.output) * product(fields(call.layer).depthwiseKernel!.shape.slice(0, 2)), rate: "input" }],
    neurons: ofActivation(call),
  }),
});
registerLayerEnergy("SeparableConv2D", {
  cost: (call) => {
    const { depthwiseKernel, pointwiseKernel } = fields(call.layer);
    const places = product(call.output.slice(0, -1));
    const count = places * (product(depthwiseKernel!.shape) + product(pointwiseKernel!.shape));
    return { synapses: [{ count, rate: "input" }], neurons: ofActivation(call) };
  },
});

for (const dimensions of [1, 2, 3])
  for (const kind of ["Max", "Average"]) {
    registerLayerEnergy(`${kind}Pooling${dimensions}D`, {
      cost: ({ layer, output }) => ({ synapses: [{ count: product(output) * product([fields(layer).poolSize!].flat()), rate: "input" }] }),
    });
    registerLayerEnergy(`Global${kind}Pooling${dimensions}D`, {
      // Over one axis it pools time, where there is time.
      time: dimensions === 1 ? "ends" : "none",
      cost: ({ input }) => ({ synapses: [{ count: product(input), rate: "input" }] }),
    });
  }

const overTime = (layer: Layer): TimeRule => (fields(layer).returnSequences === true ? "over" : "ends");

/** A cell with input and recurrent weights, whatever its gates. */
function cellCost(cell: Layer): LayerCost {
  const { cells, kernel, recurrentKernel } = fields(cell);
  if (cells !== undefined) return together(cells.map(cellCost));
  if (kernel === undefined || recurrentKernel === undefined) {
    // A cell of its own kind: ours or a user's, by its own rule.
    return { ...ruleOf(cell)?.cost({ layer: cell, input: [], output: [], values: null }), everyStep: true };
  }
  const gates = kernel.shape[1];
  return {
    synapses: [
      { count: product(kernel.shape), rate: "input" },
      { count: product(recurrentKernel.shape), rate: "output" },
    ],
    neurons: gates,
    everyStep: true,
  };
}

const together = (costs: readonly LayerCost[]): LayerCost => ({
  synapses: costs.flatMap((cost) => cost.synapses ?? []),
  neurons: costs.reduce((sum, cost) => sum + (cost.neurons ?? 0), 0),
  spiking: costs.some((cost) => cost.spiking === true),
  everyStep: costs.some((cost) => cost.everyStep === true),
});

for (const name of ["RNN", "SimpleRNN", "GRU", "LSTM"])
  registerLayerEnergy(name, { time: overTime, cost: ({ layer }) => cellCost(fields(layer).cell!) });
registerLayerEnergy("ConvLSTM2D", {
  time: overTime,
  cost: ({ layer, output }) => {
    const { kernel, recurrentKernel } = fields(fields(layer).cell!);
    const [rows, columns, filters] = output;
    return {
      synapses: [
        { count: rows * columns * product(kernel!.shape), rate: "input" },
        { count: rows * columns * product(recurrentKernel!.shape), rate: "output" },
      ],
      neurons: 4 * rows * columns * filters,
      everyStep: true,
    };
  },
});
registerLayerEnergy("Bidirectional", {
  time: (layer) => overTime(fields(layer).forwardLayer!),
  cost: (call) => {
    const { forwardLayer, backwardLayer } = fields(call.layer);
    return together([forwardLayer!, backwardLayer!].map((layer) => ruleOf(layer)?.cost({ ...call, layer }) ?? nothing));
  },
});
registerLayerEnergy("TimeDistributed", {
  time: "over",
  cost: (call) => ruleOf(fields(call.layer).layer!)?.cost({ ...call, layer: fields(call.layer).layer! }) ?? nothing,
});

/** Whether a wrapper's own layer is known, so that nothing is passed over in silence. */
export function isKnown(layer: Layer): boolean {
  const { layer: wrapped, forwardLayer } = fields(layer);
  const inner = wrapped ?? forwardLayer;
  return ruleOf(layer) !== undefined && (inner === undefined || isKnown(inner)) && timeRuleOf(layer) !== undefined;
}
