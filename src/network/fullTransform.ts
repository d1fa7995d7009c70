import { Distribution } from "../distributions/distribution.ts";
import { ValidationError } from "../errors.ts";
import type { NdArray } from "../math/ndarray.ts";
import { Dense, NoTransform } from "../transforms/index.ts";
import type { Connection } from "./connection.ts";

/** Options of {@link fullTransform}. */
export interface FullTransformOptions {
  /** A column for every component of pre, not only for those that the connection takes. (With a function: one for each of its results.) @defaultValue true */
  readonly slicePre?: boolean;
  /** A row for every component of post, not only for those that the connection goes to. @defaultValue true */
  readonly slicePost?: boolean;
}

/**
 * The transform of a connection as a matrix between whole objects `[post size, pre size]`, with what it picks of both put into the matrix.
 * @throws ValidationError where the transform is no matrix: drawn from a distribution, sparse or a convolution
 */
export function fullTransform(connection: Connection, { slicePre = true, slicePost = true }: FullTransformOptions = {}): NdArray {
  const { preObject, preIndices, postObject, postIndices, sizeMid, sizeOut } = connection;
  const whole = connection.function === null && slicePre;
  const columns = whole ? preObject.sizeOut : sizeMid;
  const rows = slicePost ? postObject.sizeIn : sizeOut;
  const column = whole ? preIndices.toArray() : Int32Array.from({ length: sizeMid }, (_, k) => k);
  const row = slicePost ? postIndices.toArray() : Int32Array.from({ length: sizeOut }, (_, k) => k);
  const value = entries(connection);
  const data = new Float64Array(rows * columns);
  for (let i = 0; i < sizeOut; i++) for (let j = 0; j < sizeMid; j++) data[row[i] * columns + column[j]] += value(i, j);
  return { shape: [rows, columns], data };
}

function entries(connection: Connection): (i: number, j: number) => number {
  const { transform, sizeMid } = connection;
  const one = (i: number, j: number): number => (i === j ? 1 : 0);
  if (transform === null || transform instanceof NoTransform) return one;
  const init = transform instanceof Dense ? transform.init : null;
  if (init === null || init instanceof Distribution)
    throw new ValidationError({
      owner: "fullTransform",
      parameter: "connection",
      expected: "a transform that is a number, a vector or a matrix",
      got: `${init === null ? transform.type : `draws from ${init.type}`} in ${String(connection)}`,
    });
  const { shape, data } = init;
  if (shape.length === 2) return (i, j) => data[i * sizeMid + j];
  return (i, j) => (i === j ? data[shape.length === 0 ? 0 : i] : 0);
}
