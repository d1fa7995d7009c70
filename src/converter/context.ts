// Longer than most: all that converters may ask for, one class, whose methods share what a call has added so far.
import type { Tensor } from "@tensorflow/tfjs-core";
import { tensor1d, tidy } from "@tensorflow/tfjs-core";
import { LayersModel, type LayerVariable, type layers } from "@tensorflow/tfjs-layers";
import { Choice, Uniform } from "../distributions/index.ts";
import { ConversionError } from "../errors.ts";
import { tensorNode } from "../layers/tensorNode.ts";
import { Neurons, configure, type Connectable, type Ensemble, type Network, type Node } from "../network/index.ts";
import type { NeuronType } from "../neurons/neuronType.ts";
import type { Synapse } from "../synapses/synapse.ts";
import { Convolution, Dense } from "../transforms/index.ts";
import type { Transform } from "../transforms/transform.ts";
import { ACROSS, type ActivationSpec } from "./activations.ts";
import { fittedNeurons } from "./calibration/matchedNeurons.ts";
import { channelNote, everywhere, isHomogeneous, layerScale } from "./channelScales.ts";
import { multiplied, type Fold } from "./folding.ts";
import type { ItemShape, LayerCall, Value } from "./graph.ts";
import type { ConvertSettings } from "./options.ts";
import { fromNeurons, picked, sizeOf, type Port } from "./port.ts";
import type { Became, LayerReport } from "./report.ts";
import { sameRate, scaledNeurons, startingAt, type ScaledNeurons } from "./scaling.ts";
import type { Bias, StageSpec, Term, WeightPlace, WeightSpec } from "./stage.ts";

/** Neurons that a call became, with what they compute. */
export interface NeuronsPlace {
  readonly ensemble: Ensemble;
  /** The activation that they stand for. */
  readonly activation: ActivationSpec;
  /** Factor of their rates. */
  readonly scale: number;
  /** Whether their rate is the activation, not another function put in its place. */
  readonly exact: boolean;
  /** How many times as fast as the others a neuron is for the same activation; null where all are alike. */
  readonly faster: Float64Array | null;
}

/** A layer of tfjs in a tensor node, with weights of its own. */
export interface LayerCopy {
  readonly source: layers.Layer;
  readonly copy: layers.Layer;
}

/** A value before and after an activation in a tensor node. */
export interface ActivatedPort {
  readonly from: Port;
  readonly port: Port;
  readonly activation: ActivationSpec;
}

const valuesOf = (apply: ActivationSpec["apply"], x: Float64Array): Float32Array =>
  tidy(() => apply(tensor1d(Float32Array.from(x))).dataSync<"float32">());

/** A distribution of one value, which takes no room in files. */
const always = (value: number): Uniform => new Uniform({ low: value, high: value });

/** What the calls of a model share while it is converted. */
export interface ContextParts {
  readonly network: Network;
  readonly settings: ConvertSettings;
  readonly ports: ReadonlyMap<Value, Port>;
  /** Values that the model gives. */
  readonly outputs: readonly Value[];
  /** The Node that gives 1, to which biases are connected. */
  readonly one: () => Node;
  /** Converts the layer inside a wrapper. */
  readonly convertInner: (call: LayerCall, context: Context) => Port;
}

/** What a converter is given: the network to add to, the call's inputs, and ways to add what layers are made of. */
export class Context {
  readonly network: Network;
  readonly settings: ConvertSettings;
  readonly call: LayerCall;
  /** Factor of the rates of the layer's neurons. */
  readonly scale: number;
  readonly notes: string[] = [];
  readonly weights: WeightPlace[] = [];
  readonly neurons: NeuronsPlace[] = [];
  readonly copies: LayerCopy[] = [];
  /** To be set where the network is to compute another function than the layer: there is nothing to verify then. */
  otherFunction = false;
  /** A batch normalisation that is multiplied into the call's last stage. */
  fold: Fold | null = null;
  /** What the rates of the call should be for tensors `[batch, ...]`, where the layer itself gives something else (spikes). */
  reference: ((inputs: readonly Tensor[]) => Tensor) | null = null;
  /** An activation that no neurons have, with what it is computed of. */
  activated: ActivatedPort | null = null;
  private readonly faster: Float64Array | null;
  private readonly ports: ReadonlyMap<Value, Port>;
  private readonly convertInner: (call: LayerCall, context: Context) => Port;
  private readonly outputs: readonly Value[];
  private readonly one: () => Node;
  private stages = 0;
  private tensors = 0;

