import * as tfl from "@tensorflow/tfjs-layers";
import { ConversionError } from "../../errors.ts";
import { configOf, type LayerConfig } from "../../layers/innerLayer.ts";
import { linearFilter } from "../../layers/linearFilter.ts";
import { maxGate } from "../../layers/maxGate.ts";
import { perStep } from "../../layers/perStep.ts";
import { readout } from "../../layers/readout.ts";
import { spiking } from "../../layers/spiking.ts";
import { spikingActivation } from "../../layers/spikingActivation.ts";
import { TemporalLayer } from "../../layers/temporalLayer.ts";
import { Rescaling } from "../../layers/keras/rescaling.ts";
import type { NeuronType } from "../../neurons/neuronType.ts";
import { channelNote, everywhere, isHomogeneous, layerScale } from "../channelScales.ts";
import type { LayerCall, ModelGraph, Value } from "../graph.ts";
import { converterOf } from "../registry.ts";
import type { LayerReport } from "../report.ts";
import { averagePool } from "./averagePool.ts";
import { freshLayer, isGraded, partsOf, type ActivationPart } from "./layerParts.ts";
import { startingAt } from "../scaling.ts";
import { functionOf, neuronsFor } from "./neuronsFor.ts";
import type { SpikingSettings } from "./options.ts";
import type { SpikingPlace } from "./spikingSource.ts";

type Layer = tfl.layers.Layer;
type Symbol = tfl.SymbolicTensor;

/** An output's activation that comes after the readout. */
interface Late {
  /** What it is an activation of. */
  readonly symbol: Symbol;
  readonly part: ActivationPart;
  readonly call: LayerCall;
}

/** Neurons that stand for an activation. */
interface Neurons extends Pick<SpikingPlace, "spiking" | "unit"> {
  readonly layer: Layer;
  readonly type: string;
  /** Whether they have the activation as their rate. */
  readonly follow: boolean;
}

/** Adds the calls of a model's graph, one after the other, to a model over time. */
export class SpikingBuilder {
  readonly reports: LayerReport[] = [];
  /** Weights of the source, with those that stand for them. */
  readonly weights = new Map<tfl.LayerVariable, tfl.LayerVariable>();
  readonly places: SpikingPlace[] = [];
  /** What the readouts read, and what they give, one an output of the model. */
  readonly steps: Symbol[] = [];
  readonly readouts: Symbol[] = [];
  private readonly values = new Map<Value, Symbol>();
  private readonly settings: SpikingSettings;
  private readonly outputs: ReadonlySet<Value>;
  /** Values that other calls take. */
  private readonly consumed: ReadonlySet<Value>;
  /** Layers made so far, by layer of the source: what is shared stays shared. */
  private readonly made = new Map<Layer, Layer>();
  private readonly madeLate = new Map<Layer, Layer>();
  readonly late = new Map<Value, Late>();
  private readonly names = new Set<string>();

  constructor(settings: SpikingSettings, graph: ModelGraph) {
    this.settings = settings;
    this.outputs = new Set(graph.outputs);
    this.consumed = new Set(graph.calls.flatMap(({ inputs }) => inputs));
  }

  input(value: Value): Symbol {
    const symbol = tfl.input({ shape: [this.settings.steps, ...value.shape], name: this.name(value.path) });
    this.values.set(value, symbol);
    return symbol;
  }

  add(call: LayerCall): void {
    const { layer, inputs, outputs, path } = call;
    const { temporalModel, maxToAvgPool, dt } = this.settings;
    const symbols = inputs.map((value) => this.values.get(value)!);
    const given = symbols.length === 1 ? symbols[0] : symbols;
    const className = layer.getClassName();
    if (className === "InputLayer") {
      this.values.set(outputs[0], symbols[0]);
      return;
    }
    if (layer instanceof TemporalLayer && temporalModel) {
      const own = this.shared(layer, this.made, () => freshLayer(configOf(layer), this.name(path)));
      this.settle(call, this.applied(own, given, layer), []);
      return;
    }
    const average = averagePool(layer);
    if (average !== null) {
      const note = maxToAvgPool ? "averages in place of the maximum" : "a gate, which passes on what the largest sum of spikes gains";
      const pool = this.shared(layer, this.made, () =>
        maxToAvgPool
          ? perStep({ layer: freshLayer(average), name: this.name(path) })
          : maxGate({ layer: freshLayer(configOf(layer)), dt, name: this.name(path) }),
      );
      this.settle(call, this.applied(pool, given), [note]);
      return;
    }
    // The second axis of a temporal model is time, which a wrapper would only see again.
    const source = temporalModel && className === "TimeDistributed" ? (layer as Layer & { readonly layer: Layer }).layer : layer;
    const { rest, activation } = partsOf(source);
    if (rest === null) {
      this.activate(call, given as Symbol, activation!);
      return;
    }
    const linear = this.shared(layer, this.made, () =>
      perStep({
        layer: freshLayer(rest),
        name: this.name(path),
        foldedActivation: activation === null ? null : { name: activation.name },
      }),
    );
    const value = this.applied(linear, given, layer);
    if (activation === null) this.settle(call, value, converterOf(source) === null ? [this.fallback(call, source.getClassName())] : []);
    else this.activate(call, value as Symbol, activation);
  }

