import { Declared } from "../declared.ts";
import type { Operator } from "../ir/operators.ts";
import type { Range, Signal } from "../ir/signal.ts";
import type { NdArray } from "../math/ndarray.ts";
import type { RandomState } from "../math/random.ts";

/** What a transform is told when it becomes operators. */
export interface TransformLowering {
  readonly weights: Signal;
  readonly x: Range;
  /** Incremented; set to zero before. */
  readonly y: Range;
  readonly spikes: boolean;
  readonly origin: string;
}

/** A linear map of a connection. */
export abstract class Transform extends Declared {
  abstract readonly sizeIn: number;
  abstract readonly sizeOut: number;
  /** The numbers of the map; draws where they come from a distribution. */
  abstract sample(rng: RandomState): NdArray;
  /** Operators that add the transformed x to y. */
  abstract lower(context: TransformLowering): Operator[];
}
