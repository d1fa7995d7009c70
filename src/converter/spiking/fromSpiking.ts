import * as tfl from "@tensorflow/tfjs-layers";
import { ConversionError } from "../../errors.ts";
import { configOf, layerFromConfig, type LayerConfig } from "../../layers/innerLayer.ts";
import { Rescaling } from "../../layers/keras/rescaling.ts";
import { LinearFilterLayer } from "../../layers/linearFilter.ts";
import { MaxGate } from "../../layers/maxGate.ts";
import { NengoLayer } from "../../layers/nengoLayer.ts";
import { PerStep } from "../../layers/perStep.ts";
import { Readout } from "../../layers/readout.ts";
import { Spiking } from "../../layers/spiking.ts";
import { SpikingActivation } from "../../layers/spikingActivation.ts";
import { TemporalLayer } from "../../layers/temporalLayer.ts";
import { modelGraph, type LayerCall, type Value } from "../graph.ts";

type Layer = tfl.layers.Layer;
type Symbol = tfl.SymbolicTensor;

/** A value of the spiking model as one of the ordinary one. */
interface Known {
  readonly symbol: Symbol;
  /** Whether the activation of the layer is in it already, which in the spiking model is yet to come. */
  readonly ahead: boolean;
  /** Whether it comes from neurons. */
  readonly spikes: boolean;
}

/** Whether a model is one of toSpiking, as made or as loaded. */
export const isSpikingModel = (model: tfl.LayersModel): boolean =>
  !model.layers.some((layer) => layer instanceof NengoLayer) &&
  model.layers.some((layer) => [PerStep, MaxGate, SpikingActivation, Spiking, Readout].some((type) => layer instanceof type));

/**
 * The ordinary model of a model of toSpiking, with the weights as they are now. It is read from the layers alone, so that it does not
 * matter whether the model was saved and loaded. Models within models are one flat model; averages that took the place of a maximum stay.
 * @throws ConversionError for neurons that stand for no layer, for a layer whose weights the neurons do not have, and for layers over time
 */
export function fromSpiking(model: tfl.LayersModel): tfl.LayersModel {
  const inputShapes = model.inputs.map(({ shape }) => [shape[1] ?? 1, ...(shape.slice(2) as number[])]);
  const graph = modelGraph(model, { temporal: false, inputShapes });
  const walk = new Walk();
  const inputs = graph.inputs.map((value) => walk.input(value));
  for (const call of graph.calls) walk.add(call);
  const outputs = graph.outputs.map((value) => walk.symbol(value));
  return tfl.model({ inputs, outputs, name: model.name.replace(/_spiking$/, "") });
}

class Walk {
  private readonly values = new Map<Value, Known>();
  /** Layers made so far, by layer of the spiking model, or by configuration where several of its layers stand for one. */
  private readonly made = new Map<Layer | string, Layer>();
  private readonly names = new Set<string>();

  input(value: Value): Symbol {
    const symbol = tfl.input({ shape: [...value.shape.slice(1)], name: this.unique(value.path) });
    this.values.set(value, { symbol, ahead: false, spikes: false });
    return symbol;
  }

  symbol(value: Value): Symbol {
    return this.values.get(value)!.symbol;
  }

  add(call: LayerCall): void {
    const { layer, inputs, outputs } = call;
    const [first] = inputs.map((value) => this.values.get(value)!);
    if (layer.getClassName() === "InputLayer" || layer instanceof Readout) this.pass(call, first);
    else if (layer instanceof PerStep) this.apply(call, this.ofPerStep(layer), layer.foldedActivation !== null);
    else if (layer instanceof MaxGate) this.apply(call, this.copied(layer, configOf(layer.layer), nameOf(layer.name, layer.layer.name)));
    else if (layer instanceof SpikingActivation) {
      if (!first.ahead) this.apply(call, this.ofActivation(layer));
      else this.pass(call, first);
      this.values.set(outputs[0], { ...this.values.get(outputs[0])!, ahead: false, spikes: true });
    } else if (layer instanceof Spiking) {
      if (!first.ahead) throw refused(layer, "neurons that stand for a layer's activation", "a population of its own");
      this.pass(call, { ...first, ahead: false, spikes: true });
    } else if (layer instanceof LinearFilterLayer && first.spikes && /_synapse(_\d+)?$/.test(layer.name)) this.pass(call, first);
    else if (layer instanceof Rescaling && /_channels(_\d+)?$/.test(layer.name)) this.pass(call, first);
    else if (layer instanceof TemporalLayer || layer instanceof tfl.RNN)
      throw refused(layer, "layers that see one step", `a ${layer.getClassName()}, which sees time (temporalModel)`);
    else if (first.ahead) this.pass(call, { ...first, ahead: false });
    else this.apply(call, this.copied(layer, configOf(layer), layer.name, layer.getWeights()));
  }