  constructor({ network, settings, ports, outputs, one, convertInner }: ContextParts, call: LayerCall) {
    this.network = network;
    this.convertInner = convertInner;
    this.settings = settings;
    this.call = call;
    this.ports = ports;
    this.outputs = outputs;
    this.one = one;
    const { scale, faster } = layerScale(call, settings.scaleOf(call.layer, call.path));
    this.scale = scale;
    this.faster = faster;
  }

  /** Where an input of the call is. */
  input(index = 0): Port {
    return this.ports.get(this.call.inputs[index])!;
  }

  /** Sizes of one item of the output. */
  get outputShape(): ItemShape {
    return this.call.outputs[0].shape;
  }

  /** The numbers of a weight. */
  values(variable: LayerVariable): Float32Array {
    return variable.read().dataSync<"float32">();
  }

  /** Adds a sum of linear maps, a bias and an activation. */
  stage({ shape, terms, bias = null, activation = null, part, scaled = true }: StageSpec): Port {
    const label = part === undefined ? this.call.path : `${this.call.path}.${part}`;
    const neuronType = activation === null ? null : scaled ? this.neuronType(activation) : activation.usual;
    if (activation !== null && neuronType === null) {
      const linear = this.stage({ shape, terms, bias, part: part === undefined ? "sum" : `${part}.sum` });
      return this.tensor(linear, activation, label);
    }
    this.stages++;
    if (part === undefined && this.fold !== null) [terms, bias] = this.folded(this.fold, terms, bias);
    const size = sizeOf(shape);
    const object =
      activation === null || neuronType === null
        ? this.network.node({ sizeIn: size, label })
        : this.ensemble(size, label, neuronType, activation, scaled).neurons;
    for (const term of terms) this.connect(term, object);
    if (bias !== null) this.bias(bias, shape, object);
    return this.alike({ object, shape });
  }

  /** Outputs of neurons of which some are faster, divided so that they are the activation's again. */
  private alike(from: Port): Port {
    const { object, shape } = from;
    const place = this.neurons.find(({ ensemble }) => object instanceof Neurons && ensemble === object.ensemble);
    if (place === undefined || place.faster === null) return from;
    const node = this.network.node({ sizeIn: sizeOf(shape), label: `${place.ensemble.label}.channels` });
    this.connect(
      {
        from,
        transform: this.perChannel(
          shape,
          this.faster!.map((k) => 1 / k),
        ),
      },
      node,
    );
    return { object: node, shape };
  }

  /** The same numbers in another shape. */
  reshaped({ object }: Port, shape: ItemShape): Port {
    return { object, shape };
  }

  /** A factor for every channel, at all positions: a convolution of kernel size 1 of every channel for itself. */
  perChannel(shape: ItemShape, factors: Float64Array, channelsLast = true): Transform | Float64Array {
    const channels = factors.length;
    const positions = sizeOf(shape) / channels;
    if (positions === 1) return factors;
    return new Convolution({
      nFilters: channels,
      inputShape: channelsLast ? [positions, channels] : [channels, positions],
      channelsLast,
      kernelSize: [1],
      strides: [1],
      groups: channels,
      init: { shape: [1, 1, channels], data: factors },
    });
  }

  /** A Node that filters a value, without a step of delay. @param dt - seconds of a step of the layer */
  filter(from: Port, synapse: Synapse, dt: number): Port {
    this.stages++;
    this.noteStep(dt);
    const node = this.network.node(synapse, { sizeIn: sizeOf(from.shape), sizeOut: sizeOf(from.shape), label: this.call.path });
    this.connect({ from }, node);
    return { object: node, shape: from.shape };
  }

