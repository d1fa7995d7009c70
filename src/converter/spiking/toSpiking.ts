import * as tfl from "@tensorflow/tfjs-layers";
import { ValidationError, describe } from "../../errors.ts";
import { model as nengoModel, type NengoModel } from "../../model/index.ts";
import { calibrated } from "../calibration/calibrated.ts";
import { modelGraph, type LayerCall, type ModelGraph } from "../graph.ts";
import { ConversionReport } from "../report.ts";
import type { ActivationSwaps } from "../swaps.ts";
import { averagePool } from "./averagePool.ts";
import { isGraded, partsOf } from "./layerParts.ts";
import { resolveSpikingOptions, type SpikingOptions } from "./options.ts";
import { SpikingBuilder } from "./spikingBuilder.ts";
import { keepSource } from "./spikingSource.ts";

const reports = new WeakMap<tfl.LayersModel, ConversionReport>();

/** What every layer of a model became in {@link toSpiking}; undefined for other models (one that was loaded is another one). */
export const spikingReport = (model: tfl.LayersModel): ConversionReport | undefined => reports.get(model);

/**
 * Makes a model of spikes from a model of tfjs: inputs `[batch, steps, ...features]`, the same layers with the same weights at every
 * step, activations as spiking neurons, and a readout of all steps, so that the same labels train and evaluate it. Softmax and other
 * graded activations of the outputs come after the readout.
 * @throws ValidationError for bad options; ConversionError where sizes are left open
 */
export async function toSpiking(model: tfl.LayersModel, options: SpikingOptions = {}): Promise<NengoModel> {
  if (!(model instanceof tfl.LayersModel))
    throw new ValidationError({ owner: "toSpiking", parameter: "model", expected: "a tf.LayersModel", got: describe(model) });
  if (typeof options !== "object" || options === null)
    throw new ValidationError({ owner: "toSpiking", parameter: "options", expected: "an options object", got: describe(options) });
  const { steps, dt } = options;
  const timed = { ...(typeof steps === "number" ? { steps } : {}), ...(dt === undefined ? {} : { dt }), ...options.calibration };
  const { options: plain, targets } = calibrated(model, { ...options, calibration: timed }, hasNeurons);
  const settings = resolveSpikingOptions(plain, targets);
  const graph = modelGraph(model, { temporal: settings.temporalModel, inputShapes: settings.inputShapes });
  const builder = new SpikingBuilder(settings, graph);
  const inputs = graph.inputs.map((value) => builder.input(value));
  for (const call of graph.calls) {
    // Weights on a GPU are read before, all of a layer at once.
    await Promise.all(call.layer.weights.map(async (weight) => weight.read().data()));
    builder.add(call);
  }
  const outputs = graph.outputs.map((value, k) => builder.output(value, k));
  const made = nengoModel({ inputs, outputs, name: options.name ?? `${model.name}_spiking` });
  const warnings = [
    ...settings.swaps.unused.map((key) => `swapActivations: no activation is ${key}`),
    ...settings.unusedScales().map((key) => `scaleFiringRates: no layer is ${key}`),
  ];
  const { weights, places, steps: ends, readouts, late } = builder;
  const after = graph.outputs.map((value) => late.get(value)?.part.name ?? null);
  keepSource(made, { model, weights, graph, settings, places, steps: ends, read: readouts, after });
  reports.set(made, new ConversionReport(model.name, builder.reports, warnings));
  return made;
}

/** Whether a call will have neurons: a graded activation has none at an output, softmax nowhere. */
function hasNeurons({ layer, outputs }: LayerCall, graph: ModelGraph, swaps: ActivationSwaps): boolean {
  if (averagePool(layer) !== null) return false;
  const { activation } = partsOf(layer);
  if (activation === null) return false;
  if (swaps.find(activation.name, activation.usual) !== null) return true;
  if (activation.name === "softmax") return false;
  const consumed = graph.calls.some(({ inputs }) => inputs.includes(outputs[0]));
  return consumed || !isGraded(activation) || !graph.outputs.includes(outputs[0]);
}
