import type { Tensor } from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { ValidationError, describe } from "../../errors.ts";
import { readout as makeReadout } from "../../layers/readout.ts";
import { Graph } from "../../model/graph.ts";
import { spikingSource, type SpikingSource } from "../spiking/spikingSource.ts";
import { spikingReport } from "../spiking/toSpiking.ts";
import { measureSubject, type Tensors } from "./measureSubject.ts";
import type { Measurement } from "./measurement.ts";
import { resolveMeasureOptions, type MeasureSpikingOptions } from "./options.ts";
import type { Subject } from "./subject.ts";

const owner = "measureSpiking";

/**
 * Measures a model that `toSpiking` made, as `Conversion.measure` does a network: outputs after every number of steps by its own
 * readout, rates, spikes and energy, beside the model that it was made from. The result is `measured` of its `spikingReport` too.
 *
 * @param x - `[items, ...shape]`, one tensor an input: without steps, as of the source model (with them, of a temporal one)
 * @param y - labels `[items]` or one-hot rows, one tensor an output; null: only the source model's outputs are compared with
 * @throws ShapeError, ValidationError for data and options that do not fit, and for other models
 */
export async function measureSpiking(
  model: LayersModel,
  x: Tensors,
  y: Tensors | null = null,
  options: MeasureSpikingOptions = {},
): Promise<Measurement> {
  const settings = resolveMeasureOptions(owner, options, false);
  const source = spikingSource(model);
  if (source === undefined)
    throw new ValidationError({
      owner,
      parameter: "model",
      expected: "a model that nengo.toSpiking made",
      got: describe(model),
      fix: "One that was saved and loaded no longer knows what it was made from",
    });
  const dense = new Set<string>();
  const measured = await measureSubject(subjectOf(model, source), x, y, {
    settings,
    readout: source.settings.readout ?? "last",
    dense,
  });
  spikingReport(model)!.measured = measured;
  return measured;
}

function subjectOf(model: LayersModel, { graph, settings, places, steps: values, read, after }: SpikingSource): Subject {
  const { dt, readout: kind, readoutDelay: delay } = settings;
  const body = new Graph(model.inputs, [...values, ...places.map(({ symbol }) => symbol)]);
  // Without a readout the last step's values are what the model gives last.
  const reading = makeReadout({ kind: kind ?? "last", dt, ...(kind === "last" || kind === null ? {} : { delay }) });
  const readAll = (given: readonly Tensor[]): Tensor[] => given.map((value) => reading.apply(value) as Tensor);
  const tail = new Graph(read, model.outputs);
  return {
    owner,
    graph,
    temporal: settings.temporalModel,
    dt,
    neurons: places.map(({ symbol: _, ...place }) => ({ ...place, oneByOne: true })),
    steps: settings.steps,
    after,
    run: (inputs) => {
      const results = body.run(inputs);
      return { outputs: results.slice(0, values.length), neurons: results.slice(values.length) };
    },
    read: (given) => tail.run(readAll(given)),
    readSource: readAll,
    firstRead: kind === null || kind === "last" ? 1 : Math.round(delay / dt) + 1,
    dispose: () => undefined,
  };
}
