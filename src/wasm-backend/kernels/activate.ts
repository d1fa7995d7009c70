import type { TensorInfo } from "@tensorflow/tfjs-core";
import { offsetOf, runKernel, sizeOf } from "../internals.ts";
import type { KernelContext } from "../kernel.ts";

/** Activations that fused kernels have on the wasm backend, by tfjs's names. */
export const ACTIVATIONS: ReadonlySet<string> = new Set(["linear", "relu", "relu6", "elu", "sigmoid", "leakyrelu", "prelu"]);

/** Adds a bias that broadcasts and applies an activation; `out` is float32 and changed in place or given up for another. */
export function activate(
  { backend, native }: KernelContext,
  out: TensorInfo,
  bias: TensorInfo | undefined,
  activation: string,
  alpha: number,
  weights: TensorInfo | undefined,
): TensorInfo {
  const replaced = (name: string, inputs: Record<string, TensorInfo>): TensorInfo => {
    const result = runKernel(backend, name, inputs);
    backend.disposeData(out.dataId);
    return result;
  };
  const size = sizeOf(out.shape);
  if (size === 0) return out;
  if (bias !== undefined) {
    const columns = out.shape.at(-1) as number;
    const isRow = bias.dtype === "float32" && bias.shape.length === 1 && bias.shape[0] === columns;
    if (isRow) native.addToRows(offsetOf(backend, bias), offsetOf(backend, out), size / columns, columns);
    else out = replaced("Add", { a: out, b: bias });
  }
  if (activation === "linear") return out;
  if (activation === "prelu") return replaced("Prelu", { x: out, alpha: weights as TensorInfo });
  const at = offsetOf(backend, out);
  if (activation === "leakyrelu") native.leakyRelu(at, at, size, alpha);
  else native[activation as "relu" | "relu6" | "elu" | "sigmoid"](at, at, size);
  return out;
}