  /** Says, where spikes come unfiltered, that what is computed of them is not what it would be of rates. */
  noteSpikes(inputs: readonly Port[]): void {
    const spikes = inputs.some(({ object }) => object instanceof Neurons && object.ensemble.neuronType.spiking);
    if (spikes && this.settings.synapse === null) this.notes.push("sees single spikes, not rates: give a synapse");
  }

  /** Says that the layer's steps are of another length than usual. */
  noteStep(dt: number): void {
    if (dt !== 0.001) this.notes.push(`its steps are of ${dt} s: simulate with dt ${dt}`);
  }

  /** The call as one of another layer: that inside a wrapper. */
  within(call: LayerCall): Port {
    return this.convertInner(call, this);
  }

  /** Remembers that a connection's weights are a weight of the layer, and whether training may change them. */
  weight(connection: WeightPlace["connection"], { variable, fromTransform }: WeightSpec): void {
    this.weights.push({ connection, variable, fromTransform: fromTransform ?? null });
    configure(connection, { trainable: !this.settings.inferenceOnly && this.call.layer.trainable && variable.trainable });
  }

  /** Adds a tensor node that stands for a layer. */
  layerNode(inputs: readonly Port[], layer: layers.Layer, shape: ItemShape): Port {
    this.tensors++;
    const { path } = this.call;
    const shapeIn = inputs.length === 1 ? inputs[0].shape : [inputs.reduce((sum, port) => sum + sizeOf(port.shape), 0)];
    const node = tensorNode(this.network, layer, { shapeIn, shapeOut: shape, label: path });
    configure(node, { trainable: !this.settings.inferenceOnly && this.call.layer.trainable });
    let start = 0;
    for (const port of inputs) {
      const size = sizeOf(port.shape);
      const into = inputs.length === 1 ? null : Int32Array.from({ length: size }, (_, k) => start + k);
      this.connect({ from: port, into }, node);
      start += size;
    }
    return { object: node, shape };
  }

  /** What the call became, for the report. */
  report(): LayerReport {
    const { layer, path, outputs } = this.call;
    const types = new Set(this.neurons.map(({ ensemble: { neuronType } }) => neuronType.type));
    const became: Became =
      this.tensors > 0 ? "tensor node" : this.neurons.length > 0 ? "neurons" : this.stages > 0 ? "linear" : "passed on";
    return {
      name: path,
      className: layer.getClassName(),
      became,
      shape: outputs[0].shape,
      neurons: this.neurons.reduce((sum, { ensemble }) => sum + ensemble.nNeurons, 0),
      neuronType: types.size === 0 ? null : [...types].join(", "),
      parameters: layer instanceof LayersModel ? 0 : layer.countParams(),
      scale: this.neurons.length > 0 ? this.scale : 1,
      notes: this.notes,
    };
  }

  /** The same with a normalisation after it; its weights are the layer's no more, and do not train. */
  private folded({ normalization, factors, summands }: Fold, terms: readonly Term[], bias: Bias | null): [readonly Term[], Bias] {
    this.notes.push(`has ${normalization.layer.name} multiplied in`);
    const own = bias === null ? summands : Float64Array.from(bias.values, (v, c) => v * factors[c] + summands[c]);
    return [
      terms.map((term) => ({ ...term, transform: multiplied(term.transform as Transform, factors), weight: null })),
      { values: own, ...(bias?.channelsLast === undefined ? {} : { channelsLast: bias.channelsLast }) },
    ];
  }

  private neuronType({ name, usual }: ActivationSpec): NeuronType | null {
    return this.settings.swaps.find(name, usual) ?? usual;
  }