  /** Neurons for an activation, and the synapse behind them. */
  private activate(call: LayerCall, value: Symbol, part: ActivationPart): void {
    const { settings } = this;
    const { layer, path, outputs } = call;
    const { dt } = settings;
    const notes: string[] = [];
    const swapped = settings.swaps.find(part.name, part.usual);
    if (swapped === null && isGraded(part) && this.outputs.has(outputs[0])) {
      notes.push(settings.readout === null ? `${part.name} at every step` : `${part.name} after the readout`);
      this.late.set(outputs[0], { symbol: value, part, call });
      if (!this.consumed.has(outputs[0])) {
        this.settle(call, value, notes);
        return;
      }
      notes.push("other layers get it step by step");
    }
    if (swapped === null && part.name === "softmax") {
      notes.push(this.fallback(call, "softmax", "its neurons would have to know of each other"));
      this.settle(call, this.everyStep(call, part).apply(value), notes);
      return;
    }
    const { scale, faster } = layerScale(call, settings.scaleOf(layer, path));
    const {
      layer: neurons,
      type,
      spiking: fires,
      unit,
      follow,
    } = swapped === null ? this.usual(call, part, scale) : this.swapped(call, part, swapped, scale, notes);
    const f = faster === null || !follow ? null : functionOf(part);
    const own = f !== null && isHomogeneous(f) ? faster : null;
    if (faster !== null) notes.push(channelNote(scale, faster, part.name, own !== null));
    let symbol = value;
    if (swapped !== null && typeof part.activation !== "string") symbol = this.mark(part.activation, path).apply(symbol) as Symbol;
    if (own !== null) symbol = this.channels(path, own).apply(symbol) as Symbol;
    symbol = this.applied(neurons, symbol, typeof part.activation === "string" || swapped !== null ? null : layer) as Symbol;
    const units = outputs[0].shape.reduce((a, b) => a * b, 1);
    this.places.push({ path, symbol, neuronType: type, units, spiking: fires, unit, faster: own === null ? null : everywhere(own, units) });
    if (own !== null)
      symbol = this.channels(
        path,
        own.map((k) => 1 / k),
      ).apply(symbol) as Symbol;
    if (settings.synapse !== null) {
      const filter = linearFilter({ synapse: settings.synapse, dt, name: this.name(`${path}_synapse`), trainable: false });
      symbol = filter.apply(symbol) as Symbol;
    }
    this.settle(call, symbol, notes, { neurons: units, type, scale });
  }

  /** The activation itself as spikes. A layer that is nothing but an activation stays one layer, however often it is called. */
  private usual({ layer, path }: LayerCall, { name, activation }: ActivationPart, scaleFiringRates: number): Neurons {
    const { dt, spikingAwareTraining, initialVoltage } = this.settings;
    const make = (source: string | Layer): Layer =>
      spikingActivation({
        activation: source,
        dt,
        spikingAwareTraining,
        scaleFiringRates,
        initialVoltage,
        name: this.name(`${path}_spikes`),
        ...this.ownSeed(),
      });
    const own = typeof activation === "string" ? make(activation) : this.shared(layer, this.made, () => make(freshLayer(activation)));
    return { layer: own, type: `spiking ${name}`, spiking: true, unit: dt * scaleFiringRates, follow: true };
  }

  /** Neurons of another type than usual. */
  private swapped({ path }: LayerCall, part: ActivationPart, swapped: NeuronType, scale: number, notes: string[]): Neurons {
    const { dt, spikingAwareTraining, gradient, initialVoltage, targets } = this.settings;
    const { gain, neuronType, bias, note, follow } = neuronsFor(swapped, part, targets.get(path), scale);
    if (note !== null) notes.push(note);
    const neurons = spiking({
      neuronType: startingAt(neuronType, initialVoltage),
      dt,
      name: this.name(`${path}_spikes`),
      gradient,
      spikingAwareTraining,
      ...(gain === 1 ? {} : { gain }),
      ...(bias === 0 ? {} : { bias }),
      ...this.ownSeed(),
    });
    const { amplitude = 1 } = neuronType as NeuronType & { amplitude?: number };
    return { layer: neurons, type: neuronType.type, spiking: neuronType.spiking, unit: dt / amplitude, follow };
  }

