import { freeze } from "../declared.ts";
import { ShapeError } from "../errors.ts";
import { ndarray, type ArrayLike_, type NdArray } from "../math/ndarray.ts";
import type { RandomState } from "../math/random.ts";
import { Distribution } from "./distribution.ts";

export interface SamplesOptions {
  /** `[n]` numbers or `[n, d]` points. */
  readonly samples: ArrayLike_;
}

/** Values fixed ahead, given out as they are; nothing is drawn. */
export class Samples extends Distribution {
  static override readonly type: string = "Samples";
  static override readonly parameters: readonly string[] = ["samples"];
  readonly samples: NdArray;

  constructor(options: SamplesOptions) {
    super(options);
    this.samples = ndarray(options.samples, { owner: this.type, parameter: "samples" });
    const { shape } = this.samples;
    if (shape.length !== 1 && shape.length !== 2) {
      throw new ShapeError({
        owner: this.type,
        parameter: "samples",
        expected: "[n] numbers or [n, d] points",
        got: `shape [${shape.join(", ")}]`,
      });
    }
    freeze(this, new.target, Samples);
  }

  /** @throws ShapeError unless exactly the stored values are asked for */
  override sample(n: number, d: number | null, _rng: RandomState): Float64Array {
    const { shape, data } = this.samples;
    if (shape[0] !== n || (shape[1] ?? 1) !== (d ?? 1)) {
      throw new ShapeError({
        owner: this.type,
        parameter: "samples",
        expected: `shape [${d === null ? n : `${n}, ${d}`}], as asked for`,
        got: `shape [${shape.join(", ")}]`,
      });
    }
    return data.slice();
  }
}
