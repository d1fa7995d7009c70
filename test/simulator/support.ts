import { expect } from "chai";
import * as nengo from "../../src/index.ts";
import type { ProbeData } from "../../src/index.ts";

/** The numbers of a probe. */
export const values = (data: ProbeData): number[] => Array.from(data.data);

/** `{shape, data}` with the numbers that `at` gives. */
export function dataOf(
  shape: readonly [number, number, number],
  at: (item: number, step: number, k: number) => number,
): { shape: number[]; data: Float64Array } {
  const [items, steps, size] = shape;
  const data = Float64Array.from({ length: items * steps * size }, (_, i) =>
    at(Math.floor(i / (steps * size)), Math.floor(i / size) % steps, i % size),
  );
  return { shape: [...shape], data };
}

export interface Chain {
  readonly net: nengo.Network;
  readonly input: nengo.Node;
  readonly ensemble: nengo.Ensemble;
  readonly out: nengo.Node;
  /** Of the input. */
  readonly inputProbe: nengo.Probe;
  /** Of the decoded square, filtered. */
  readonly probe: nengo.Probe;
  readonly connection: nengo.Connection;
}

/** White noise -> a spiking ensemble -> its square. */
export function chain({
  seed = 3,
  process = true,
  nNeurons = 12,
  neuronType = new nengo.LIF(),
}: { seed?: number | null; process?: boolean; nNeurons?: number; neuronType?: nengo.NeuronType } = {}): Chain {
  const net = new nengo.Network({ seed });
  const input = net.node(process ? new nengo.WhiteSignal({ period: 0.2, high: 10, rms: 0.5 }) : (t: number) => Math.sin(30 * t), {
    label: "in",
  });
  const ensemble = net.ensemble(nNeurons, 1, { neuronType, label: "square" });
  const out = net.node({ sizeIn: 1 });
  net.connect(input, ensemble);
  const connection = net.connect(ensemble, out, { function: (x) => x[0] ** 2, synapse: null });
  const inputProbe = net.probe(input);
  const probe = net.probe(out, { synapse: 0.01, label: "out" });
  return { net, input, ensemble, out, inputProbe, probe, connection };
}

/** The error that `run` throws or rejects with, of the given class. */
export async function errorOf<E extends Error>(Class: abstract new (...args: never[]) => E, run: () => unknown): Promise<E> {
  let error: unknown;
  try {
    await run();
  } catch (e) {
    error = e;
  }
  expect(error).to.be.instanceOf(Class);
  expect((error as Error).constructor, "class of the error").to.equal(Class);
  return error as E;
}
