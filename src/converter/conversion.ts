import type { Tensor } from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import type { Network, Node, Neurons, Probe } from "../network/index.ts";
import type { ActivatedPort, LayerCopy, NeuronsPlace } from "./context.ts";
import type { LayerCall, ModelGraph, Value } from "./graph.ts";
import type { ConvertOptions, ConvertSettings } from "./options.ts";
import type { Places } from "./places.ts";
import type { Port } from "./port.ts";
import type { ConversionReport } from "./report.ts";
import type { WeightPlace } from "./stage.ts";
import { measure } from "./measure.ts";
import type { Measurement } from "./measuring/measurement.ts";
import type { MeasureOptions } from "./measuring/options.ts";
import type { Tensors } from "./measuring/measureSubject.ts";
import { verify, type Verification, type VerifyData, type VerifyOptions } from "./verify.ts";

/** One call of a layer with what it became. */
export interface ConvertedCall {
  readonly call: LayerCall;
  readonly port: Port;
  readonly neurons: readonly NeuronsPlace[];
  readonly weights: readonly WeightPlace[];
  readonly copies: readonly LayerCopy[];
  /** Whether it is another function than the layer's on purpose. */
  readonly otherFunction: boolean;
  /** Whether its port has the batch normalisation after it already. */
  readonly folded: boolean;
  /** What its rates should be for tensors `[batch, ...]`, where the layer itself gives something else (spikes). */
  readonly reference: ((inputs: readonly Tensor[]) => Tensor) | null;
  /** An activation that no neurons have, in a tensor node; null where there is none. */
  readonly activated: ActivatedPort | null;
}

/** Parts of a {@link Conversion}. */
export interface ConversionParts {
  readonly model: LayersModel;
  readonly options: ConvertOptions;
  readonly settings: ConvertSettings;
  readonly network: Network;
  readonly graph: ModelGraph;
  readonly calls: readonly ConvertedCall[];
  readonly ports: ReadonlyMap<Value, Port>;
  readonly inputs: Places<Node>;
  readonly outputs: Places<Probe>;
  readonly layers: Places<Node | Neurons>;
  readonly report: ConversionReport;
}

const conversions = new WeakMap<Network, Conversion>();

/** A model as a network, with what is where. */
export class Conversion {
  readonly model: LayersModel;
  readonly network: Network;
  /** Nodes to feed, by the model's inputs. */
  readonly inputs: Places<Node>;
  /** Probes of the model's outputs. */
  readonly outputs: Places<Probe>;
  /** Where the output of every layer is: a Node, or the neurons of an ensemble. */
  readonly layers: Places<Node | Neurons>;
  /** What every layer became, and why. */
  readonly report: ConversionReport;
  /** As given. */
  readonly options: ConvertOptions;
  /** As checked and completed. */
  readonly settings: ConvertSettings;
  /** The model as a flat list of calls. */
  readonly graph: ModelGraph;
  /** The calls with what they became. */
  readonly calls: readonly ConvertedCall[];
  private readonly ports: ReadonlyMap<Value, Port>;

  constructor(parts: ConversionParts) {
    this.model = parts.model;
    this.network = parts.network;
    this.inputs = parts.inputs;
    this.outputs = parts.outputs;
    this.layers = parts.layers;
    this.report = parts.report;
    this.options = parts.options;
    this.settings = parts.settings;
    this.graph = parts.graph;
    this.calls = parts.calls;
    this.ports = parts.ports;
    conversions.set(parts.network, this);
  }

  /** Where a value of the model's graph is. */
  portOf(value: Value): Port {
    return this.ports.get(value)!;
  }

  /**
   * Compares the network with the model, on data or (null) on numbers made up of a seed: rates layer by layer, then how spikes follow
   * their rates. @throws ConversionError that names the layer that is off
   */
  async verify(data: VerifyData | null = null, options: VerifyOptions = {}): Promise<Verification> {
    return verify(this, data, options);
  }

  /**
   * Runs the network with its neurons on data, and measures outputs against steps, rates, spikes and energy. The result is
   * `report.measured` too.
   *
   * @param x - `[items, ...shape]`, one tensor an input (`[items, steps, ...shape]` of a temporal model)
   * @param y - labels `[items]` or one-hot rows, one tensor an output; null: only the model's own outputs are compared with
   * @throws ShapeError, ValidationError for data and options that do not fit
   */
  async measure(x: Tensors, y: Tensors | null = null, options: MeasureOptions = {}): Promise<Measurement> {
    return measure(this, x, y, options);
  }

  /** Frees the layers inside tensor nodes, where there are any; simulators and models of the network cannot be used afterwards. */
  dispose(): void {
    for (const { copies } of this.calls) for (const { copy } of copies) disposeLayer(copy);
  }
}

/** The conversion that made a network; undefined for other networks. */
export const conversionOf = (network: Network): Conversion | undefined => conversions.get(network);

/** Frees a layer's weights, unless a simulator or model that had them did. */
function disposeLayer(layer: LayerCopy["copy"]): void {
  for (const weight of layer.weights) if (!(weight as unknown as { val: { isDisposed: boolean } }).val.isDisposed) weight.dispose();
}