  private ensemble(size: number, label: string, neuronType: NeuronType, activation: ActivationSpec, scaled: boolean): Ensemble {
    const scale = scaled ? this.scale : 1;
    const exact = activation.usual !== null && sameRate(neuronType, activation.usual);
    const matched = exact ? null : this.matched(neuronType, activation);
    const made = matched ?? scaledNeurons(neuronType, scale);
    if (made.note !== null) this.notes.push(made.note);
    if (!exact && matched === null) this.notes.push(`${activation.name} became ${neuronType.type}, whose rate is another function`);
    const faster = scaled && (exact || matched !== null) ? this.fasterNeurons(activation, size) : null;
    const gain = matched?.gain ?? made.gain * (activation.slope ?? 1);
    const ensemble = this.network.ensemble(size, 1, {
      label,
      neuronType: startingAt(made.neuronType, this.settings.initialVoltage),
      // All of the input comes through the neurons; nothing is decoded.
      encoders: new Choice({ options: [[1]] }),
      evalPoints: [[0]],
      // Fitted curves have the activation's own line in them.
      gain: faster === null ? always(gain) : faster.map((k) => k * gain),
      bias: always(matched?.bias ?? made.gain * (activation.shift ?? 0)),
    });
    configure(ensemble, { trainable: false });
    this.neurons.push({ ensemble, activation, scale, exact: exact && made.note === null, faster });
    return ensemble;
  }

  /** Where channels have rates of their own: how many times as fast as the slowest each neuron is. */
  private fasterNeurons({ name, apply }: ActivationSpec, size: number): Float64Array | null {
    const { faster, scale } = this;
    if (faster === null) return null;
    const possible = isHomogeneous((x) => valuesOf(apply, x));
    this.notes.push(channelNote(scale, faster, name, possible));
    return possible ? everywhere(faster, size) : null;
  }

  /** Neurons of another curve, fitted to the activation over what calibration has found; null where it has not. */
  private matched(neuronType: NeuronType, { name, apply }: ActivationSpec): (ScaledNeurons & { readonly bias: number }) | null {
    const target = this.settings.targets.get(this.call.path);
    return target === undefined ? null : fittedNeurons(neuronType, name, (x) => valuesOf(apply, x), target);
  }

  private tensor(from: Port, activation: ActivationSpec, label: string): Port {
    // What an output is made of is read, not fired.
    const read = ACROSS.has(activation.name) && this.outputs.includes(this.call.outputs[0]);
    if (!read && !this.settings.allowFallback)
      throw new ConversionError(
        {
          owner: `convert of layer ${JSON.stringify(this.call.path)}`,
          expected: "an activation that neurons have",
          got: activation.name,
          fix: "Allow the fallback, or give a neuron type in swapActivations",
        },
        { layer: this.call.path },
      );
    if (read) this.notes.push(`${activation.name} of the output is computed by tfjs, behind the neurons`);
    else {
      this.tensors++;
      this.notes.push(`${activation.name} is computed by tfjs in a tensor node, for no neurons have it as their rate`);
    }
    const node = tensorNode(this.network, (_t, x) => activation.apply(x), { shapeIn: from.shape, shapeOut: from.shape, label });
    this.connect({ from }, node);
    const port = { object: node, shape: from.shape };
    this.activated = { from, port, activation };
    return port;
  }

  private connect({ from, pick = null, into = null, transform = null, weight = null, synapse }: Term, to: Port["object"]): void {
    const connection = this.network.connect(picked(from, pick), picked({ object: to, shape: [] }, into), {
      transform,
      synapse: synapse === undefined ? (fromNeurons(from) ? this.settings.synapse : null) : synapse,
    });
    if (weight === null) configure(connection, { trainable: false });
    else this.weight(connection, weight);
  }

  private bias({ values, variable = null, channelsLast = true }: Bias, shape: ItemShape, to: Connectable): void {
    const channels = values.length;
    const positions = sizeOf(shape) / channels;
    const data = Float64Array.from(values);
    // One number a channel, at all positions: a convolution of an image of ones.
    const transform =
      positions === 1
        ? new Dense({ shape: [channels, 1], init: { shape: [channels, 1], data } })
        : new Convolution({
            nFilters: channels,
            inputShape: channelsLast ? [positions, 1] : [1, positions],
            channelsLast,
            kernelSize: [1],
            strides: [1],
            init: { shape: [1, 1, channels], data },
          });
    const one = this.one();
    const connection = this.network.connect(positions === 1 ? one : one.pick(new Int32Array(positions)), to, { transform, synapse: null });
    if (variable === null) configure(connection, { trainable: false });
    else this.weight(connection, { variable });
  }
}
