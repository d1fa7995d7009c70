import { tensor1d, tidy } from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { ValidationError, describe } from "../../errors.ts";
import { layerFromConfig } from "../../layers/innerLayer.ts";
import { linearFilter } from "../../layers/linearFilter.ts";
import { maxGate } from "../../layers/maxGate.ts";
import { perStep } from "../../layers/perStep.ts";
import { readout } from "../../layers/readout.ts";
import { spiking } from "../../layers/spiking.ts";
import { spikingActivation } from "../../layers/spikingActivation.ts";
import { TemporalLayer } from "../../layers/temporalLayer.ts";
import { model as nengoModel, type NengoModel } from "../../model/index.ts";
import type { NeuronType } from "../../neurons/neuronType.ts";
import { calibrated } from "../calibration/calibrated.ts";
import { matchedNeurons } from "../calibration/matchedNeurons.ts";
import { sameRate } from "../context.ts";
import { modelGraph, type LayerCall, type ModelGraph, type Value } from "../graph.ts";
import { ConversionReport, type LayerReport } from "../report.ts";
import { scaledNeurons } from "../scaling.ts";
import { averagePool } from "./averagePool.ts";
import { freshLayer, partsOf, type ActivationPart } from "./layerParts.ts";
import { resolveSpikingOptions, type SpikingOptions, type SpikingSettings } from "./options.ts";

const reports = new WeakMap<tfl.LayersModel, ConversionReport>();
const sources = new WeakMap<tfl.LayersModel, SpikingSource>();

/** Neurons that stand for an activation of the source. */
export interface SpikingPlace {
  /** Of the source's call. */
  readonly path: string;
  /** Output of the neurons in the spiking model. */
  readonly symbol: tfl.SymbolicTensor;
  readonly neuronType: string;
  readonly units: number;
  readonly spiking: boolean;
  /** What an output must be multiplied by to be a number of spikes. */
  readonly unit: number;
}

/** What a spiking model was made from. */
export interface SpikingSource {
  readonly model: tfl.LayersModel;
  /** Weights of the source, with those that stand for them. */
  readonly weights: ReadonlyMap<tfl.LayerVariable, tfl.LayerVariable>;
  readonly graph: ModelGraph;
  readonly settings: SpikingSettings;
  readonly places: readonly SpikingPlace[];
  /** What the readout reads, one an output. */
  readonly steps: readonly tfl.SymbolicTensor[];
  /** What it gives (without a readout the same). */
  readonly read: readonly tfl.SymbolicTensor[];
  /** Activations after the readout. */
  readonly after: readonly (string | null)[];
}

/** What a model was made from by {@link toSpiking}; undefined for other models. */
export const spikingSource = (model: tfl.LayersModel): SpikingSource | undefined => sources.get(model);

/** What every layer of a model became in {@link toSpiking}; undefined for other models (one that was loaded is another one). */
export const spikingReport = (model: tfl.LayersModel): ConversionReport | undefined => reports.get(model);

/** Activations whose steps are not spikes but numbers: at the output they come after the readout. */
const GRADED = new Set(["softmax", "sigmoid", "hardSigmoid", "tanh", "softplus", "softsign", "logSoftmax"]);

/**
 * Makes a model of spikes from a model of tfjs: inputs `[batch, steps, ...features]`, the same layers with the same weights at every
 * step, activations as spiking neurons, and a readout of all steps, so that the same labels train and evaluate it. Softmax and other
 * graded activations of the outputs come after the readout.
 * @throws ValidationError for bad options; ConversionError where sizes are left open
 */
export async function toSpiking(model: tfl.LayersModel, options: SpikingOptions = {}): Promise<NengoModel> {
  if (!(model instanceof tfl.LayersModel))
    throw new ValidationError({ owner: "toSpiking", parameter: "model", expected: "a tf.LayersModel", got: describe(model) });
  const { steps, dt } = options;
  const timed = { ...(typeof steps === "number" ? { steps } : {}), ...(dt === undefined ? {} : { dt }), ...options.calibration };
  const { options: plain, targets } = calibrated(model, { ...options, calibration: timed });
  const settings = resolveSpikingOptions(plain, targets);
  const graph = modelGraph(model, { temporal: settings.temporalModel, inputShapes: settings.inputShapes });
  const builder = new SpikingBuilder(settings, new Set(graph.outputs));
  const inputs = graph.inputs.map((value) => {
    const symbol = tfl.input({ shape: [settings.steps, ...value.shape], name: value.path });
    builder.values.set(value, symbol);
    return symbol;
  });
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
  const ends = graph.outputs.map((value) => builder.values.get(value)!);
  sources.set(made, {
    model,
    weights: builder.weights,
    graph,
    settings,
    places: builder.places,
    steps: ends,
    read: builder.readouts,
    after: graph.outputs.map((value) => builder.after.get(value)?.name ?? null),
  });
  reports.set(made, new ConversionReport(model.name, builder.reports, warnings));
  return made;
}

