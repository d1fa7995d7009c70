import { BuildError } from "../errors.ts";
import { choleskySolve } from "./linalg.ts";
import { choleskyFactor } from "./normalEquations.ts";

/** What {@link elasticNet} is asked. */
export interface ElasticNetOptions {
  /** Weight of `|x|_1`, >= 0. */
  readonly l1: number;
  /** Weight of `|x|^2 / 2`, >= 0. */
  readonly l2: number;
  /** Most rounds through all coordinates. */
  readonly maxRounds: number;
  /** Largest slope that may be left, relative to the largest of `b`. */
  readonly tolerance: number;
}

/** What {@link elasticNet} found. */
export interface ElasticNetSolution {
  readonly x: Float64Array;
  readonly rounds: number;
  /** The largest violation of the optimality conditions, relative to the largest of `b`. */
  readonly violation: number;
}

/** Rounds of descent between two looks for the minimum among the coordinates in use. */
const ROUNDS = 5;

/**
 * The x that minimises `x^T G x / 2 - b^T x + l1 |x|_1 + l2 |x|^2 / 2`. Coordinate descent (each coordinate in turn goes to its own
 * minimum, which is 0 where the slope of the rest is below l1) finds which coordinates are in use; where columns of G are alike it is
 * slow, so every few rounds x goes to the minimum for the signs that it has, coordinates that would change sign being left at 0.
 * Sources: Friedman, Hastie & Tibshirani, J. Statistical Software 33 (2010); for the second part, Lee et al., NIPS 19 (2006),
 * "Efficient sparse coding algorithms".
 * @param gram - `[n, n]`, symmetric and positive semidefinite
 */
export function elasticNet(gram: Float64Array, b: Float64Array, { l1, l2, maxRounds, tolerance }: ElasticNetOptions): ElasticNetSolution {
  const n = b.length;
  const scale = b.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  const state: State = { gram, b, l1, l2, x: new Float64Array(n), slopes: b.slice() };
  let rounds = 0;
  let violation = scale === 0 ? 0 : Infinity;
  while (violation > tolerance && rounds < maxRounds) {
    rounds++;
    descend(state);
    if (rounds % ROUNDS === 0) settleSigns(state);
    violation = violationOf(state) / scale;
  }
  return { x: state.x, rounds, violation };
}

interface State {
  readonly gram: Float64Array;
  readonly b: Float64Array;
  readonly l1: number;
  readonly l2: number;
  readonly x: Float64Array;
  /** b - G x, kept up to date. */
  readonly slopes: Float64Array;
}

function move({ gram, x, slopes }: State, i: number, to: number): void {
  const n = x.length;
  const change = to - x[i];
  if (change === 0) return;
  x[i] = to;
  for (let j = 0; j < n; j++) slopes[j] -= change * gram[i * n + j];
}

function descend(state: State): void {
  const { gram, x, slopes, l1, l2 } = state;
  const n = x.length;
  for (let i = 0; i < n; i++) {
    const own = gram[i * n + i];
    if (own + l2 === 0) continue;
    const pull = slopes[i] + own * x[i];
    move(state, i, (Math.sign(pull) * Math.max(Math.abs(pull) - l1, 0)) / (own + l2));
  }
}

/** Goes to the minimum over the coordinates in use with their signs; the first that would change its sign becomes 0, and so on. */
function settleSigns(state: State): void {
  const { gram, b, x, slopes, l1, l2 } = state;
  const n = x.length;
  for (;;) {
    const used = Array.from(x.keys()).filter((i) => x[i] !== 0);
    const best = minimumOf(used, state);
    if (best === null) return;
    let step = 1;
    let first = -1;
    used.forEach((i, k) => {
      if (best[k] * x[i] > 0) return;
      const reach = x[i] / (x[i] - best[k]);
      if (reach < step || first < 0) [step, first] = [Math.min(step, reach), i];
    });
    used.forEach((i, k) => (x[i] = i === first ? 0 : x[i] + step * (best[k] - x[i])));
    // Anew, against rounding.
    slopes.set(b);
    for (const i of used) for (let j = 0; j < n; j++) slopes[j] -= gram[i * n + j] * x[i];
    if (first < 0) return;
  }

  function minimumOf(used: readonly number[], { x: now }: State): Float64Array | null {
    const count = used.length;
    const matrix = Float64Array.from({ length: count * count }, (_, k) => gram[used[Math.floor(k / count)] * n + used[k % count]]);
    for (let k = 0; k < count; k++) matrix[k * count + k] += l2;
    try {
      const right = Float64Array.from(used, (i) => b[i] - l1 * Math.sign(now[i]));
      return choleskySolve(choleskyFactor(matrix, count), right, count, 1);
    } catch (error) {
      // Columns that depend on each other have no one minimum: descent goes on alone.
      if (error instanceof BuildError) return null;
      throw error;
    }
  }
}

/** How far the subgradient that is nearest to 0 is from it, at the worst coordinate. */
function violationOf({ x, slopes, l1, l2 }: State): number {
  let worst = 0;
  for (let i = 0; i < x.length; i++) {
    const slope = slopes[i] - l2 * x[i];
    worst = Math.max(worst, x[i] === 0 ? Math.abs(slope) - l1 : Math.abs(slope - l1 * Math.sign(x[i])));
  }
  return worst;
}
