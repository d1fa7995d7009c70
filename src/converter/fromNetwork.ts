// Longer than most: one walk over a network, whose steps share the layers made so far.
import { tensor, tidy } from "@tensorflow/tfjs-core";
import { input, layers as tfl, model as tfModel, type LayersModel, type SymbolicTensor, type layers } from "@tensorflow/tfjs-layers";
import { ConversionError } from "../errors.ts";
import { TensorNode } from "../layers/tensorNode.ts";
import type { NdArray } from "../math/ndarray.ts";
import {
  Ensemble,
  Neurons,
  Node,
  fullRange,
  objectName,
  type Connection,
  type Network,
  type Probe,
  type ViewTarget,
} from "../network/index.ts";
import { rulesOf } from "../network/learningRules.ts";
import { ClippedReLU, Direct, ELU, LeakyReLU, RectifiedLinear, Sigmoid, Tanh } from "../neurons/index.ts";
import type { NeuronType } from "../neurons/neuronType.ts";
import { RatesToSpikes } from "../neurons/ratesToSpikes.ts";
import { Convolution } from "../transforms/index.ts";
import { spatialOf, channelsOf } from "../transforms/channelShape.ts";
import { checkSteady, kernelOf, noCounterpart } from "./linearMaps.ts";
import type { TrainedWeights } from "./trainedWeights.ts";

/** A value of the network: `factor` times a tensor `[batch, size]`. */
interface Signal {
  readonly tensor: SymbolicTensor;
  readonly factor: number;
}

/** An activation with the factor of its output. */
interface Curve {
  readonly layer: (name: string) => layers.Layer;
  readonly factor: number;
}

/**
 * A network that never was a Keras model as one: Nodes without input become inputs (constants that are not 0, biases), ensembles Dense
 * layers with activations, connections Dense layers or convolutions. What it computes is the network's steady state.
 * @throws ConversionError for a part that layers have nothing for, which it names
 */
export function fromNetwork(trained: TrainedWeights): LayersModel {
  return new Walk(trained).model();
}

class Walk {
  private readonly trained: TrainedWeights;
  private readonly network: Network;
  private readonly signals = new Map<object, Signal>();
  private readonly pending = new Set<object>();
  private readonly inputs: SymbolicTensor[] = [];
  private readonly weights: (readonly [layers.Layer, readonly NdArray[]])[] = [];
  private readonly names = new Map<string, number>();

  constructor(trained: TrainedWeights) {
    this.trained = trained;
    this.network = trained.network;
  }

  model(): LayersModel {
    const { allProbes, allNodes } = this.network;
    if (allProbes.length === 0)
      throw new ConversionError({ owner: "toLayersModel", expected: "a network with a Probe, whose value is an output", got: "none" });
    for (const node of allNodes) if (node.sizeIn === 0 && !isConstant(node)) this.valueOf(node);
    const outputs = allProbes.map((probe) => this.probed(probe));
    const model = tfModel({ inputs: this.inputs, outputs, name: this.named(this.network.label ?? "network") });
    tidy(() => {
      for (const [layer, arrays] of this.weights)
        layer.setWeights(arrays.map(({ shape, data }) => tensor(Float32Array.from(data), [...shape])));
    });
    return model;
  }

  /** What a probe sees, as a layer of its own. */
  private probed(probe: Probe): SymbolicTensor {
    checkSteady(probe, probe.synapse);
    const { object, attribute } = probe;
    if (object instanceof Ensemble && attribute === "decodedOutput") {
      const weights = this.trained.probe(probe);
      const from = this.valueOf(object.neurons);
      if (weights !== null) return this.dense(from, transposed(weights), weights.shape[0], null, probe.label ?? "probe").tensor;
    }
    if (
      !(object instanceof Node || object instanceof Neurons || object instanceof Ensemble) ||
      (attribute !== "output" && attribute !== "decodedOutput")
    )
      throw noCounterpart(probe, `a look at ${attribute} of ${objectName(object)}`);
    const from = this.valueOf(object instanceof Ensemble ? object.neurons : object);
    const picks = probe.indices.toArray();
    const kernel = new Float64Array(object.sizeOut * picks.length);
    picks.forEach((k, column) => (kernel[k * picks.length + column] = 1));
    if (probe.indices.isFull(object.sizeOut) && from.factor === 1) return from.tensor;
    return this.dense(from, kernel, picks.length, null, probe.label ?? "probe").tensor;
  }