/** Adds the calls of a model's graph, one after the other, to a model over time. */
class SpikingBuilder {
  readonly values = new Map<Value, tfl.SymbolicTensor>();
  readonly reports: LayerReport[] = [];
  /** Weights of the source, with those that stand for them. */
  readonly weights = new Map<tfl.LayerVariable, tfl.LayerVariable>();
  readonly places: SpikingPlace[] = [];
  /** Outputs of the readouts, one an output of the model. */
  readonly readouts: tfl.SymbolicTensor[] = [];
  private readonly settings: SpikingSettings;
  private readonly outputs: ReadonlySet<Value>;
  /** Layers made so far, by layer of the source: what is shared stays shared. */
  private readonly made = new Map<tfl.layers.Layer, tfl.layers.Layer>();
  /** Activations that come after the readout. */
  readonly after = new Map<Value, ActivationPart>();
  private readonly names = new Set<string>();

  constructor(settings: SpikingSettings, outputs: ReadonlySet<Value>) {
    this.settings = settings;
    this.outputs = outputs;
  }

  add(call: LayerCall): void {
    const notes: string[] = [];
    const { layer, inputs, outputs } = call;
    const symbols = inputs.map((value) => this.values.get(value)!);
    const given = symbols.length === 1 ? symbols[0] : symbols;
    if (layer.getClassName() === "InputLayer") {
      this.values.set(outputs[0], symbols[0]);
      return;
    }
    if (layer instanceof TemporalLayer && this.settings.temporalModel) {
      this.settle(call, this.shared(layer, () => freshLayer(configOfLayer(layer), this.name(call.path))).apply(given), notes, 0, null);
      return;
    }
    if (!this.settings.maxToAvgPool && averagePool(layer) !== null) {
      notes.push("a gate, which passes on what the largest sum of spikes gains");
      const { dt } = this.settings;
      const gate = this.shared(layer, () => maxGate({ layer: freshLayer(configOfLayer(layer)), dt, name: this.name(call.path) }));
      this.settle(call, gate.apply(given), notes, 0, null);
      return;
    }
    const pooled = this.settings.maxToAvgPool ? averagePool(layer) : null;
    if (pooled !== null) notes.push("averages in place of the maximum");
    const { rest, activation } = pooled !== null ? { rest: pooled, activation: null } : partsOf(layer);
    let value = given as tfl.SymbolicTensor;
    if (rest !== null) {
      const applied = this.shared(layer, () =>
        perStep({
          layer: freshLayer(rest),
          name: this.name(call.path),
          foldedActivation: activation === null ? null : { name: activation.name },
        }),
      ).apply(given);
      if (activation === null) {
        this.settle(call, applied, notes, 0, null);
        return;
      }
      value = applied as tfl.SymbolicTensor;
    }
    this.activate(call, value, activation!, notes);
  }

  /** Neurons for an activation, and the synapse behind them. */
  private activate(call: LayerCall, value: tfl.SymbolicTensor, part: ActivationPart, notes: string[]): void {
    const { settings } = this;
    const { layer, path, outputs } = call;
    const { dt, layerSeed: seed, spikingAwareTraining } = settings;
    const swapped = settings.swaps.find(part.name, part.usual);
    if (swapped === null && GRADED.has(part.name) && this.outputs.has(outputs[0])) {
      notes.push(settings.readout === null ? `${part.name} at every step` : `${part.name} after the readout`);
      this.after.set(outputs[0], part);
      this.settle(call, value, notes, 0, null);
      return;
    }
    if (swapped === null && part.name === "softmax") {
      notes.push("softmax of every step, not of spikes: its neurons would have to know of each other");
      this.settle(call, tfl.layers.activation({ activation: "softmax", name: this.name(`${path}_step`) }).apply(value), notes, 0, null);
      return;
    }
    const scale = settings.scaleOf(layer, path);
    const name = this.name(`${path}_spikes`);
    // Every population has initial states of its own.
    const own = seed === null ? {} : { seed: (seed + this.reports.length) % 2 ** 32 };
    let neurons: tfl.layers.Layer;
    let type: string;
    let unit: number;
    let fires = true;
    if (swapped === null) {
      const { activation } = part;
      const source =
        typeof activation === "string" ? activation : layerFromConfig({ ...activation, config: unnamed(activation.config) }, "toSpiking");
      neurons = spikingActivation({ activation: source, dt, spikingAwareTraining, scaleFiringRates: scale, name, ...own });
      type = `spiking ${part.name}`;
      unit = dt * scale;
    } else {
      const { gain, neuronType, bias, note } = this.neuronsFor(swapped, part, path, scale);
      if (note !== null) notes.push(note);
      neurons = spiking({
        neuronType,
        dt,
        name,
        gradient: settings.gradient,
        spikingAwareTraining,
        ...(gain === 1 ? {} : { gain }),
        ...(bias === 0 ? {} : { bias }),
        ...own,
      });
      type = neuronType.type;
      unit = dt / ((neuronType as NeuronType & { amplitude?: number }).amplitude ?? 1);
      fires = neuronType.spiking;
    }
    let symbol = neurons.apply(value) as tfl.SymbolicTensor;
    if (typeof part.activation !== "string" && swapped === null) this.copyWeights(layer, neurons);
    const count = outputs[0].shape.reduce((a, b) => a * b, 1);
    this.places.push({ path, symbol, neuronType: type, units: count, spiking: fires, unit });
    if (settings.synapse !== null) {
      const filter = linearFilter({ synapse: settings.synapse, dt, name: this.name(`${path}_synapse`), trainable: false });
      symbol = filter.apply(symbol) as tfl.SymbolicTensor;
    }
    this.settle(call, symbol, notes, count, type, scale);
  }

