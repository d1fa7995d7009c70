import { ValidationError } from "../errors.ts";
import { Ensemble, objectName } from "../network/index.ts";
import { Direct } from "../neurons/index.ts";
import type { Simulator } from "../simulator/index.ts";

/** How much intercepts count beside encoders: enough to order neurons whose encoders are alike. */
const INTERCEPTS = 0.05;
/** Most rounds of improvement; in one, every pair of places is looked at. */
const ROUNDS = 20;

/**
 * An order of an ensemble's neurons in which neighbours have similar encoders, and of these similar intercepts: in a raster plot, what
 * fires together stands together. The order is a short path through all neurons: always to the nearest that is left, then parts
 * are turned round as long as that makes it shorter ("2-opt": Croes, Operations Research 6 (1958)).
 * @returns indices of neurons
 * @throws ValidationError for Direct mode
 */
export function sortedNeurons(ensemble: Ensemble, sim: Simulator): Int32Array {
  const owner = "sortedNeurons";
  if (!(ensemble instanceof Ensemble))
    throw new ValidationError({ owner, parameter: "ensemble", expected: "an Ensemble", got: objectName(ensemble) });
  if (ensemble.neuronType instanceof Direct)
    throw new ValidationError({ owner, parameter: "ensemble", expected: "an ensemble with neurons", got: "Direct mode" });
  const { encoders, intercepts } = sim.data.get(ensemble);
  const d = ensemble.dimensions;
  const distance = (a: number, b: number): number => {
    let sum = (INTERCEPTS * (intercepts!.data[a] - intercepts!.data[b])) ** 2;
    for (let k = 0; k < d; k++) sum += (encoders.data[a * d + k] - encoders.data[b * d + k]) ** 2;
    return Math.sqrt(sum);
  };
  const path = nearestNeighbours(ensemble.nNeurons, extreme(intercepts!.data), distance);
  shorten(path, distance);
  return path;
}

/** Where a path begins well: at an end. */
const extreme = (values: Float64Array): number => values.reduce((best, v, i) => (v > values[best] ? i : best), 0);

function nearestNeighbours(n: number, start: number, distance: (a: number, b: number) => number): Int32Array {
  const path = new Int32Array(n);
  const left = new Set(Array.from({ length: n }, (_, i) => i));
  let at = start;
  for (let k = 0; k < n; k++) {
    path[k] = at;
    left.delete(at);
    let nearest = -1;
    let least = Infinity;
    for (const other of left) {
      const way = distance(at, other);
      if (way < least) [nearest, least] = [other, way];
    }
    at = nearest;
  }
  return path;
}

function shorten(path: Int32Array, distance: (a: number, b: number) => number): void {
  const n = path.length;
  for (let round = 0, better = true; better && round < ROUNDS; round++) {
    better = false;
    for (let i = 0; i < n - 1; i++) {
      for (let j = i + 1; j < n; j++) {
        // Turning the part from i to j round changes the ways at its two ends only.
        const before = (i > 0 ? distance(path[i - 1], path[i]) : 0) + (j < n - 1 ? distance(path[j], path[j + 1]) : 0);
        const after = (i > 0 ? distance(path[i - 1], path[j]) : 0) + (j < n - 1 ? distance(path[i], path[j + 1]) : 0);
        if (after < before - 1e-12) {
          path.subarray(i, j + 1).reverse();
          better = true;
        }
      }
    }
  }
}
