import { samples } from "../distributions/distribution.ts";
import { RandomState } from "../math/random.ts";
import type { NeuronType } from "../neurons/neuronType.ts";
import { RatesToSpikes } from "../neurons/ratesToSpikes.ts";
import { ClippedReLU, ELU, RectifiedLinear, Sigmoid, SquaredReLU, Tanh } from "../neurons/index.ts";

/** A neuron type that fires k times as fast, and what its input must be multiplied by. */
export interface ScaledNeurons {
  readonly neuronType: NeuronType;
  readonly gain: number;
  /** What is to be known of it. */
  readonly note: string | null;
}

/** The same type with other options. */
export function changed<T extends NeuronType>(neuronType: T, changes: Readonly<Record<string, unknown>>): T {
  const { parameters } = neuronType.declaration;
  const options = Object.fromEntries(parameters.map((name) => [name, (neuronType as unknown as Record<string, unknown>)[name]]));
  return new (neuronType.constructor as new (options: object) => T)({ ...options, ...changes });
}

const amplitudeOf = (neuronType: NeuronType): number | null => {
  const { amplitude } = neuronType as NeuronType & { amplitude?: unknown };
  return typeof amplitude === "number" && neuronType.declaration.parameters.includes("amplitude") ? amplitude : null;
};

/**
 * Neurons that fire k times as fast, with an output divided by k. Where f(k J) = k f(J) (rectified linear neurons) the function is the
 * same; of a type that turns rates into spikes the rates are multiplied instead, which never changes it.
 */
export function scaledNeurons(neuronType: NeuronType, k: number): ScaledNeurons {
  if (k === 1) return { neuronType, gain: 1, note: null };
  if (neuronType instanceof RatesToSpikes) {
    const base = faster(neuronType.baseType, k);
    if (base !== null)
      return { neuronType: changed(neuronType, { baseType: base, amplitude: neuronType.amplitude / k }), gain: 1, note: null };
  }
  const amplitude = amplitudeOf(neuronType);
  if (amplitude === null)
    return { neuronType, gain: 1, note: `not scaled by ${k}, for ${neuronType.type} has no amplitude that would make up for it` };
  if (neuronType instanceof ClippedReLU)
    return {
      neuronType: changed(neuronType, { amplitude: amplitude / k, maxValue: neuronType.maxValue * k }),
      gain: k,
      note: null,
    };
  if (neuronType instanceof ELU || neuronType instanceof SquaredReLU)
    return { neuronType, gain: 1, note: `not scaled by ${k}, for ${neuronType.type} are rates, and their curve is not a straight line` };
  const homogeneous = neuronType instanceof RectifiedLinear;
  return {
    neuronType: changed(neuronType, { amplitude: amplitude / k }),
    gain: k,
    note: homogeneous ? null : `the curve of ${neuronType.type} is not a straight line: scaled by ${k}, the function is another one`,
  };
}

/** A rate type whose rates are multiplied by k; null where it has no parameter for that. */
function faster(neuronType: NeuronType, k: number): NeuronType | null {
  if (neuronType instanceof Sigmoid || neuronType instanceof Tanh) return changed(neuronType, { tauRef: neuronType.tauRef / k });
  const amplitude = amplitudeOf(neuronType);
  return amplitude === null ? null : changed(neuronType, { amplitude: amplitude * k });
}

/**
 * A neuron type whose voltage begins at a value, where it has a voltage from 0 to 1 (not one in mV) and says no start of its own.
 */
export function startingAt(neuronType: NeuronType, initialVoltage: number | null): NeuronType {
  const { defaultState, initialState } = neuronType;
  if (initialVoltage === null || !Object.hasOwn(defaultState, "voltage") || Object.hasOwn(initialState, "voltage")) return neuronType;
  const usual = samples(defaultState["voltage"], 16, null, new RandomState(0));
  if (usual.some((v) => !(v >= 0 && v <= 1))) return neuronType;
  return changed(neuronType, { initialState: { ...initialState, voltage: [initialVoltage] } });
}

/** Whether two neuron types have the same rate: one may be the spiking form of the other. */
export function sameRate(a: NeuronType, b: NeuronType): boolean {
  const currents = Float64Array.from({ length: 81 }, (_, k) => (k - 40) / 4);
  const rates = a.rates(currents);
  const amplitude = a.baseType === null ? 1 : ((a as NeuronType & { amplitude?: number }).amplitude ?? 1);
  const other = b.rates(currents);
  return rates.every((r, k) => Math.abs(r * amplitude - other[k]) <= 1e-9 * Math.max(1, Math.abs(other[k])));
}
