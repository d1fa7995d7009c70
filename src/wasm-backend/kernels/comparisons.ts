import { backend_util, util } from "@tensorflow/tfjs-core";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { offsetOf, sizeOf } from "../internals.ts";
import type { Kernel, KernelContext } from "../kernel.ts";

/** Two float32 tensors of which each has the result's size or is a single value: what the compiled functions take. */
const isPlain = (a: TensorInfo, b: TensorInfo, shape: readonly number[]): boolean =>
  [a, b].every((x) => x.dtype === "float32" && (util.arraysEqual(x.shape, shape as number[]) || sizeOf(x.shape) === 1)) &&
  sizeOf(shape) > 0;

/** A comparison; other dtypes and broadcasts are left to tfjs's kernel. */
const comparison = (name: string, how: 0 | 1 | 2 | 3, exchanged: boolean): Kernel => ({
  name,
  run({ backend, native, stock }, inputs) {
    const [a, b] = exchanged ? [inputs["b"], inputs["a"]] : [inputs["a"], inputs["b"]];
    const shape = backend_util.assertAndGetBroadcastShape(a.shape, b.shape);
    if (!isPlain(a, b, shape)) return stock();
    const size = sizeOf(shape);
    const out = backend.makeOutput(shape, "bool");
    const [left, right, to] = [a, b, out].map((tensor) => offsetOf(backend, tensor));
    native.compare(how, left, single(a, size), right, single(b, size), to, size);
    return out;
  },
});

const single = ({ shape }: TensorInfo, size: number): number => Number(size !== 1 && sizeOf(shape) === 1);

const extreme = (name: string, larger: 0 | 1): Kernel => ({
  name,
  run({ backend, native, stock }, { a, b }) {
    const shape = backend_util.assertAndGetBroadcastShape(a.shape, b.shape);
    if (!isPlain(a, b, shape)) return stock();
    const size = sizeOf(shape);
    const out = backend.makeOutput(shape, "float32");
    const [left, right, to] = [a, b, out].map((tensor) => offsetOf(backend, tensor));
    native.extreme(larger, left, single(a, size), right, single(b, size), to, size);
    return out;
  },
});

const logic = (name: string, f: "logicalAnd" | "logicalOr"): Kernel => ({
  name,
  run({ backend, native, stock }: KernelContext, { a, b }) {
    if (a.dtype !== "bool" || b.dtype !== "bool" || !util.arraysEqual(a.shape, b.shape)) return stock();
    const out = backend.makeOutput(a.shape, "bool");
    const [left, right, to] = [a, b, out].map((tensor) => offsetOf(backend, tensor));
    native[f](left, right, to, sizeOf(a.shape));
    return out;
  },
});

/** `tf.where` on float32 tensors of one shape, the condition's. */
const select: Kernel = {
  name: "Select",
  run({ backend, native, stock }, { condition, t, e }) {
    const same = [t, e].every(({ dtype, shape }) => dtype === "float32" && util.arraysEqual(shape, condition.shape));
    if (!same || condition.dtype !== "bool") return stock();
    const out = backend.makeOutput(t.shape, "float32");
    const [test, yes, no, to] = [condition, t, e, out].map((tensor) => offsetOf(backend, tensor));
    native.choose(test, yes, no, to, sizeOf(t.shape));
    return out;
  },
};

/** Those that tfjs computes value by value. */
export const comparisonKernels: readonly Kernel[] = [
  comparison("Less", 0, false),
  comparison("LessEqual", 1, false),
  comparison("Greater", 0, true),
  comparison("GreaterEqual", 1, true),
  comparison("Equal", 2, false),
  comparison("NotEqual", 3, false),
  extreme("Maximum", 1),
  extreme("Minimum", 0),
  logic("LogicalAnd", "logicalAnd"),
  logic("LogicalOr", "logicalOr"),
  select,
];
