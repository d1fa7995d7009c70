import fc from "fast-check";
import * as nengo from "../../src/index.ts";
import { makeNetwork, networkSpecs, neuronTypes, type MadeNetwork, type NetworkChoices, type NetworkSpec } from "../support/arbitraries.ts";

const KINDS = [
  "alpha",
  "triangle",
  "filter",
  "weights",
  "sparse",
  "convolution",
  "transposed",
  "present",
  "host",
  "PES",
  "RLS",
  "Voja",
  "BCM",
  "Oja",
] as const;

/** A random network with parts that the small ones of the tests do not have: plain data, so that a failing one can be read. */
export interface RichSpec {
  readonly base: NetworkSpec;
  readonly parts: readonly { readonly kind: (typeof KINDS)[number]; readonly from: number; readonly to: number; readonly size: number }[];
}

/** `most`: neurons of an ensemble, so that vectors, lists of spikes and blocks have ends of all kinds. */
export function richSpecs({ choices = {}, most = 40 }: { choices?: NetworkChoices; most?: number } = {}): fc.Arbitrary<RichSpec> {
  const { types = neuronTypes } = choices;
  const ensemble = fc.record({
    n: fc.oneof(fc.integer({ min: 2, max: 9 }), fc.integer({ min: 2, max: most })),
    d: fc.integer({ min: 1, max: 4 }),
    type: fc.nat(types.length - 1),
    radius: fc.constantFrom(1, 0.5, 2),
    noisy: choices.noise === false ? fc.constant(false) : fc.boolean(),
  });
  const part = fc.record({ kind: fc.constantFrom(...KINDS), from: fc.nat(99), to: fc.nat(99), size: fc.integer({ min: 1, max: 5 }) });
  return fc.record({
    base: fc
      .tuple(networkSpecs(choices), fc.array(ensemble, { minLength: 1, maxLength: 4 }))
      .map(([s, ensembles]) => ({ ...s, ensembles })),
    parts: fc.array(part, { maxLength: 4 }),
  });
}

/** Makes it; parts that make no sense between the chosen ensembles are left out. */
export function makeRich({ base, parts }: RichSpec, choices: NetworkChoices = {}): MadeNetwork {
  const made = makeNetwork(base, choices);
  const { net } = made;
  const rng = new nengo.RandomState(base.seed + 1);
  const matrix = (rows: number, columns: number, scale: number): number[][] =>
    Array.from({ length: rows }, () => Array.from(rng.normals(columns), (v) => v * scale));
  const ensembles = [...net.ensembles];
  const probes = [...made.probes];
  const spiky = (e: nengo.Ensemble): boolean => !(e.neuronType instanceof nengo.Direct);
  for (const { kind, from, to, size } of parts) {
    const [a, b] = [ensembles[from % ensembles.length], ensembles[to % ensembles.length]];
    if (!spiky(a) || !spiky(b)) continue;
    const across = matrix(b.dimensions, a.dimensions, 0.5);
    const decoded = { transform: across, synapse: 0.005 };
    const error = (connection: nengo.Connection): void => {
      const rule = connection.learningRule as nengo.LearningRule;
      net.connect(ensembles[size % ensembles.length], rule, {
        transform: matrix(rule.sizeIn, ensembles[size % ensembles.length].dimensions, 0.5),
        synapse: 0.003,
      });
      probes.push(net.probe(connection, { attribute: "weights", sampleEvery: 0.01 }));
    };
    switch (kind) {
      case "alpha":
        net.connect(a, b, { transform: across, synapse: new nengo.Alpha({ tau: 0.002 * size }) });
        break;
      case "triangle":
        net.connect(a, b, { transform: across, synapse: new nengo.Triangle({ t: 0.0015 * size }) });
        break;
      case "filter":
        net.connect(a, b, { transform: across, synapse: new nengo.LinearFilter({ num: [1], den: [1e-5 * size, 0.004, 1] }) });
        break;
      case "weights":
        net.connect(a, b, { ...decoded, solver: new nengo.LstsqL2({ weights: true }) });
        break;
      case "sparse": {
        const indices = Array.from({ length: 3 * size }, () => [rng.randint(0, b.nNeurons), rng.randint(0, a.nNeurons)]);
        const unique = [...new Map(indices.map((pair) => [pair.join(), pair])).values()];
        const init = Array.from(rng.normals(unique.length), (v) => v * 3e-4);
        net.connect(a.neurons, b.neurons, {
          transform: new nengo.Sparse({ shape: [b.nNeurons, a.nNeurons], indices: unique, init }),
          synapse: 0.004,
        });
        break;
      }
      case "convolution":
      case "transposed": {
        const image = net.node({ sizeIn: 4 * size });
        const options = { nFilters: 2, inputShape: [size, 2, 2], kernelSize: [Math.min(size, 2), 2], padding: "same" } as const;
        const transform = kind === "convolution" ? new nengo.Convolution(options) : new nengo.ConvolutionTranspose(options);
        const result = net.node({ sizeIn: transform.sizeOut });
        net.connect(a.neurons, image, { transform: matrix(4 * size, a.nNeurons, 1e-3), synapse: null });
        net.connect(image, result, { transform, synapse: 0.002 });
        net.connect(result, b, { transform: matrix(b.dimensions, transform.sizeOut, 0.1), synapse: null });
        probes.push(net.probe(result));
        break;
      }
      case "present": {
        const inputs = matrix(size, b.dimensions, 0.7);
        net.connect(net.node(new nengo.PresentInput({ inputs, presentationTime: 0.0025 * size })), b, { synapse: null });
        break;
      }
      case "host": {
        const call = net.node((t: number, x: Float64Array) => x.map((v) => Math.round(8 * v) / 8 + t), {
          sizeIn: a.dimensions,
          sizeOut: a.dimensions,
        });
        net.connect(a, call, { synapse: 0.002 });
        net.connect(call, b, decoded);
        break;
      }
      case "PES":
        error(net.connect(a, b, { ...decoded, learningRuleType: new nengo.PES({ learningRate: 1e-4 }) }));
        break;
      case "RLS":
        error(net.connect(a, b, { ...decoded, learningRuleType: new nengo.RLS({ learningRate: 1e-3 }) }));
        break;
      case "Voja":
        net.connect(a, b, { ...decoded, learningRuleType: new nengo.Voja({ learningRate: 1e-2 }) });
        break;
      case "BCM":
      case "Oja": {
        const rule = kind === "BCM" ? new nengo.BCM({ learningRate: 1e-9 }) : new nengo.Oja({ learningRate: 1e-8 });
        const weights = matrix(b.nNeurons, a.nNeurons, 1e-4);
        const learned = net.connect(a.neurons, b.neurons, { transform: weights, learningRuleType: rule, synapse: 0.005 });
        probes.push(net.probe(learned, { attribute: "weights", sampleEvery: 0.01 }));
        break;
      }
    }
  }
  for (const e of ensembles) probes.push(net.probe(e.neuronType instanceof nengo.Direct ? e : e.neurons));
  return { net, inputs: made.inputs, probes };
}