  /** A factor for every channel, before or behind neurons. */
  private channels(path: string, factors: Float64Array): Layer {
    return new Rescaling({ scale: Array.from(factors), name: this.name(`${path}_channels`) });
  }

  /** Passes its input on, and keeps which layer the neurons behind it stand for. */
  private mark(activation: LayerConfig, path: string): Layer {
    const identity = tfl.layers.activation({ activation: "linear" });
    return perStep({ layer: identity, name: this.name(path), foldedActivation: { name: JSON.stringify(activation) } });
  }

  /** An activation of each step by itself, of numbers. */
  private everyStep({ layer, path }: LayerCall, { activation }: ActivationPart): Layer {
    if (typeof activation === "string")
      return tfl.layers.activation({ activation: activation as "softmax", name: this.name(`${path}_step`) });
    return this.shared(layer, this.made, () => perStep({ layer: freshLayer(activation), name: this.name(path) }));
  }

  /** What is said of a layer that runs as it is at every step. @throws ConversionError where that is not allowed */
  private fallback({ path }: LayerCall, what: string, reason = `no converter knows ${what}`): string {
    if (!this.settings.allowFallback)
      throw new ConversionError(
        {
          owner: `toSpiking of layer ${JSON.stringify(path)}`,
          expected: "a layer whose activations neurons have",
          got: what,
          fix: "Allow the fallback, or give a neuron type in swapActivations",
        },
        { layer: path },
      );
    return `${what} of every step, not of spikes: ${reason}`;
  }

  /** Every population has initial states of its own. */
  private ownSeed(): { readonly seed?: number } {
    const { layerSeed } = this.settings;
    return layerSeed === null ? {} : { seed: (layerSeed + this.reports.length) % 2 ** 32 };
  }

  /** The layer that stands for one of the source. */
  private shared(source: Layer, known: Map<Layer, Layer>, make: () => Layer): Layer {
    const layer = known.get(source) ?? make();
    known.set(source, layer);
    return layer;
  }

  /** Applies a layer; at its first call it gets the weights of `source`. */
  private applied(layer: Layer, given: Symbol | Symbol[], source: Layer | null = null): Symbol | Symbol[] {
    const first = !layer.built;
    const result = layer.apply(given) as Symbol | Symbol[];
    if (first && source !== null && source.weights.length > 0) {
      layer.setWeights(source.getWeights());
      source.weights.forEach((weight, k) => this.weights.set(weight, layer.weights[k]));
      if (!source.trainable) layer.trainable = false;
    }
    return result;
  }

  private settle(
    call: LayerCall,
    symbol: unknown,
    notes: readonly string[],
    { neurons, type, scale }: { neurons: number; type: string | null; scale: number } = { neurons: 0, type: null, scale: 1 },
  ): void {
    const symbols = [symbol].flat() as Symbol[];
    call.outputs.forEach((value, k) => this.values.set(value, symbols[k]));
    this.reports.push({
      name: call.path,
      className: call.layer.getClassName(),
      became: type === null ? "linear" : "neurons",
      shape: call.outputs[0].shape,
      neurons,
      neuronType: type,
      parameters: call.layer.countParams(),
      scale,
      notes,
    });
  }

  /** What a model's output is of all steps. */
  output(value: Value, index: number): Symbol {
    const { readout: kind, readoutDelay: delay, dt } = this.settings;
    const late = this.late.get(value);
    let symbol = late?.symbol ?? this.values.get(value)!;
    this.steps.push(symbol);
    if (kind !== null) {
      const name = this.name(`readout${index === 0 ? "" : `_${index}`}`);
      symbol = readout({ kind, dt, name, ...(kind === "last" ? {} : { delay }) }).apply(symbol) as Symbol;
    }
    this.readouts.push(symbol);
    return late === undefined ? symbol : (this.lateLayer(late, kind === null).apply(symbol) as Symbol);
  }

  private lateLayer({ part: { activation }, call: { layer, path } }: Late, perSteps: boolean): Layer {
    if (typeof activation === "string")
      return tfl.layers.activation({ activation: activation as "softmax", name: this.name(`${path}_activation`) });
    return this.shared(layer, this.madeLate, () =>
      perSteps ? perStep({ layer: freshLayer(activation), name: this.name(path) }) : freshLayer(activation, this.name(path)),
    );
  }

  /** A legal name that no other layer has. */
  private name(wanted: string): string {
    let name = wanted;
    for (let k = 1; this.names.has(name); k++) name = `${wanted}_${k}`;
    this.names.add(name);
    return name;
  }
}
