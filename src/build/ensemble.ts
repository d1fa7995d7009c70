import { samples, type DistOrArray } from "../distributions/distribution.ts";
import { checkRoom } from "../math/room.ts";
import { BuildError, ShapeError } from "../errors.ts";
import type { Stream } from "../ir/program.ts";
import { range, Signal } from "../ir/signal.ts";
import { RandomState } from "../math/random.ts";
import type { NdArray } from "../math/ndarray.ts";
import { objectName, trainableOf, type Ensemble } from "../network/index.ts";
import { Direct } from "../neurons/direct.ts";
import type { NeuronType } from "../neurons/neuronType.ts";
import { columnMajor, matrixOperand } from "../transforms/dense.ts";
import type { BuiltEnsemble, Model } from "./model.ts";
import { copy, noRoles, reset, whole } from "./operators.ts";
import { processOperator } from "./process.ts";

const matrix = (data: Float64Array, rows: number, columns: number): NdArray => ({ shape: [rows, columns], data });
const vector = (data: Float64Array): NdArray => ({ shape: [data.length], data });

/** Number of evaluation points where none is given. */
export const defaultPoints = (nNeurons: number, dimensions: number): number =>
  Math.max(Math.min(Math.max(500 * dimensions, 750), 2500), 2 * nNeurons);

/** Draws (or copies) evaluation points `[points, dimensions]`, multiplied by `scale`. */
export function drawPoints(source: DistOrArray, ensemble: Ensemble, scale: number, rng: RandomState): NdArray {
  const d = ensemble.dimensions;
  const count = "data" in source ? source.data.length / d : (ensemble.nEvalPoints ?? defaultPoints(ensemble.nNeurons, d));
  checkRoom(count * d, `${objectName(ensemble)}.evalPoints`);
  const data = samples(source, count, d, rng);
  return matrix(scale === 1 ? data : data.map((v) => v * scale), count, d);
}

/** A distribution's draws, or an array's values, one a neuron. */
function perNeuron(source: DistOrArray, ensemble: Ensemble, rng: RandomState, parameter: string): Float64Array {
  const data = samples(source, ensemble.nNeurons, null, rng);
  if (data.length !== ensemble.nNeurons)
    throw new ShapeError({
      owner: objectName(ensemble),
      parameter,
      expected: `${ensemble.nNeurons} numbers, one a neuron`,
      got: `${data.length}`,
    });
  return data;
}

function drawEncoders(ensemble: Ensemble, rng: RandomState): NdArray {
  const { nNeurons: n, dimensions: d } = ensemble;
  checkRoom(n * d, `${objectName(ensemble)}.encoders`);
  const data = samples(ensemble.encoders, n, d, rng);
  if (ensemble.normalizeEncoders) {
    for (let i = 0; i < n; i++) {
      const row = data.subarray(i * d, (i + 1) * d);
      let sum = 0;
      for (const v of row) sum += v * v;
      const norm = Math.sqrt(sum);
      for (let j = 0; j < d; j++) row[j] /= norm;
    }
  }
  if (data.some((v) => Number.isNaN(v)))
    throw new BuildError(
      `${objectName(ensemble)}.encoders: expected encoders of non-zero length, got one of length 0. Give every neuron a direction.`,
    );
  return matrix(data, n, d);
}

/** Gain, bias, maximum rates and intercepts, from whichever pair is given. */
function gainAndBias(ensemble: Ensemble, rng: RandomState): Pick<BuiltEnsemble, "gain" | "bias" | "maxRates" | "intercepts"> {
  const { neuronType } = ensemble;
  const given = ensemble.gain !== null && ensemble.bias !== null;
  if (!given && (ensemble.gain !== null || ensemble.bias !== null)) {
    throw new BuildError(
      `${objectName(ensemble)}: expected gain and bias together, got only ${ensemble.gain === null ? "bias" : "gain"}. Give both, or neither (and maxRates and intercepts).`,
    );
  }
  if (given) {
    const gain = perNeuron(ensemble.gain!, ensemble, rng, "gain");
    const bias = perNeuron(ensemble.bias!, ensemble, rng, "bias");
    // Direct mode keeps them to be told, and has no use for them.
    if (neuronType instanceof Direct) return { gain: vector(gain), bias: vector(bias), maxRates: null, intercepts: null };
    const { maxRates, intercepts } = neuronType.maxRatesIntercepts(gain, bias);
    return { gain: vector(gain), bias: vector(bias), maxRates: vector(maxRates), intercepts: vector(intercepts) };
  }
  const maxRates = perNeuron(ensemble.maxRates, ensemble, rng, "maxRates");
  const intercepts = perNeuron(ensemble.intercepts, ensemble, rng, "intercepts");
  // They are drawn, and told, in Direct mode too, where they mean nothing.
  if (neuronType instanceof Direct) return { gain: null, bias: null, maxRates: vector(maxRates), intercepts: vector(intercepts) };
  const { gain, bias } = neuronType.gainBias(maxRates, intercepts);
  const bad = gain.findIndex((g) => !(g > 0 && Number.isFinite(g)));
  if (bad >= 0) {
    throw new BuildError(
      `${objectName(ensemble)}: expected positive gains, got ${gain[bad]} for neuron ${bad} (maxRates ${maxRates[bad]}, intercept ${intercepts[bad]}). Intercepts must be below 1, and the rates reachable.`,
    );
  }
  return { gain: vector(gain), bias: vector(bias), maxRates: vector(maxRates), intercepts: vector(intercepts) };
}

