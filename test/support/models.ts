import { networkFromJSON, type NetworkDocument } from "../../src/json/index.ts";
import type { NdArray } from "../../src/math/ndarray.ts";
import type { Engine } from "../../src/engines/engine.ts";
import type { ArrayJSON, SpikesJSON } from "./nengoNetworks.ts";
import { simulate } from "./simulate.ts";

/** A parameter by its shape, some of its numbers, and sums. */
interface Brief {
  readonly shape: readonly number[];
  readonly every: number;
  readonly some: readonly number[];
  readonly sum: number;
  readonly largest: number;
}

/** A model that the Python exporter wrote, with what Python Nengo made of it (see test/fixtures/nengo/models.py). */
export interface ModelCase {
  readonly document: NetworkDocument;
  readonly seed: number;
  readonly ensembles: readonly Readonly<Record<string, Brief>>[];
  readonly connections: readonly (Brief | null)[];
  readonly probes: readonly (ArrayJSON | SpikesJSON)[];
}

function compareBrief(got: NdArray | null, wanted: Brief | null | undefined, what: string): string[] {
  if (wanted === null || wanted === undefined || got === null)
    return got === null && (wanted ?? null) === null ? [] : [`${what}: one has it, one has not`];
  if (got.shape.join() !== wanted.shape.join()) return [`${what}: shape ${got.shape.join()} for ${wanted.shape.join()}`];
  const close = 1e-12 * Math.max(wanted.largest, Number.MIN_VALUE);
  const bad = wanted.some.findIndex((v, k) => !(Math.abs(got.data[k * wanted.every] - v) <= close));
  if (bad >= 0)
    return [`${what}: ${got.data[bad * wanted.every]} for ${wanted.some[bad]} at ${bad * wanted.every} (largest ${wanted.largest})`];
  const sum = got.data.reduce((a, b) => a + b, 0);
  return Math.abs(sum - wanted.sum) <= close * got.data.length ? [] : [`${what}: sum ${sum} for ${wanted.sum}`];
}

function compareRecord({ shape, data }: NdArray, wanted: ArrayJSON | SpikesJSON, what: string): string[] {
  if (shape.join() !== wanted.shape.join()) return [`${what}: shape ${shape.join()} for ${wanted.shape.join()}`];
  if ("events" in wanted) {
    const spikes = new Float64Array(data.length);
    for (const [step, neuron, count] of wanted.events) spikes[step * shape[1] + neuron] = count;
    const bad = data.findIndex((v, k) => Math.abs(v / wanted.height - spikes[k]) > 1e-9);
    return bad < 0 ? [] : [`${what}: spikes differ first at step ${Math.floor(bad / shape[1])}, neuron ${bad % shape[1]}`];
  }
  const largest = wanted.data.reduce((a, v) => Math.max(a, Math.abs(v)), 0);
  const bad = wanted.data.findIndex((v, k) => !(Math.abs(data[k] - v) <= 1e-9 * Math.max(1, largest)));
  return bad < 0 ? [] : [`${what}: ${data[bad]} for ${wanted.data[bad]} at ${bad} (largest ${largest})`];
}

/** What differs between a model here and in Python Nengo: nothing, it is to be hoped. */
export function differences({ document, ensembles, connections, probes }: ModelCase, options: { readonly engine?: Engine } = {}): string[] {
  const net = networkFromJSON(document);
  const { built, data } = simulate(net, { nSteps: 200, ...options });
  return [
    ...net.allEnsembles.flatMap((ensemble, k) => {
      const { gain, bias, scaledEncoders, evalPoints } = built.ensembles.get(ensemble)!;
      const wanted = ensembles[k];
      return [
        ...compareBrief(evalPoints, wanted["eval_points"], `ensemble ${k} evalPoints`),
        ...compareBrief(scaledEncoders, wanted["scaled_encoders"], `ensemble ${k} scaledEncoders`),
        ...compareBrief(gain, wanted["gain"], `ensemble ${k} gain`),
        ...compareBrief(bias, wanted["bias"], `ensemble ${k} bias`),
      ];
    }),
    ...net.allConnections.flatMap((c, k) =>
      compareBrief(built.connections.get(c)!.weights, connections[k], `connection ${k} (${String(c)}, ${c.solver.type}) weights`),
    ),
    ...net.allProbes.flatMap((probe, k) => compareRecord(data(probe), probes[k], `probe ${k} (${String(probe)} ${probe.attribute})`)),
  ];
}
