import * as tf from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { checkInteger, checkNumber } from "../declared.ts";
import { ShapeError } from "../errors.ts";
import { table } from "../table.ts";
import { deviceNamed, energyDevices } from "./devices.ts";
import type { LayerCost, Synapses } from "./layerRule.ts";
import { measureBatch, type Measured } from "./measure.ts";
import "./nengoLayers.ts";
import { isKnown } from "./standardLayers.ts";

/** How long an inference takes. */
export interface EnergyOptions {
  /** Steps of an inference. @defaultValue the steps of the example data, or 1 for a model without time */
  readonly timestepsPerInference?: number;
  /** Seconds of a step. @defaultValue that of the model's first layer that has one, or 0.001 */
  readonly dt?: number;
}

/** What one call of a layer does. */
export interface LayerEnergy {
  readonly name: string;
  readonly className: string;
  /** With null for the batch. */
  readonly outputShape: readonly (number | null)[];
  readonly params: number;
  /** In one step, where the layer works over time. */
  readonly connections: number;
  readonly neurons: number;
  /** Mean absolute input, Hz where it holds spikes. */
  readonly rate: number;
  readonly spiking: boolean;
  /** Steps of the example data; null for a layer without time. */
  readonly steps: number | null;
}

/** Joule for one inference. */
export interface Energy {
  readonly synapses: number;
  readonly neurons: number;
  readonly total: number;
}

interface Entry extends LayerEnergy {
  readonly synapses: readonly { readonly count: number; readonly rate: number | "step" }[];
  readonly everyStep: boolean;
}

/**
 * Estimated energy of a model, by synaptic events and updates of neurons:
 * `synapse energy * connections * rate * dt * steps + neuron energy * neurons * steps` on devices that spike. Others compute a layer once
 * an inference, unless the model has recurrent layers: then they run every step of what is over time.
 *
 * Costs of moving data, of biases and of static power are left out, so figures compare models and devices; they do not predict a bill.
 */
export class ModelEnergy {
  /** Every call of every layer. */
  readonly layers: readonly LayerEnergy[];
  /** What the figures leave out. */
  readonly warnings: readonly string[];
  private readonly entries: readonly Entry[];
  private readonly dt: number;

  /** Made by {@link modelEnergy}. */
  constructor(entries: readonly Entry[], warnings: readonly string[], dt: number) {
    this.entries = entries;
    this.layers = entries.map(({ synapses: _, everyStep: __, ...layer }) => layer);
    this.warnings = warnings;
    this.dt = dt;
  }

  /** Joule of each of the {@link layers} on a device. Throws a ValidationError for unknown devices. */
  perLayer(device: string, options: EnergyOptions = {}): Energy[] {
    const { synapse, neuron, spiking } = deviceNamed(device);
    const dt = checkNumber("ModelEnergy", "dt", options.dt ?? this.dt, { above: 0 });
    const given = options.timestepsPerInference;
    if (given !== undefined) checkInteger("ModelEnergy", "timestepsPerInference", given, { min: 1 });
    const timed = this.entries.some(({ steps }) => steps !== null);
    const dynamic = this.entries.some(({ everyStep }) => everyStep);
    return this.entries.map(({ synapses, neurons, steps }) => {
      const inTime = timed ? steps !== null : given !== undefined;
      const runs = inTime && (spiking || dynamic) ? (given ?? steps ?? 1) : 1;
      const events = synapses.reduce((sum, { count, rate }) => sum + count * (spiking && rate !== "step" ? rate * dt : 1), 0);
      const [ofSynapses, ofNeurons] = [synapse * events * runs, neuron * neurons * runs];
      return { synapses: ofSynapses, neurons: ofNeurons, total: ofSynapses + ofNeurons };
    });
  }

  /** Joule of one inference on a device. */
  total(device: string, options: EnergyOptions = {}): number {
    return this.perLayer(device, options).reduce((sum, { total }) => sum + total, 0);
  }

  /** A table for a terminal, with a total and the warnings below it. */
  table(options: EnergyOptions & { readonly devices?: readonly string[] } = {}): string {
    const devices = options.devices ?? ["cpu", "gpu", "loihi", "spinnaker2"];
    const energies = devices.map((device) => this.perLayer(device, options));
    const joule = (value: number): string => (value === 0 ? "0" : value.toExponential(2));
    const rows = this.layers.map((layer, k) => [
      `${layer.name} (${layer.className})`,
      `[${layer.outputShape.map((n) => n ?? "batch").join(", ")}]`,
      layer.params,
      layer.connections,
      layer.neurons,
      layer.rate,
      ...energies.map((energy) => joule(energy[k].total)),
    ]);
    const sum = (of: (layer: LayerEnergy) => number): number => this.layers.reduce((total, layer) => total + of(layer), 0);
    const total = ["total", "", sum((l) => l.params), sum((l) => l.connections), sum((l) => l.neurons), ""];
    const header = ["layer", "output", "params", "connections", "neurons", "rate (Hz)", ...devices.map((device) => `J on ${device}`)];
    const text = table(header, [...rows, [...total, ...devices.map((device) => joule(this.total(device, options)))]]);
    return [text, ...this.warnings.map((warning) => `Note: ${warning}`)].join("\n");
  }

