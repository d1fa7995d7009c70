import * as tf from "@tensorflow/tfjs-core";
import { StageChoice } from "../engines/tfjs/stage.ts";
import { prepareTensorProgram } from "../engines/tfjs/prepare.ts";
import type { Operator } from "../ir/operators.ts";
import type { Range } from "../ir/signal.ts";
import type { NengoLayer } from "../layers/nengoLayer.ts";
import { Ensemble } from "../network/index.ts";
import type { LayerCall, LayerCost, Synapses } from "./layerRule.ts";

/** Products of weights with a signal, and whether it holds spikes. */
interface Product {
  readonly count: number;
  readonly from: Range;
  readonly spikes: boolean;
}

/**
 * A Nengo network as its program runs: decoders, encoders and weights are products, those of spikes at the rate of the neurons that
 * they come from (measured on the example data), the others at every step; and the neurons of its ensembles.
 */
export function networkCost({ layer, values }: LayerCall): LayerCost {
  const own = layer as unknown as NengoLayer;
  const { network } = own.definition;
  const products = own.builtNetwork.program("inference").operators.flatMap(productOf);
  const spiking = products.filter(({ spikes }) => spikes);
  const rates = values === null || spiking.length === 0 ? [] : measure(own, spiking, values);
  const synapses: Synapses[] = [
    { count: products.filter(({ spikes }) => !spikes).reduce((sum, { count }) => sum + count, 0), rate: "step" },
    ...spiking.map(({ count }, k): Synapses => ({ count, rate: rates[k] ?? "step" })),
  ];
  const ensembles = network.allEnsembles.filter((ensemble) => ensemble instanceof Ensemble);
  return {
    synapses,
    neurons: ensembles.reduce((sum, { nNeurons }) => sum + nNeurons, 0),
    spiking: ensembles.every(({ neuronType }) => neuronType.spiking),
    everyStep: true,
  };
}

function productOf(op: Operator): Product[] {
  switch (op.kind) {
    case "matmul":
      return [{ count: op.x.length * op.y.length, from: op.x, spikes: op.spikes }];
    case "sparseMatmul":
      return [{ count: op.rows.length, from: op.x, spikes: op.spikes === true }];
    case "convolve": {
      const { outputSpatial, kernel, inputChannels, outputChannels, groups } = op.geometry;
      const count = [...outputSpatial, ...kernel, inputChannels, outputChannels].reduce((a, b) => a * b, 1) / groups;
      return [{ count, from: op.mode === "forward" ? op.input : op.output, spikes: op.spikes === true }];
    }
    default:
      return [];
  }
}

/** Mean absolute values of what the products read, in a run on a batch. */
function measure(layer: NengoLayer, products: readonly Product[], values: readonly tf.Tensor[]): number[] {
  const program = layer.builtNetwork.program("inference");
  const slots = products.map((_, k) => `energy ${k}`);
  const records = products.map(({ from }, k): Operator => ({ kind: "record", origin: "energy", source: from, slot: slots[k], period: 1 }));
  const { inputs, seed, nSteps } = layer.definition;
  const nodes = inputs.map((node) => layer.builtNetwork.inputs.get(node)!.slot);
  const prepared = prepareTensorProgram(
    { ...program, operators: [...program.operators, ...records] },
    { stages: new StageChoice("modelEnergy", "auto").present, fed: nodes, recorded: slots, blocks: layer.blocks, seed },
  );
  try {
    return tf.tidy(() => {
      const [batch, steps] = values[0].shape as [number, number];
      const recorded = prepared.run({
        feeds: new Map(nodes.map((slot, k) => [slot, values[k]])),
        blocks: layer.blockVariables.map((variable) => variable.read()),
        batch,
        nSteps: nodes.length > 0 ? steps : (nSteps ?? steps),
        kwargs: {},
      });
      return slots.map((slot) => tf.mean(tf.abs(recorded.get(slot)!)).dataSync()[0]);
    });
  } finally {
    prepared.dispose();
  }
}
