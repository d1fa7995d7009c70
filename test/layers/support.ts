import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import * as nengo from "../../src/index.ts";

/** Backends that these tests can run on; tfjs-node needs a library that is not installed. */
export const backends = ["cpu", "wasm"] as const;

/** The tests of `define` on every backend. */
export function onBackends(define: (backend: string) => void): void {
  for (const backend of backends) {
    describe(`on ${backend}`, () => {
      before(() => nengo.useBackend(backend));
      after(() => tf.setBackend("cpu"));
      define(backend);
    });
  }
}

/** Numbers in a fixed, irregular order between -1 and 1. */
export const wave = (count: number, phase = 0): Float32Array => Float32Array.from({ length: count }, (_, i) => Math.sin(1.7 * i + phase));

/** `wave` as a tensor. */
export const waves = (shape: number[], phase = 0): tf.Tensor =>
  tf.tensor(
    wave(
      shape.reduce((a, b) => a * b, 1),
      phase,
    ),
    shape,
  );

/**
 * Central differences of `f` at `x`, by what float32 makes of the steps, which are small against the largest of x (decoders are far
 * smaller than encoders). `f` sees `x` changed in place.
 */
export async function differences(f: () => number | Promise<number>, x: Float32Array, part = 1e-4): Promise<number[]> {
  const out: number[] = [];
  const h = part * Math.max(...x.map(Math.abs));
  for (let i = 0; i < x.length; i++) {
    const at = x[i];
    x[i] = at + h;
    const [above, up] = [x[i], await f()];
    x[i] = at - h;
    const [below, down] = [x[i], await f()];
    x[i] = at;
    out.push((up - down) / (above - below));
  }
  return out;
}

/** Every number within a part of the largest one. */
export function expectGradient(got: ArrayLike<number>, wanted: ArrayLike<number>, part: number, what: string): void {
  expect(got.length, `numbers of ${what}`).to.equal(wanted.length);
  const scale = Math.max(...Array.from(wanted, Math.abs));
  expect(scale, `scale of the gradient of ${what}`).to.be.greaterThan(0);
  for (let i = 0; i < wanted.length; i++) {
    if (!(Math.abs(got[i] - wanted[i]) <= part * scale))
      expect.fail(`gradient of ${what}, ${i}: expected ${wanted[i]}, got ${got[i]} (scale ${scale})`);
  }
}

/** The network layer of a model. */
export const nengoLayerOf = (model: tf.LayersModel): nengo.NengoLayer =>
  model.layers.find((layer) => (layer as unknown) instanceof nengo.NengoLayer) as unknown as nengo.NengoLayer;

/** Numbers of tensors, which are disposed. */
export function numbersOf(tensors: tf.Tensor | tf.Tensor[]): number[][] {
  return [tensors].flat().map((tensor) => {
    const values = Array.from(tensor.dataSync());
    tensor.dispose();
    return values;
  });
}

/** A network with two inputs of different size and three outputs, some filtered, in rates unless told otherwise. */
export function sample({ neuronType = new nengo.LIFRate(), seed = 4 }: { neuronType?: nengo.NeuronType; seed?: number | null } = {}) {
  const net = new nengo.Network({ seed });
  net.config.ensemble.set({ neuronType });
  const [a, b] = [net.node([0, 0], { label: "a" }), net.node(0, { label: "b" })];
  const first = net.ensemble(11, 2, { label: "first" });
  const second = net.ensemble(9, 1, { label: "second", radius: 1.5 });
  net.connect(a, first, { synapse: null });
  net.connect(b, second, { synapse: 0.003 });
  const product = net.connect(first, second, { function: (x) => x[0] * x[1], synapse: 0.004 });
  const lateral = net.connect(first.neurons, second.neurons, {
    transform: Array.from({ length: 9 }, (_, i) => Array.from({ length: 11 }, (_, j) => 1e-3 * Math.cos(3 * i + j))),
    synapse: null,
  });
  const outputs = [
    net.probe(second, { label: "decoded" }),
    net.probe(second.neurons.slice(0, 3), { synapse: 0.002, label: "rates" }),
    net.probe(first, { synapse: 0.005, sampleEvery: 0.002, label: "seldom" }),
  ] as const;
  return { net, a, b, first, second, product, lateral, outputs };
}