  /** Layers, totals of all devices, and warnings. */
  toJSON(options: EnergyOptions = {}): {
    layers: (LayerEnergy & { energy: Record<string, Energy> })[];
    totals: Record<string, number>;
    warnings: readonly string[];
  } {
    const devices = energyDevices();
    const energies = devices.map((device) => this.perLayer(device, options));
    return {
      layers: this.layers.map((layer, k) => ({
        ...layer,
        energy: Object.fromEntries(devices.map((device, d) => [device, energies[d][k]])),
      })),
      totals: Object.fromEntries(devices.map((device) => [device, this.total(device, options)])),
      warnings: this.warnings,
    };
  }
}

/**
 * Measures a model on example data and estimates its energy: see {@link ModelEnergy}. Rates are means of absolute inputs over the data.
 * Other layers and devices are made known by `registerLayerEnergy` and `registerEnergyDevice`.
 *
 * @param exampleData - inputs as for `predict`
 * @throws ShapeError for data without items, or for another number of inputs
 */
export async function modelEnergy(
  model: LayersModel,
  exampleData: tf.Tensor | readonly tf.Tensor[],
  { batchSize = 32 }: { readonly batchSize?: number } = {},
): Promise<ModelEnergy> {
  const data: tf.Tensor[] = exampleData instanceof tf.Tensor ? [exampleData] : [...exampleData];
  const items = data[0]?.shape[0] ?? 0;
  if (data.length !== model.inputs.length || items === 0)
    throw new ShapeError({
      owner: "modelEnergy",
      parameter: "exampleData",
      expected: `${model.inputs.length} tensors [items, ...] with at least one item`,
      got: data.map(({ shape }) => `[${shape.join(", ")}]`).join(" and ") || "none",
    });
  checkInteger("modelEnergy", "batchSize", batchSize, { min: 1 });
  const batches: Measured[][] = [];
  const weights: number[] = [];
  for (let start = 0; start < items; start += batchSize) {
    const size = Math.min(batchSize, items - start);
    const batch = data.map((x) => tf.slice(x, start, size));
    try {
      batches.push(measureBatch(model, batch));
    } finally {
      tf.dispose(batch);
    }
    weights.push(size / items);
    await tf.nextFrame();
  }
  const entries = batches[0].map((first, k) =>
    entryOf(first, (of) => batches.reduce((sum, calls, b) => sum + weights[b] * of(calls[k]), 0)),
  );
  return new ModelEnergy(entries, warningsOf(batches[0]), stepOf(model));
}

/** A call with its rates averaged over batches. */
function entryOf(
  { layer, inputs, outputs, inputShape, outputShape, cost }: Measured,
  mean: (of: (call: Measured) => number) => number,
): Entry {
  const rate = mean((call) => call.inputRate);
  const rateOf = (synapses: Synapses, s: number): number | "step" => {
    if (synapses.rate === "step") return "step";
    if (synapses.rate === "input") return rate;
    if (synapses.rate === "output") return mean((call) => call.outputRate);
    return mean((call) => (call.cost.synapses as readonly { rate: number }[])[s].rate);
  };
  const synapses = (cost.synapses ?? []).map((one, s) => ({ count: one.count, rate: rateOf(one, s) }));
  return {
    name: layer.name,
    className: layer.getClassName(),
    outputShape: [null, ...outputShape.slice(1)],
    params: layer.countParams(),
    connections: synapses.reduce((sum, { count }) => sum + count, 0),
    neurons: cost.neurons ?? 0,
    rate,
    spiking: isSpiking(cost),
    steps: outputs[0].time === true ? outputShape[1] : inputs[0]?.time === true ? inputShape[1] : null,
    synapses,
    everyStep: cost.everyStep ?? false,
  };
}

const isSpiking = (cost: LayerCost): boolean => cost.spiking ?? false;

function warningsOf(calls: readonly Measured[]): string[] {
  const unknown = [...new Set(calls.filter(({ layer }) => !isKnown(layer)).map(({ layer }) => layer.getClassName()))];
  const analog = calls.filter(({ cost }) => (cost.neurons ?? 0) > 0 && !isSpiking(cost)).map(({ layer }) => layer.name);
  return [
    ...unknown.map((name) => `layers of class ${name} count as nothing; make them known by nengo.registerLayerEnergy`),
    ...(analog.length > 0 ? [`${analog.join(", ")} do not spike; on spiking devices their outputs count as rates in Hz`] : []),
  ];
}

/** Seconds of a step in the first layer that has them. */
function stepOf(model: LayersModel): number {
  for (const layer of model.layers) {
    const { dt, definition } = layer as unknown as { dt?: unknown; definition?: { dt?: unknown } };
    const own = dt ?? definition?.dt;
    if (typeof own === "number") return own;
  }
  return 0.001;
}