  /** The output of a Node or of neurons. */
  private valueOf(object: Node | Neurons): Signal {
    const known = this.signals.get(object);
    if (known !== undefined) return known;
    if (this.pending.has(object)) throw noCounterpart(object, "a part of a loop");
    this.pending.add(object);
    const signal = object instanceof Node ? this.node(object) : this.neurons(object.ensemble);
    this.pending.delete(object);
    this.signals.set(object, signal);
    return signal;
  }

  private node(node: Node): Signal {
    if (node.sizeIn === 0) {
      const symbol = input({ shape: [node.sizeOut], name: this.named(node.label ?? "node") });
      this.inputs.push(symbol);
      return { tensor: symbol, factor: 1 };
    }
    if (node instanceof TensorNode) throw noCounterpart(node, "a tensor node");
    if (node.kind !== "passthrough") throw noCounterpart(node, `a ${node.kind} of its input`);
    return this.sum(node, node.sizeIn, node.label ?? "node");
  }

  private neurons(ensemble: Ensemble): Signal {
    if (ensemble.noise !== null) throw noCounterpart(ensemble, "noise in its neurons");
    const name = ensemble.label ?? "ensemble";
    if (ensemble.neuronType instanceof Direct) return this.sum(ensemble, ensemble.dimensions, name);
    const curve = curveOf(ensemble);
    const { scaledEncoders, bias } = this.trained.ensemble(ensemble);
    const parts: Signal[] = [];
    const direct = this.incoming(ensemble.neurons).length > 0 || this.incoming(ensemble).some(({ toNeurons }) => toNeurons);
    const encoded = this.incoming(ensemble).some(({ toNeurons }) => !toNeurons);
    if (encoded)
      parts.push(
        this.dense(
          this.sum(ensemble, ensemble.dimensions, `${name}.in`),
          transposed(scaledEncoders),
          ensemble.nNeurons,
          bias,
          direct ? `${name}.encoded` : name,
        ),
      );
    if (direct) parts.push(...this.direct(ensemble, encoded ? null : bias, name));
    if (parts.length === 0) throw noCounterpart(ensemble, "no input");
    const J = this.added(parts, `${name}.sum`);
    return { tensor: curve.layer(this.named(`${name}.rates`)).apply(J.tensor) as SymbolicTensor, factor: curve.factor };
  }

  /** What goes to neurons without encoders, multiplied by the gains; with the bias, if nothing else has it. */
  private direct(ensemble: Ensemble, bias: NdArray | null, name: string): Signal[] {
    const { nNeurons: n } = ensemble;
    const { data: gain } = this.trained.gain(ensemble);
    const connections = [...this.incoming(ensemble.neurons), ...this.incoming(ensemble).filter(({ toNeurons }) => toNeurons)];
    // Full weights between ensembles have the gains in them.
    const scaled = (object: ViewTarget, k: number): number => (object instanceof Neurons ? gain[k] : 1);
    return this.parts(connections, n, scaled, bias, `${name}.from`);
  }

  /** The sum of everything that is connected to an object. */
  private sum(object: Node | Ensemble, size: number, name: string): Signal {
    const connections = this.incoming(object).filter((c) => object instanceof Node || !c.toNeurons);
    const parts = this.parts(connections, size, () => 1, null, name);
    if (parts.length === 0) throw noCounterpart(object, connections.length === 0 ? "no input" : "no input but constants");
    return this.added(parts, `${name}.sum`);
  }

  /** Connections as layers, the first of which has what constants add as its bias. */
  private parts(
    connections: readonly Connection[],
    size: number,
    gain: (object: ViewTarget, k: number) => number,
    bias: NdArray | null,
    name: string,
  ): Signal[] {
    const constants = connections.filter(({ preObject }) => preObject instanceof Node && isConstant(preObject));
    let rest = bias;
    if (constants.length > 0) {
      const data = new Float64Array(size);
      bias?.data.forEach((v, k) => (data[k] += v));
      for (const c of constants) this.constant(c, size).forEach((v, k) => (data[k] += v * gain(c.postObject, k)));
      rest = { shape: [size], data };
    }
    const take = (): NdArray | null => {
      const given = rest;
      rest = null;
      return given;
    };
    const others = connections.filter((c) => !constants.includes(c));
    return others.map((c) => this.connection(c, size, (k) => gain(c.postObject, k), take, name));
  }

