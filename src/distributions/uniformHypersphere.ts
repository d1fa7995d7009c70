import { checkBoolean, checkNumber, freeze } from "../declared.ts";
import type { RandomState } from "../math/random.ts";
import { Distribution, checkDimensions } from "./distribution.ts";

export interface UniformHypersphereOptions {
  /** Points of length 1 only. @defaultValue false */
  readonly surface?: boolean;
  /** Shortest length, in [0, 1); points on the surface ignore it. @defaultValue 0 */
  readonly minMagnitude?: number;
}

/** Points spread evenly over the unit ball, or its surface, drawn independently. */
export class UniformHypersphere extends Distribution {
  static override readonly type: string = "UniformHypersphere";
  static override readonly parameters: readonly string[] = ["surface", "minMagnitude"];
  readonly surface: boolean;
  readonly minMagnitude: number;

  constructor(options: UniformHypersphereOptions = {}) {
    super(options);
    this.surface = checkBoolean(this.type, "surface", options.surface ?? false);
    this.minMagnitude = checkNumber(this.type, "minMagnitude", options.minMagnitude ?? 0, { min: 0, below: 1 });
    freeze(this, new.target, UniformHypersphere);
  }

  override sample(n: number, dimensions: number | null, rng: RandomState): Float64Array {
    const d = checkDimensions(this, dimensions);
    const points = rng.normals(n * d);
    const lengths = this.surface ? null : rng.uniforms(n, this.minMagnitude ** d, 1);
    for (let i = 0; i < n; i++) {
      const row = points.subarray(i * d, (i + 1) * d);
      const norm = Math.sqrt(row.reduce((sum, v) => sum + v * v, 0));
      const length = lengths === null ? 1 : lengths[i] ** (1 / d);
      for (let k = 0; k < d; k++) row[k] = (row[k] / norm) * length;
    }
    return points;
  }
}
