import { freeze } from "../declared.ts";
import { NengoError } from "../errors.ts";
import { integerPower } from "../math/integerPower.ts";
import type { RandomState } from "../math/random.ts";
import { Distribution, checkDimensions } from "./distribution.ts";

/**
 * Points that fill the unit cube more evenly than independent draws: an additive recurrence whose steps are powers of the
 * generalised golden ratio, from a random start, in random order.
 * Source: M. Roberts, "The unreasonable effectiveness of quasirandom sequences" (2018).
 */
export class QuasirandomSequence extends Distribution {
  static override readonly type: string = "QuasirandomSequence";

  constructor(options: Record<string, never> = {}) {
    super(options);
    freeze(this, new.target, QuasirandomSequence);
  }

  override sample(n: number, dimensions: number | null, rng: RandomState): Float64Array {
    const d = checkDimensions(this, dimensions);
    const start = rng.uniforms(d);
    const points = new Float64Array(n * d);
    if (d === 1) {
      for (let i = 0; i < n; i++) points[i] = (start[0] + (1 / n) * i) % 1;
    } else {
      const step = 1 / goldenRatio(d);
      const steps = Float64Array.from({ length: d }, (_, k) => integerPower(step, k + 1));
      for (let i = 0; i < n; i++) for (let k = 0; k < d; k++) points[i * d + k] = (start[k] + (i + 1) * steps[k]) % 1;
    }
    rng.shuffleRows(points, d);
    return points;
  }
}

const MAX_ITERATIONS = 100;

/** The positive root of x^(d+1) = x + 1, by Newton's method. */
function goldenRatio(d: number): number {
  let x = 1;
  for (let i = 0; i < MAX_ITERATIONS; i++) {
    const step = (integerPower(x, d + 1) - x - 1) / ((d + 1) * integerPower(x, d) - 1);
    x -= step;
    if (Math.abs(step) < 1e-10) return x;
  }
  throw new NengoError(
    `QuasirandomSequence: expected Newton's method to converge in ${MAX_ITERATIONS} steps for ${d} dimensions, got ${x}. Use UniformHypersphere instead.`,
  );
}