  /** What a connection carries, as a layer. */
  private connection(
    connection: Connection,
    sizeOut: number,
    gain: (k: number) => number,
    take: () => NdArray | null,
    name: string,
  ): Signal {
    const { preObject: pre, postIndices: post, function: fn, synapse } = connection;
    checkSteady(connection, synapse);
    if (rulesOf(connection).length > 0) throw noCounterpart(connection, "a learning rule");
    if (fn !== null && (!(pre instanceof Ensemble) || pre.neuronType instanceof Direct))
      throw noCounterpart(connection, "a JavaScript function");
    if (!(pre instanceof Node || pre instanceof Neurons || pre instanceof Ensemble))
      throw noCounterpart(connection, "an origin that is no value");
    const from = this.valueOf(pre instanceof Ensemble ? pre.neurons : pre);
    const decoded = pre instanceof Ensemble && !(pre.neuronType instanceof Direct);
    const sizeIn = decoded ? pre.nNeurons : pre.sizeOut;
    const { transform } = connection;
    const label = connection.label ?? name;
    if (transform instanceof Convolution) return this.convolution(connection, transform, from, sizeIn, sizeOut, gain, take(), label);
    // Full weights between ensembles are those of all neurons.
    const into = connection.toNeurons && connection.postObject instanceof Ensemble ? fullRange(sizeOut) : post;
    const preIndices = decoded ? fullRange(sizeIn) : connection.preIndices;
    const kernel = kernelOf(connection, this.trained.weights(connection), { sizeIn, sizeOut, pre: preIndices, post: into });
    for (let k = 0; k < kernel.length; k++) kernel[k] *= gain(k % sizeOut);
    return this.dense(from, kernel, sizeOut, take(), label);
  }

  private convolution(
    connection: Connection,
    transform: Convolution,
    from: Signal,
    sizeIn: number,
    sizeOut: number,
    gain: (k: number) => number,
    bias: NdArray | null,
    name: string,
  ): Signal {
    const { preIndices, postIndices, sizeIn: size } = connection;
    const gains = new Set(Array.from({ length: sizeOut }, (_, k) => gain(k)));
    if (!preIndices.isFull(sizeIn) || !postIndices.isFull(sizeOut) || size !== sizeIn || gains.size > 1)
      throw noCounterpart(connection, "a convolution of some components, or to neurons of different gains");
    const channelBias = bias?.data.subarray(0, transform.nFilters) ?? null;
    if (bias !== null && bias.data.some((v, k) => v !== channelBias![k % transform.nFilters]))
      throw noCounterpart(connection, "a convolution with another bias at every position");
    if (!transform.channelsLast || transform.groups > 1) throw noCounterpart(connection, "a convolution in groups, or with channels first");
    const { kernelSize, strides, padding, dilations: dilationRate, nFilters: filters, inputShape } = transform;
    const image = tfl.reshape({ targetShape: [...inputShape.shape], name: this.named(`${name}.image`) }).apply(from.tensor);
    const args = {
      kernelSize: [...kernelSize],
      strides: [...strides],
      padding,
      dilationRate: [...dilationRate],
      filters,
      useBias: bias !== null,
    };
    const rank = spatialOf(inputShape).length;
    const make = [tfl.conv1d, tfl.conv2d, tfl.conv3d][rank - 1] as (options: object) => layers.Layer;
    const layer = make({ ...args, name: this.named(name) });
    const out = tfl.flatten({ name: this.named(`${name}.flat`) }).apply(layer.apply(image)) as SymbolicTensor;
    const { data } = this.trained.weights(connection)!;
    const [factor] = gains;
    const kernel = { shape: [...kernelSize, channelsOf(inputShape), filters], data: data.map((v) => v * factor * from.factor) };
    this.weights.push([layer, channelBias === null ? [kernel] : [kernel, { shape: [filters], data: channelBias }]]);
    return { tensor: out, factor: 1 };
  }

