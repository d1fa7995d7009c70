import type { Tensor } from "@tensorflow/tfjs-core";

/** One array of a file. */
export interface StoredWeight {
  /** Its path in the file, e.g. `conv2d/kernel`. */
  readonly name: string;
  readonly shape: readonly number[];
  /** A new tensor, float32 or int32; the caller's to dispose. */
  read(): Tensor;
}

/** Arrays by the names of their variables: Keras 2 `.h5` (a list for each layer of the model) and tfjs (one list). */
export interface NamedWeights {
  readonly kind: "named";
  /** Arrays of a layer of the outer model in the file's order; null where the file does not divide them by layers. */
  of(layer: string): readonly StoredWeight[] | null;
  readonly all: readonly StoredWeight[];
}

/** Arrays by their place in the tree of objects: `.keras`. */
export interface PlacedWeights {
  readonly kind: "placed";
  /** Whether the numbers of layers of one class have gaps, as those of Keras 2.12 have. */
  readonly gaps: boolean;
  /** Arrays of the object at a path such as `layers/dense_1`, in order. */
  at(path: string): readonly StoredWeight[];
  /** Whether there is an object at a path. */
  has(path: string): boolean;
}

export type ModelWeights = NamedWeights | PlacedWeights;
