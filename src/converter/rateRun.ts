import { cast, reshape, tidy, type Tensor } from "@tensorflow/tfjs-core";
import type { LayerVariable } from "@tensorflow/tfjs-layers";
import { NengoLayer } from "../layers/nengoLayer.ts";
import type { Probe } from "../network/index.ts";
import type { Conversion } from "./conversion.ts";
import type { Port } from "./port.ts";

/** Tensors `[batch, ...shape]`, or `[batch, steps, ...shape]` of a temporal model. */
export type Recorded = ReadonlyMap<Port, Tensor>;

/**
 * Runs a conversion's network with rates in place of spikes and without the options' synapse, as the model is run, and records
 * ports. The tensors are the caller's. The network is as before afterwards.
 * @param inputs - `[batch, ...shape]`, or `[batch, steps, ...shape]` of a temporal model
 */
export function runRates(conversion: Conversion, inputs: readonly Tensor[], ports: readonly Port[], dt = 0.001): Recorded {
  const { network, settings } = conversion;
  const filtered = settings.synapse === null ? [] : network.allConnections.filter(({ synapse }) => synapse === settings.synapse);
  for (const connection of filtered) connection.synapse = null;
  const probes: Probe[] = [];
  let layer: NengoLayer;
  try {
    for (const { object } of ports) probes.push(network.probe(object, { synapse: null }));
    layer = new NengoLayer({ network, inputs: conversion.inputs.values(), outputs: probes, phase: "training", dt });
  } finally {
    for (const probe of probes) network.remove(probe);
    for (const connection of filtered) connection.synapse = settings.synapse;
  }
  const steps = settings.temporalModel ? inputs[0].shape[1]! : 1;
  try {
    const outputs = tidy(() => {
      const flat = inputs.map((x) => reshape(cast(x, "float32"), [x.shape[0], steps, -1]));
      const recorded = [layer.apply(flat)].flat() as Tensor[];
      const lead = [inputs[0].shape[0], ...(settings.temporalModel ? [steps] : [])];
      return recorded.map((y, k) => reshape(y, [...lead, ...ports[k].shape]));
    });
    return new Map(ports.map((port, k) => [port, outputs[k]]));
  } finally {
    releaseLayer(layer, conversion);
  }
}

/** Disposes a layer but not the weights of layers inside tensor nodes, which are the conversion's. */
export function releaseLayer(layer: NengoLayer, { calls }: Conversion): void {
  // Data that did not fit leave it without weights.
  if (!layer.built) return;
  const kept = new Set(calls.flatMap(({ copies }) => copies.flatMap(({ copy }) => copy.weights)));
  const own = layer as unknown as { _trainableWeights: LayerVariable[]; _nonTrainableWeights: LayerVariable[] };
  own._trainableWeights = own._trainableWeights.filter((weight) => !kept.has(weight));
  own._nonTrainableWeights = own._nonTrainableWeights.filter((weight) => !kept.has(weight));
  layer.dispose();
}
