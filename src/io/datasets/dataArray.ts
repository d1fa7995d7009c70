/** Numbers from a file, row-major. */
export interface DataArray {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Names of inputs or outputs with their numbers, or one array. */
export type NamedArrays = DataArray | ReadonlyMap<string, DataArray>;