  /** What a constant Node adds to an object. */
  private constant(connection: Connection, size: number): Float64Array {
    const { preObject: pre, preIndices, postIndices: post, function: fn } = connection;
    const node = pre as Node;
    if (fn !== null) throw noCounterpart(connection, "a JavaScript function");
    checkSteady(connection, connection.synapse);
    const weights = this.trained.weights(connection);
    const out = new Float64Array(size);
    const { transform } = connection;
    if (transform instanceof Convolution) {
      if (transform.kernelSize.some((n) => n > 1) || transform.strides.some((n) => n > 1) || channelsOf(transform.inputShape) > 1)
        throw noCounterpart(connection, "a convolution of a constant");
      const values = Float64Array.from(preIndices.toArray(), (i) => (node.output as Float64Array)[i]);
      const { nFilters: filters, channelsLast } = transform;
      post.toArray().forEach((to, k) => {
        const [position, channel] = channelsLast
          ? [Math.floor(k / filters), k % filters]
          : [k % values.length, Math.floor(k / values.length)];
        out[to] += values[position] * weights!.data[channel];
      });
      return out;
    }
    const kernel = kernelOf(connection, weights, { sizeIn: node.sizeOut, sizeOut: size, pre: preIndices, post });
    (node.output as Float64Array).forEach((v, i) => out.forEach((_, k) => (out[k] += v * kernel[i * size + k])));
    return out;
  }

  private dense(from: Signal, kernel: Float64Array, units: number, bias: NdArray | null, name: string): Signal {
    const layer = tfl.dense({ units, useBias: bias !== null, name: this.named(name) });
    const out = layer.apply(from.tensor) as SymbolicTensor;
    const own = { shape: [kernel.length / units, units], data: from.factor === 1 ? kernel : kernel.map((v) => v * from.factor) };
    this.weights.push([layer, bias === null ? [own] : [own, bias]]);
    return { tensor: out, factor: 1 };
  }

  private added(parts: readonly Signal[], name: string): Signal {
    if (parts.length === 1) return parts[0];
    const sum = tfl.add({ name: this.named(name) }).apply(parts.map(({ tensor }) => tensor)) as SymbolicTensor;
    return { tensor: sum, factor: 1 };
  }

  private incoming(object: Node | Ensemble | Neurons): Connection[] {
    return this.network.allConnections.filter(({ postObject }) => postObject === object);
  }

  /** A name that tfjs takes and that no other layer has. */
  private named(label: string): string {
    const base = label.replace(/[^\w.\-/]/g, "_").replace(/^[^A-Za-z0-9]+/, "") || "part";
    const count = this.names.get(base) ?? 0;
    this.names.set(base, count + 1);
    return count === 0 ? base : `${base}_${count}`;
  }
}

const transposed = ({ shape: [rows, columns], data }: NdArray): Float64Array => {
  const out = new Float64Array(data.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[j * rows + i] = data[i * columns + j];
  return out;
};

/** A Node that gives the same numbers, not all 0; zeros only hold a place for data. */
const isConstant = (node: Node): boolean => node.kind === "constant" && (node.output as Float64Array).some((v) => v !== 0);

/** The activation whose values are neurons' rates. */
function curveOf(ensemble: Ensemble): Curve {
  const { neuronType } = ensemble;
  const spikes = neuronType instanceof RatesToSpikes ? neuronType.amplitude : 1;
  const base = neuronType.baseType ?? neuronType;
  const amplitude = spikes * ((base as NeuronType & { amplitude?: number }).amplitude ?? 1);
  const named = (activation: "relu" | "sigmoid" | "tanh" | "elu") => (name: string) => tfl.activation({ activation, name });
  if (base instanceof ClippedReLU) return { layer: (name) => tfl.reLU({ maxValue: base.maxValue, name }), factor: amplitude };
  if (base instanceof LeakyReLU) return { layer: (name) => tfl.leakyReLU({ alpha: base.negativeSlope, name }), factor: amplitude };
  if (base instanceof ELU) {
    if (base.alpha === 1) return { layer: named("elu"), factor: amplitude };
  } else if (base instanceof RectifiedLinear) return { layer: named("relu"), factor: amplitude };
  if (base instanceof Sigmoid) return { layer: named("sigmoid"), factor: spikes / base.tauRef };
  if (base instanceof Tanh) return { layer: named("tanh"), factor: spikes / base.tauRef };
  throw noCounterpart(ensemble, `neurons ${neuronType.type}, whose rate is no activation of tfjs`);
}
