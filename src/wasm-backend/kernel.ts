import type { NamedAttrMap, TensorInfo } from "@tensorflow/tfjs-core";
import type { Native } from "./native.ts";
import type { WasmBackend } from "./internals.ts";

/** What a kernel works with. */
export interface KernelContext {
  readonly backend: WasmBackend;
  readonly native: Native;
  /** Runs the kernel that was there before, for what this one leaves to it. */
  readonly stock: () => TensorInfo | TensorInfo[];
}

/** A kernel of the completed backend. Inputs and attributes are those of tfjs's kernel of the same name. */
export interface Kernel {
  readonly name: string;
  run(context: KernelContext, inputs: Readonly<Record<string, TensorInfo>>, attrs: Readonly<NamedAttrMap>): TensorInfo | TensorInfo[];
}
