import type { DataType, NamedAttrMap, TensorInfo } from "@tensorflow/tfjs-core";
import { getKernel, util } from "@tensorflow/tfjs-core";
import { describe, ValidationError } from "../errors.ts";

/** The parts of tfjs's wasm backend that kernels use; none of them is documented, which is why versions are checked. */
export interface WasmBackend {
  /** Null once tfjs has removed the backend. */
  readonly wasm: {
    /** Exports of the module; holds the memory, except in the build with threads. */
    readonly asm?: { readonly memory?: WebAssembly.Memory };
    /** Shared memory of the build with threads. */
    readonly wasmMemory?: WebAssembly.Memory;
    readonly tfjs: { getThreadsCount(): number };
    _malloc(bytes: number): number;
    _free(offset: number): void;
  } | null;
  readonly dataIdMap: { get(dataId: object): { readonly memoryOffset: number | null } };
  makeOutput(shape: readonly number[], dtype: DataType): TensorInfo;
  incRef(dataId: object): void;
  disposeData(dataId: object): boolean;
}

/** The memory of a backend, or a ValidationError where it is not built as tfjs 4.22's. */
export function memoryOf(backend: object): WebAssembly.Memory {
  const { wasm, dataIdMap } = backend as Partial<WasmBackend>;
  const memory = wasm?.asm?.memory ?? wasm?.wasmMemory;
  const methods = ["makeOutput", "incRef", "disposeData"] as const;
  const known =
    memory instanceof WebAssembly.Memory &&
    typeof wasm?._malloc === "function" &&
    typeof wasm._free === "function" &&
    typeof (wasm.tfjs as { getThreadsCount?: unknown } | undefined)?.getThreadsCount === "function" &&
    typeof dataIdMap?.get === "function" &&
    methods.every((name) => typeof (backend as Partial<WasmBackend>)[name] === "function");
  if (known) return memory;
  throw new ValidationError({
    owner: "completeWasmBackend",
    expected: "a wasm backend with the internals of tfjs 4.22",
    got: describe(backend),
    fix: "Install @tensorflow/tfjs-backend-wasm 4.22",
  });
}

/** Where a tensor's data begins, in bytes. */
export function offsetOf(backend: WasmBackend, { dataId }: TensorInfo): number {
  return backend.dataIdMap.get(dataId).memoryOffset as number;
}

export const sizeOf = (shape: readonly number[]): number => util.sizeFromShape(shape as number[]);

/** Runs whichever kernel is registered under a name, e.g. Transpose; the result is the caller's to release. */
export function runKernel(
  backend: WasmBackend,
  name: string,
  inputs: Readonly<Record<string, TensorInfo>>,
  attrs: Readonly<Record<string, unknown>> = {},
): TensorInfo {
  return getKernel(name, "wasm").kernelFunc({ inputs, backend, attrs: attrs as unknown as NamedAttrMap }) as TensorInfo;
}

/** The same data under another shape, counted once more. */
export function reshaped(backend: WasmBackend, { dataId, dtype }: TensorInfo, shape: readonly number[]): TensorInfo {
  backend.incRef(dataId);
  return { dataId, dtype, shape: [...shape] };
}

/** The tensor itself (counted once more), or a float32 copy of an int32 or bool one. The caller releases it. */
export function asFloat(backend: WasmBackend, x: TensorInfo): TensorInfo {
  return x.dtype === "float32" ? reshaped(backend, x, x.shape) : runKernel(backend, "Cast", { x }, { dtype: "float32" });
}

export function transposed(backend: WasmBackend, x: TensorInfo, perm: readonly number[]): TensorInfo {
  return runKernel(backend, "Transpose", { x }, { perm });
}
