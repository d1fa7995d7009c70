import type { layers } from "@tensorflow/tfjs-layers";
import { deviceNamed, energyDevices } from "../../energy/devices.ts";
import { ruleOf } from "../../energy/layerRule.ts";
import type { Energy } from "../../energy/modelEnergy.ts";
import "../../energy/nengoLayers.ts";
import { isKnown } from "../../energy/standardLayers.ts";
import type { ModelGraph, Value } from "../graph.ts";
import type { LayerRates } from "./rateTally.ts";

/** What a layer does in an inference. */
export interface LayerEvents {
  readonly name: string;
  /** Weights that an event passes, in one step. */
  readonly connections: number;
  /** Synaptic events of all steps: a spike (or, of values that are no spikes, a step where it is not 0) at one weight. */
  readonly events: number;
  /** Neurons that are updated at every step. */
  readonly neurons: number;
}

/** Energy of an inference by device, and what it comes from. */
export interface MeasuredEnergy {
  /** Joule; devices that do not spike compute the source model once (over time: at every step). */
  readonly devices: Readonly<Record<string, Energy>>;
  readonly layers: readonly LayerEvents[];
  /** What the figures leave out. */
  readonly warnings: readonly string[];
}

/** What {@link measuredEnergy} goes by. */
export interface EnergyParts {
  readonly graph: ModelGraph;
  readonly temporal: boolean;
  readonly steps: number;
  readonly dt: number;
  /** Layers that became neurons. */
  readonly rates: readonly LayerRates[];
  /** Layers whose values are no events of others, but come at every step. */
  readonly dense: ReadonlySet<string>;
  /** Parts of the values of each input that are not 0. */
  readonly inputs: readonly number[];
}

/**
 * Energy of an inference from the spikes that were measured. A layer without neurons passes on as many events as come to it: on a
 * device its weights and those of the next layer are one matrix.
 */
export function measuredEnergy({ graph, temporal, steps, dt, rates, dense, inputs }: EnergyParts): MeasuredEnergy {
  const byName = new Map(rates.map((layer) => [layer.name, layer]));
  /** Events of a value in one step. */
  const perStep = new Map<Value, number>(graph.inputs.map((value, k) => [value, inputs[k]]));
  const costs = graph.calls.map((call) => {
    const given = call.inputs.map((value) => perStep.get(value)!);
    const mean = given.length === 0 ? 0 : given.reduce((a, b) => a + b, 0) / given.length;
    const neurons = byName.get(call.path);
    const own = neurons === undefined ? (dense.has(call.path) ? 1 : mean) : neurons.spiking ? neurons.mean * dt : neurons.active;
    for (const value of call.outputs) if (!graph.inputs.includes(value)) perStep.set(value, own);
    const { layer } = call;
    const cost = ruleOf(layer)?.cost({ layer, input: call.inputs[0]?.shape ?? [], output: call.outputs[0].shape, values: null }) ?? {};
    const synapses = cost.synapses ?? [];
    const often = { input: mean, output: own, step: 1 };
    const events = synapses.reduce((sum, { count, rate }) => sum + count * (typeof rate === "number" ? rate * dt : often[rate]), 0);
    const source = cost.neurons ?? 0;
    return {
      name: call.path,
      connections: synapses.reduce((sum, { count }) => sum + count, 0),
      events: events * steps,
      neurons: neurons?.neurons ?? source,
      source,
    };
  });
  const sum = (of: (cost: (typeof costs)[number]) => number): number => costs.reduce((total, cost) => total + of(cost), 0);
  const runs = temporal ? steps : 1;
  const energies = energyDevices().map((name) => {
    const device = deviceNamed(name);
    const synapses = device.synapse * (device.spiking ? sum(({ events }) => events) : runs * sum(({ connections }) => connections));
    const neurons = device.neuron * (device.spiking ? steps * sum((cost) => cost.neurons) : runs * sum(({ source }) => source));
    return [name, { synapses, neurons, total: synapses + neurons }] as const;
  });
  return {
    devices: Object.fromEntries(energies),
    layers: costs.map(({ source: _, ...layer }) => layer),
    warnings: warningsOf(graph, rates),
  };
}

function warningsOf({ calls }: ModelGraph, rates: readonly LayerRates[]): string[] {
  const unknown = calls.filter(({ layer }) => !isKnown(layer)).map(({ layer }) => nameOf(layer));
  const analog = rates.filter(({ spiking }) => !spiking).map(({ name }) => name);
  return [
    ...[...new Set(unknown)].map((name) => `layers of class ${name} count as nothing; make them known by nengo.registerLayerEnergy`),
    ...(analog.length === 0 ? [] : [`${analog.join(", ")} do not spike: every value that is not 0 is an event at every step`]),
  ];
}

const nameOf = (layer: layers.Layer): string => layer.getClassName();
