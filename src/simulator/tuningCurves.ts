import { ShapeError, ValidationError, describe } from "../errors.ts";
import { linspace } from "../math/numpy.ts";
import { ndarray, type ArrayLike_, type NdArray } from "../math/ndarray.ts";
import { Ensemble, objectName } from "../network/index.ts";
import { Direct } from "../neurons/index.ts";
import type { Simulator } from "./simulator.ts";

/** How a population answers to values. */
export interface TuningCurves {
  /** `[points, dimensions]`. */
  readonly inputs: NdArray;
  /** `[points, neurons]`, Hz. */
  readonly rates: NdArray;
}

/** Points along an axis, where none are given. */
const POINTS = 50;

/**
 * Rates of an ensemble's neurons at constant values, with the encoders, gains and biases that a simulator drew or trained.
 * @param inputs - `[points, dimensions]`; left out, 50 points from -radius to radius along each of 1 or 2 dimensions
 * @throws ValidationError for Direct mode, and where inputs are left out in more than 2 dimensions
 */
export function tuningCurves(ensemble: Ensemble, sim: Simulator, inputs?: ArrayLike_): TuningCurves {
  const owner = "tuningCurves";
  if (!(ensemble instanceof Ensemble))
    throw new ValidationError({ owner, parameter: "ensemble", expected: "an Ensemble", got: objectName(ensemble) });
  const { dimensions: d, nNeurons: n, neuronType, radius } = ensemble;
  if (neuronType instanceof Direct)
    throw new ValidationError({ owner, parameter: "ensemble", expected: "an ensemble with neurons", got: "Direct mode" });
  const points = inputs === undefined ? grid(d, radius, owner) : ndarray(inputs, { owner, parameter: "inputs" });
  const [count] = points.shape as readonly [number];
  if (points.shape.length !== 2 || points.shape[1] !== d)
    throw new ShapeError({ owner, parameter: "inputs", expected: `points [n, ${d}]`, got: `shape [${points.shape.join(", ")}]` });
  const { encoders, gain, bias } = sim.data.get(ensemble);
  const J = Float64Array.from({ length: count * n }, (_, k) => {
    const [p, i] = [Math.floor(k / n), k % n];
    let x = 0;
    for (let c = 0; c < d; c++) x += points.data[p * d + c] * encoders.data[i * d + c];
    return (gain!.data[i] * x) / radius + bias!.data[i];
  });
  return { inputs: points, rates: { shape: [count, n], data: neuronType.rates(J) } };
}

function grid(d: number, radius: number, owner: string): NdArray {
  const axis = linspace(-radius, radius, POINTS);
  if (d === 1) return { shape: [POINTS, 1], data: axis };
  if (d === 2) {
    const data = Float64Array.from({ length: 2 * POINTS ** 2 }, (_, k) => {
      const p = Math.floor(k / 2);
      return axis[k % 2 === 0 ? Math.floor(p / POINTS) : p % POINTS];
    });
    return { shape: [POINTS ** 2, 2], data };
  }
  throw new ValidationError({ owner, parameter: "inputs", expected: `points [n, ${d}] for ${d} dimensions`, got: describe(undefined) });
}