  private pass({ outputs }: LayerCall, known: Known): void {
    this.values.set(outputs[0], known);
  }

  private apply({ inputs, outputs }: LayerCall, { layer, weights }: Made, ahead = false): void {
    const symbols = inputs.map((value) => this.symbol(value));
    const first = !layer.built;
    const results = [layer.apply(symbols.length === 1 ? symbols[0] : symbols)].flat() as Symbol[];
    if (first && weights.length > 0) layer.setWeights([...weights]);
    outputs.forEach((value, k) => this.values.set(value, { symbol: results[k], ahead, spikes: false }));
  }

  /** The layer within, with its activation. */
  private ofPerStep(outer: PerStep): Made {
    const { layer, foldedActivation } = outer;
    if (foldedActivation?.startsWith("{") === true) {
      const config = JSON.parse(foldedActivation) as LayerConfig;
      const made = this.copied(foldedActivation, config, nameOf(outer.name, config.config["name"] as string));
      if (made.layer.getClassName() === "PReLU")
        throw refused(outer, "an activation without weights", "PReLU, whose weights are not in the neurons put in its place");
      return made;
    }
    const { className, config } = configOf(layer);
    const active = foldedActivation === null ? config : activated(config, foldedActivation);
    return this.copied(outer, { className, config: active }, nameOf(outer.name, layer.name), layer.getWeights());
  }

  /** The layer that is nothing but an activation. */
  private ofActivation(outer: SpikingActivation): Made {
    const saved = JSON.parse((outer.getConfig()["activation"] as { name: string }).name) as string | LayerConfig | { function: string };
    const base = outer.name.replace(/_spikes(_\d+)?$/, "");
    if (typeof saved === "string") return this.copied(outer, { className: "Activation", config: { activation: saved } }, base);
    if (!("className" in saved)) throw refused(outer, "an activation that is a layer", `the function ${saved.function}`);
    const { className, config } = saved;
    return this.copied(outer, { className, config }, nameOf(base, config["name"] as string), outer.getWeights());
  }

  private copied(key: Layer | string, { className, config }: LayerConfig, name: string, weights: Made["weights"] = []): Made {
    const known = this.made.get(key);
    if (known !== undefined) return { layer: known, weights };
    const { batchInputShape: _b, inputShape: _i, ...rest } = config;
    const layer = layerFromConfig({ className, config: { ...rest, name: this.unique(name) } }, "toLayersModel");
    this.made.set(key, layer);
    return { layer, weights };
  }

  private unique(wanted: string): string {
    let name = wanted;
    for (let k = 1; this.names.has(name); k++) name = `${wanted}_${k}`;
    this.names.add(name);
    return name;
  }
}

/** A layer, and the weights that it gets once it has some. */
interface Made {
  readonly layer: Layer;
  readonly weights: ReturnType<Layer["getWeights"]>;
}

/** A layer's own name, with the names of the models around it where it had some. */
const nameOf = (outer: string, own: string): string => (outer.endsWith(`/${own}`) ? outer : own);

/** A configuration with an activation; that of a wrapper is one of the layer within. */
function activated(config: LayerConfig["config"], activation: string): LayerConfig["config"] {
  const inner = config["layer"] as LayerConfig | undefined;
  if (inner === undefined) return { ...config, activation };
  return { ...config, layer: { ...inner, config: activated(inner.config, activation) } };
}

const refused = ({ name }: Layer, expected: string, got: string): ConversionError =>
  new ConversionError({ owner: `toLayersModel of layer ${JSON.stringify(name)}`, expected, got }, { layer: name });