/** encoders * gain / radius (Direct: the encoders). */
export function scaleEncoders(encoders: NdArray, gain: NdArray | null, radius: number): NdArray {
  if (gain === null) return encoders;
  const d = encoders.shape[1];
  return { shape: encoders.shape, data: encoders.data.map((e, k) => e * (gain.data[Math.floor(k / d)] / radius)) };
}

/** Everything of an ensemble that is drawn, in Nengo's order: evaluation points, encoders, gain and bias. */
export function drawEnsemble(ensemble: Ensemble, seed: number): BuiltEnsemble {
  const rng = new RandomState(seed);
  const evalPoints = drawPoints(ensemble.evalPoints, ensemble, ensemble.radius, rng);
  const direct = ensemble.neuronType instanceof Direct;
  const encoders = direct ? identity(ensemble.dimensions) : drawEncoders(ensemble, rng);
  const rest = gainAndBias(ensemble, rng);
  return { evalPoints, encoders, scaledEncoders: scaleEncoders(encoders, direct ? null : rest.gain, ensemble.radius), ...rest };
}

function identity(d: number): NdArray {
  const data = new Float64Array(d * d);
  for (let i = 0; i < d; i++) data[i * d + i] = 1;
  return matrix(data, d, d);
}

/** Builds an ensemble: draws, signals, operators. */
export function buildEnsemble(model: Model, ensemble: Ensemble): void {
  const seed = model.seed(ensemble);
  const built = drawEnsemble(ensemble, seed);
  model.ensembles.set(ensemble, built);
  const name = objectName(ensemble);
  const { neurons, neuronType } = ensemble;
  const direct = neuronType instanceof Direct;
  const n = direct ? ensemble.dimensions : ensemble.nNeurons;
  const signal = (key: string, size: number, initial?: Float64Array): Signal =>
    new Signal(`${name}.${key}`, { shape: [size], perItem: true, ...(initial === undefined ? {} : { initial }) });

  const input = model.register(ensemble, "in", signal("in", ensemble.dimensions));
  const J = model.register(neurons, "in", signal("neurons.in", n));
  const encoders = model.parameter(ensemble, {
    role: "scaledEncoders",
    name: `${name}.scaledEncoders`,
    shape: [n, ensemble.dimensions],
    initial: columnMajor(built.scaledEncoders),
    trainable: trainableOf(ensemble) ?? true,
  });
  model.add(reset(input));

  if (direct) {
    model.add(reset(J));
    model.register(neurons, "out", J);
  } else {
    const bias = model.parameter(ensemble, {
      role: "bias",
      name: `${name}.bias`,
      shape: [n],
      initial: built.bias!.data,
      trainable: trainableOf(neurons) ?? true,
    });
    model.register(neurons, "gain", new Signal(`${name}.gain`, { shape: [n], perItem: false, initial: built.gain!.data }));
    model.add(copy(whole(bias), whole(J), "set"));
    model.register(neurons, "out", signal("neurons.out", n));
    const { baseType } = neuronType;
    if (baseType === null) runNeurons(model, ensemble, neuronType, J, model.signal(neurons, "out", name));
    else {
      const rateOut = model.register(neurons, "rateOut", signal("neurons.rateOut", n));
      runNeurons(model, ensemble, baseType, J, rateOut);
      runNeurons(model, ensemble, neuronType, rateOut, model.signal(neurons, "out", name));
    }
  }
  if (ensemble.noise !== null)
    model.add(
      processOperator(model, ensemble.noise, {
        label: `SimProcess noise of ${name}`,
        output: whole(J),
        role: "inc",
        input: null,
        slot: null,
      }),
    );
  const label = `DotInc ${name}.scaledEncoders`;
  model.add({
    ...noRoles,
    label,
    incs: [J],
    reads: [encoders, input],
    lower: () => [
      { kind: "matmul", origin: label, weights: matrixOperand(encoders), x: range(input), y: range(J), role: "inc", spikes: false },
    ],
  });
  model.register(ensemble, "out", model.signal(neurons, "out", name));
}

/** One step of a neuron type as an operator, with its states, which are drawn from a generator of the ensemble's seed + 1. */
function runNeurons(model: Model, ensemble: Ensemble, neuronType: NeuronType, J: Signal, output: Signal): void {
  const seed = model.seed(ensemble);
  const name = objectName(ensemble);
  const n = ensemble.nNeurons;
  const rng = new RandomState((seed + 1) % 2 ** 32);
  const state: Record<string, Signal> = {};
  for (const [key, source] of Object.entries(neuronType.state)) {
    const initial =
      "data" in source && source.data.length === 1
        ? new Float64Array(n).fill(source.data[0])
        : perNeuron(source, ensemble, rng, `neuronType.initialState.${key}`);
    state[key] = model.register(ensemble.neurons, key, new Signal(`${name}.neurons.${key}`, { shape: [n], perItem: true, initial }));
  }
  const label = `SimNeurons ${name}`;
  const stream: Stream = { origin: label, seed: { kind: "object", seed }, maker: { kind: "generator" } };
  const signals = { dt: model.dt, J, output, state, origin: label };
  model.add({
    ...noRoles,
    label,
    sets: [output, ...Object.values(state)],
    reads: [J],
    ...(neuronType.draws ? { stream } : {}),
    lower: (phase, index) => neuronType.lower({ phase, stream: index, ...signals }),
  });
}
