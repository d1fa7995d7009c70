import { cast, reshape, type Tensor } from "@tensorflow/tfjs-core";
import { NengoLayer } from "../../layers/nengoLayer.ts";
import { readout as makeReadout, type ReadoutKind } from "../../layers/readout.ts";
import type { Probe } from "../../network/index.ts";
import type { NeuronType } from "../../neurons/neuronType.ts";
import type { Conversion } from "../conversion.ts";
import { sizeOf } from "../port.ts";
import { releaseLayer } from "../rateRun.ts";
import type { MeasuredNeurons, Subject } from "./subject.ts";

/** How a conversion is run and read. */
export interface NetworkReading {
  /** Seconds. */
  readonly dt: number;
  readonly readout: ReadoutKind;
  /** Seconds. */
  readonly delay: number;
}

const amplitudeOf = (neuronType: NeuronType): number => (neuronType as NeuronType & { amplitude?: number }).amplitude ?? 1;

/** A conversion's network as it is measured: a layer of it with probes of all neurons. To be disposed of. */
export function networkSubject(conversion: Conversion, { dt, readout: kind, delay }: NetworkReading): Subject {
  const { network, calls, graph, settings, outputs } = conversion;
  const places = calls.flatMap((converted) =>
    converted.neurons.map(({ ensemble, faster }) => ({
      ensemble,
      measured: {
        path: converted.call.path,
        neuronType: ensemble.neuronType.type,
        units: ensemble.nNeurons,
        spiking: ensemble.neuronType.spiking,
        unit: dt / amplitudeOf(ensemble.neuronType),
        faster,
        oneByOne: converted.neurons.length === 1 && !converted.otherFunction && ensemble.nNeurons === sizeOf(converted.port.shape),
      } satisfies MeasuredNeurons,
    })),
  );
  // Softmax and the like of an output come after the readout, as in toSpiking: their mean over steps is not that of the mean.
  const ends = graph.outputs.map((value) => {
    const port = conversion.portOf(value);
    const activated = calls.map((call) => call.activated).find((one) => one !== null && one.port === port);
    return activated === undefined || settings.temporalModel ? null : activated!;
  });
  const probes: Probe[] = [];
  const made = (probe: Probe): Probe => {
    probes.push(probe);
    return probe;
  };
  let layer: NengoLayer;
  try {
    const read = outputs.values().map((probe, k) => {
      const end = ends[k];
      return end === null ? probe : made(network.probe(end.from.object, { synapse: null }));
    });
    const fired = places.map(({ ensemble }) => made(network.probe(ensemble.neurons, { synapse: null })));
    layer = new NengoLayer({
      network,
      inputs: conversion.inputs.values(),
      outputs: [...read, ...fired],
      phase: "inference",
      dt,
    });
  } finally {
    for (const probe of probes) network.remove(probe);
  }
  const reading = makeReadout({ kind, dt, ...(kind === "last" ? {} : { delay }) });
  const read = (values: readonly Tensor[]): Tensor[] => values.map((value) => reading.apply(value) as Tensor);
  return {
    owner: "Conversion.measure",
    graph,
    temporal: settings.temporalModel,
    dt,
    neurons: places.map(({ measured }) => measured),
    steps: null,
    after: ends.map((end) => end?.activation.name ?? null),
    run: (inputs) => {
      const [batch, steps] = inputs[0].shape as [number, number];
      const flat = inputs.map((x) => reshape(cast(x, "float32"), [batch, steps, -1]));
      const recorded = [layer.apply(flat)].flat() as Tensor[];
      return {
        outputs: recorded.slice(0, outputs.size).map((y, k) => reshape(y, [batch, steps, ...graph.outputs[k].shape])),
        neurons: recorded.slice(outputs.size),
      };
    },
    read: (values) => read(values).map((value, k) => ends[k]?.activation.apply(value) ?? value),
    readSource: read,
    firstRead: kind === "last" ? 1 : Math.round(delay / dt) + 1,
    dispose: () => {
      releaseLayer(layer, conversion);
    },
  };
}
