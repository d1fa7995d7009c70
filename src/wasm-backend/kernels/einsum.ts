import type { TensorInfo } from "@tensorflow/tfjs-core";
import { backend_util } from "@tensorflow/tfjs-core";
import { reshaped, runKernel, sizeOf, transposed } from "../internals.ts";
import type { WasmBackend } from "../internals.ts";
import type { Kernel, KernelContext } from "../kernel.ts";
import { multiply } from "./multiply.ts";

/** A tensor and the letter of each of its axes. */
interface Labelled {
  readonly tensor: TensorInfo;
  readonly letters: readonly string[];
}

/**
 * `tf.einsum` of one or two tensors; the wasm backend has none. Two float32 tensors are one batched matrix product: letters in both and in
 * the result are its batch, letters in both only its depth. Other dtypes are multiplied value by value and summed, as on tfjs's cpu backend.
 */
export const einsum: Kernel = {
  name: "Einsum",
  run(context, inputs, { equation }) {
    const { backend } = context;
    const tensors = Object.values(inputs);
    const { allDims, idDims } = backend_util.decodeEinsumEquation(equation as string, tensors.length); // checks the equation
    backend_util.checkEinsumDimSizes(allDims.length, idDims, tensors as never);
    const [terms, result] = (equation as string).replace(/\s/g, "").split("->");
    const wanted = [...result];
    const operands = terms.split(",").map((term, k) => keep(backend, { tensor: tensors[k], letters: [...term] }));
    const others = (k: number): readonly string[] => [
      ...wanted,
      ...operands.filter((_, other) => other !== k).flatMap(({ letters }) => letters),
    ];
    const reduced = operands.map((operand, k) => sumOut(backend, operand, new Set(others(k))));
    if (reduced.length === 1) return arrange(backend, reduced[0], wanted).tensor;
    const [a, b] = reduced;
    const float = a.tensor.dtype === "float32" && b.tensor.dtype === "float32";
    return (float ? asProduct : valueByValue)(context, a, b, wanted);
  },
};

const keep = (backend: WasmBackend, { tensor, letters }: Labelled): Labelled => ({
  tensor: reshaped(backend, tensor, tensor.shape),
  letters,
});

/** Each of the following takes its operand over: it is released or returned. */
function step(backend: WasmBackend, { tensor }: Labelled, next: TensorInfo, letters: readonly string[]): Labelled {
  backend.disposeData(tensor.dataId);
  return { tensor: next, letters };
}

/** Sums over the letters that nobody else has. */
function sumOut(backend: WasmBackend, operand: Labelled, needed: ReadonlySet<string>): Labelled {
  const axis = operand.letters.flatMap((letter, k) => (needed.has(letter) ? [] : [k]));
  if (axis.length === 0) return operand;
  const letters = operand.letters.filter((letter) => needed.has(letter));
  return step(backend, operand, runKernel(backend, "Sum", { x: operand.tensor }, { axis, keepDims: false }), letters);
}

/** Axes in the order of `letters`, which are the operand's own. */
function arrange(backend: WasmBackend, operand: Labelled, letters: readonly string[]): Labelled {
  if (letters.every((letter, k) => operand.letters[k] === letter)) return operand;
  const perm = letters.map((letter) => operand.letters.indexOf(letter));
  return step(backend, operand, transposed(backend, operand.tensor, perm), letters);
}

function asProduct(context: KernelContext, a: Labelled, b: Labelled, wanted: readonly string[]): TensorInfo {
  const { backend } = context;
  const [batch, depth] = [true, false].map((kept) => a.letters.filter((l) => b.letters.includes(l) && wanted.includes(l) === kept));
  const [left, right] = [a, b].map(({ letters }) => letters.filter((l) => !batch.includes(l) && !depth.includes(l)));
  const extent = new Map([a, b].flatMap(({ tensor, letters }) => letters.map((l, axis) => [l, tensor.shape[axis]] as const)));
  const extents = (letters: readonly string[]): number[] => letters.map((l) => extent.get(l) as number);
  const matrices = (operand: Labelled, rows: readonly string[], columns: readonly string[]): Labelled => {
    const arranged = arrange(backend, operand, [...batch, ...rows, ...columns]);
    const shape = [batch, rows, columns].map((letters) => sizeOf(extents(letters)));
    return step(backend, arranged, reshaped(backend, arranged.tensor, shape), []);
  };
  const operands = [matrices(a, left, depth), matrices(b, depth, right)];
  const product = multiply(context, operands[0].tensor, operands[1].tensor, false, false);
  for (const { tensor } of operands) backend.disposeData(tensor.dataId);
  const letters = [...batch, ...left, ...right];
  return arrange(backend, { tensor: { ...product, shape: extents(letters) }, letters }, wanted).tensor;
}

function valueByValue({ backend }: KernelContext, a: Labelled, b: Labelled, wanted: readonly string[]): TensorInfo {
  const letters = [...new Set([...wanted, ...a.letters, ...b.letters])];
  const [x, y] = [a, b].map((operand) => {
    const arranged = arrange(
      backend,
      operand,
      letters.filter((l) => operand.letters.includes(l)),
    );
    const shape = letters.map((l) => arranged.tensor.shape[arranged.letters.indexOf(l)] ?? 1);
    return step(backend, arranged, reshaped(backend, arranged.tensor, shape), letters);
  });
  const product = runKernel(backend, "Multiply", { a: x.tensor, b: y.tensor });
  for (const { tensor } of [x, y]) backend.disposeData(tensor.dataId);
  return sumOut(backend, { tensor: product, letters }, new Set(wanted)).tensor;
}
