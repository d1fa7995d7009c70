import { slice, tensor, type Tensor } from "@tensorflow/tfjs-core";
import { ShapeError, ValidationError } from "../../errors.ts";
import type { DataArray, NamedArrays } from "./dataArray.ts";

/** Where a tensor of data goes. */
export interface DataPlace {
  readonly name: string;
  /** Of one item; null: as the data are. */
  readonly shape: readonly number[] | null;
}

/** How data become tensors. */
export interface DataTensorOptions {
  /** Only the first ones. @defaultValue all */
  readonly items?: number;
  /** All numbers are divided by it. @defaultValue 1 */
  readonly divide?: number;
}

/**
 * Tensors `[items, ...shape]` of data, one a place; items of as many numbers in another shape are reshaped (28 x 28 to 28 x 28 x 1).
 * @throws ShapeError for items of another size, ValidationError for missing and unknown names
 */
export function dataTensors(owner: string, data: NamedArrays, places: readonly DataPlace[], options: DataTensorOptions = {}): Tensor[] {
  const names = places.map(({ name }) => name);
  if (data instanceof Map) {
    const unknown = [...(data as ReadonlyMap<string, DataArray>).keys()].find((name) => !names.includes(name));
    if (unknown !== undefined || data.size !== places.length)
      throw new ValidationError({
        owner,
        expected: `data of ${names.join(", ")}`,
        got: unknown ?? `data of ${[...data.keys()].join(", ")}`,
      });
    return places.map((place) => one(`${owner}.${place.name}`, (data as ReadonlyMap<string, DataArray>).get(place.name)!, place, options));
  }
  if (places.length !== 1) throw new ValidationError({ owner, expected: `an object with data of ${names.join(", ")}`, got: "one array" });
  return [one(owner, data as DataArray, places[0], options)];
}

/** The first items of tensors. */
export const firstItems = (tensors: readonly Tensor[], count: number): Tensor[] =>
  tensors.map((all) => slice(all, 0, Math.min(count, all.shape[0])));

function one(owner: string, { shape: given, data }: DataArray, { shape }: DataPlace, { items, divide = 1 }: DataTensorOptions): Tensor {
  const [all = 0, ...own] = given;
  const size = own.reduce((a, b) => a * b, 1);
  const wanted = shape ?? own;
  if (all === 0 || wanted.reduce((a, b) => a * b, 1) !== size)
    throw new ShapeError({ owner, expected: `[items, ${wanted.join(", ")}]`, got: `[${given.join(", ")}]` });
  const count = Math.min(all, items ?? all);
  const part = data.subarray(0, count * size);
  return tensor(divide === 1 ? part : part.map((v) => v / divide), [count, ...wanted]);
}