  /** Neurons in place of an activation: fitted to it where calibration knows its range, else only scaled. */
  private neuronsFor(swapped: NeuronType, { name, usual, activation }: ActivationPart, path: string, scale: number) {
    const target = this.settings.targets.get(path);
    if (target !== undefined && typeof activation === "string" && (usual === null || !sameRate(swapped, usual))) {
      const apply = tfl.layers.activation({ activation: activation as "relu" });
      const values = (x: Float64Array): Float32Array =>
        tidy(() => [apply.call(tensor1d(Float32Array.from(x)), {})].flat()[0].dataSync<"float32">());
      const found = matchedNeurons(swapped, values, target.high, target.rate);
      if (found !== null)
        return {
          ...found,
          note: `${swapped.type} fitted to ${name} up to ${target.high.toPrecision(3)}, within ${(100 * found.error).toFixed(1)} % (root mean square)`,
        };
    }
    const scaled = scaledNeurons(swapped, scale);
    const other = usual !== null && sameRate(swapped, usual) ? null : `${name} became ${swapped.type}, whose rate is another function`;
    return { ...scaled, bias: 0, note: scaled.note ?? other };
  }

  /** The layer that stands for one of the source, with its weights. */
  private shared(source: tfl.layers.Layer, make: () => tfl.layers.Layer): SharedLayer {
    const known = this.made.get(source);
    const layer = known ?? make();
    this.made.set(source, layer);
    return {
      apply: (given) => {
        const result = layer.apply(given) as tfl.SymbolicTensor | tfl.SymbolicTensor[];
        if (known === undefined && source.weights.length > 0) this.copyWeights(source, layer);
        return result;
      },
    };
  }

  private copyWeights(source: tfl.layers.Layer, target: tfl.layers.Layer): void {
    if (source.weights.length === 0 || target.weights.length !== source.weights.length) return;
    target.setWeights(source.getWeights());
    source.weights.forEach((weight, k) => this.weights.set(weight, target.weights[k]));
    if (!source.trainable) target.trainable = false;
  }

  private settle(call: LayerCall, symbol: unknown, notes: readonly string[], neurons: number, neuronType: string | null, scale = 1): void {
    const symbols = [symbol].flat() as tfl.SymbolicTensor[];
    call.outputs.forEach((value, k) => this.values.set(value, symbols[k]));
    this.reports.push({
      name: call.path,
      className: call.layer.getClassName(),
      became: neuronType === null ? "linear" : "neurons",
      shape: call.outputs[0].shape,
      neurons,
      neuronType,
      parameters: call.layer.countParams(),
      scale,
      notes,
    });
  }

  /** What a model's output is of all steps. */
  output(value: Value, index: number): tfl.SymbolicTensor {
    const { readout: kind, readoutDelay: delay, dt } = this.settings;
    let symbol = this.values.get(value)!;
    if (kind !== null) {
      const read = readout({
        kind,
        dt,
        name: this.name(`readout${index === 0 ? "" : `_${index}`}`),
        ...(kind === "last" ? {} : { delay }),
      });
      symbol = read.apply(symbol) as tfl.SymbolicTensor;
    }
    this.readouts.push(symbol);
    const part = this.after.get(value);
    if (part === undefined) return symbol;
    const activation = part.activation as "softmax";
    return tfl.layers.activation({ activation, name: this.name(`${value.path}_activation`) }).apply(symbol) as tfl.SymbolicTensor;
  }

  /** A legal name that no other layer has. */
  private name(wanted: string): string {
    let name = wanted;
    for (let k = 1; this.names.has(name); k++) name = `${wanted}_${k}`;
    this.names.add(name);
    return name;
  }
}

interface SharedLayer {
  apply(given: tfl.SymbolicTensor | tfl.SymbolicTensor[]): tfl.SymbolicTensor | tfl.SymbolicTensor[];
}

const configOfLayer = (layer: tfl.layers.Layer) => ({ className: layer.getClassName(), config: layer.getConfig() });
const unnamed = ({ name: _, ...config }: Record<string, unknown>) => config as never;
