import { LayersModel, type SymbolicTensor, type layers } from "@tensorflow/tfjs-layers";
import { ConversionError, ValidationError, describe } from "../errors.ts";
import { Network, type Node } from "../network/index.ts";
import { calibrated } from "./calibration/calibrated.ts";
import { Context } from "./context.ts";
import { Conversion, type ConvertedCall } from "./conversion.ts";
import { fallback } from "./fallback.ts";
import { foldsOf } from "./folding.ts";
import { modelGraph, type LayerCall, type ModelGraph, type Value } from "./graph.ts";
import { resolveConvertOptions, type ConvertOptions, type ConvertSettings } from "./options.ts";
import { Places, type PlaceEntry } from "./places.ts";
import { fromNeurons, sizeOf, type Port } from "./port.ts";
import { converterOf } from "./registry.ts";
import { ConversionReport, type LayerReport } from "./report.ts";
import { partsOf } from "./spiking/layerParts.ts";
import type { ActivationSwaps } from "./swaps.ts";

/**
 * Converts a Keras model of tfjs to a network: layers become ensembles of neurons and Nodes, weights become connections.
 * Its inputs are Nodes to be fed, its outputs are Probes; one step of the network with rate neurons is one call of the model.
 * @throws ConversionError where a layer has no counterpart and there is no fallback; ValidationError for bad options
 */
export async function convert(model: LayersModel, options: ConvertOptions = {}): Promise<Conversion> {
  if (!(model instanceof LayersModel))
    throw new ValidationError({ owner: "convert", parameter: "model", expected: "a tf.LayersModel", got: describe(model) });
  const { options: plain, targets } = calibrated(model, options, hasNeurons);
  const settings = resolveConvertOptions(plain, targets);
  const graph = modelGraph(model, { temporal: settings.temporalModel, inputShapes: settings.inputShapes });
  checkSharing(graph, settings);
  const network = new Network({ seed: settings.seed, label: options.label ?? model.name });
  const ports = new Map<Value, Port>();
  const inputs = graph.inputs.map((value) => {
    const node = network.node(new Float64Array(sizeOf(value.shape)), { label: value.path });
    ports.set(value, { object: node, shape: value.shape });
    return { value: node, ...placeOf(value) };
  });
  let one: Node | null = null;
  const constant = (): Node => (one ??= network.node(1, { label: "one" }));

  const folds = foldsOf(graph, settings);
  const inside = new Map([...folds].map(([call, { normalization }]) => [normalization as LayerCall, call] as const));
  const calls: ConvertedCall[] = [];
  const reports: LayerReport[] = [];
  for (const call of graph.calls) {
    // Weights of tensors on a GPU are read before, all of a layer at once.
    await Promise.all(call.layer.weights.map(async (weight) => weight.read().data()));
    const context = new Context({ network, settings, ports, outputs: graph.outputs, one: constant, convertInner: convertCall }, call);
    const before = inside.get(call);
    context.fold = folds.get(call) ?? null;
    if (before !== undefined) context.notes.push(`is multiplied into ${before.path}`);
    const port = before === undefined ? convertCall(call, context) : context.input();
    ports.set(call.outputs[0], port);
    const { neurons, weights, copies, otherFunction, reference, activated } = context;
    calls.push({ call, port, neurons, weights, copies, otherFunction, reference, activated, folded: folds.has(call) });
    reports.push(context.report());
  }
  const outputs = graph.outputs.map((value) => {
    const port = ports.get(value)!;
    const probe = network.probe(port.object, { label: value.path, synapse: fromNeurons(port) ? settings.synapse : null });
    return { value: probe, ...placeOf(value) };
  });
  const warnings = [
    ...settings.swaps.unused.map((key) => `swapActivations: no activation is ${key}`),
    ...settings.unusedScales().map((key) => `scaleFiringRates: no layer is ${key}`),
  ];
  return new Conversion({
    model,
    options,
    settings,
    network,
    graph,
    calls,
    ports,
    inputs: new Places("inputs", inputs),
    outputs: new Places("outputs", outputs),
    layers: new Places(
      "layers",
      calls.map(({ call, port }) => ({ value: port.object, ...placeOf(call.outputs[0]) })),
    ),
    report: new ConversionReport(model.name, reports, warnings),
  });
}

/** Whether a call has neurons; activations of tfjs that no neurons have as their rate are computed by tensor nodes. */
function hasNeurons({ layer }: LayerCall, _graph: ModelGraph, swaps: ActivationSwaps): boolean {
  const { activation } = partsOf(layer);
  if (activation === null) return false;
  return activation.usual !== null || !OPAQUE.has(activation.name) || swaps.find(activation.name, null) !== null;
}

/** Activations without neurons. */
const OPAQUE = new Set(["softmax", "logSoftmax", "softplus", "softsign", "swish", "mish", "gelu", "gelu_new", "geluNew"]);

function convertCall(call: LayerCall, context: Context): Port {
  // Inside a wrapper that gives it step by step, a layer sees no time.
  const inner = call !== context.call;
  const settings = inner ? { ...context.settings, temporalModel: false } : context.settings;
  const converter = converterOf(call.layer);
  const reasons =
    converter === null
      ? [`no converter knows the class ${call.layer.getClassName()}`]
      : [
          ...(settings.temporalModel && converter.temporal !== true ? ["it does not work step by step, as a temporal model must"] : []),
          ...(converter.canConvert?.(call, settings) ?? []),
        ];
  const port =
    converter !== null && reasons.length === 0 ? converter.convert(call, context) : fallback(call, context, reasons, converter, settings);
  const expected = call.outputs[0].shape;
  if (port.shape.length !== expected.length || port.shape.some((n, axis) => n !== expected[axis]))
    throw new ConversionError(
      {
        owner: `convert of layer ${JSON.stringify(call.path)}`,
        expected: `an output [${expected.join(", ")}]`,
        got: `[${port.shape.join(", ")}] from its converter`,
      },
      { layer: call.path },
    );
  return port;
}

/** A layer's weights are one weight in the model, but one for each connection in a network. */
function checkSharing({ calls }: ModelGraph, { splitSharedWeights, inferenceOnly }: ConvertSettings): void {
  if (splitSharedWeights || inferenceOnly) return;
  const seen = new Set<layers.Layer>();
  for (const { layer, path } of calls) {
    if (seen.has(layer) && layer.trainableWeights.length > 0)
      throw new ConversionError(
        {
          owner: `convert of layer ${JSON.stringify(path)}`,
          expected: "weights that are used once",
          got: "a layer that is called several times, whose calls share weights",
          fix: "Set splitSharedWeights, which lets them go apart in training, or inferenceOnly",
        },
        { layer: path },
      );
    seen.add(layer);
  }
}

const placeOf = ({ tensor, path }: Value): Omit<PlaceEntry<unknown>, "value"> & { readonly tensor: SymbolicTensor } => ({
  tensor,
  path,
  layer: tensor.sourceLayer,
});
