import { NengoError, ValidationError } from "../errors.ts";
import { memoryOf } from "./internals.ts";
import type { WasmBackend } from "./internals.ts";

type Call = (...numbers: number[]) => number;

/** Functions of assembly/wasm-backend, where their arguments are described. Offsets and lengths are bytes, strides are elements. */
export type Functions = Readonly<
  Record<
    | "product"
    | "productScratch"
    | "convolution"
    | "convolutionFilterGradient"
    | "convolutionInputGradient"
    | "convolutionScratch"
    | "depthwise"
    | "depthwiseFilterGradient"
    | "depthwiseInputGradient"
    | "copyRows"
    | "addToRows"
    | "segmentSum"
    | "sumRows"
    | "zero"
    | "gatherRows"
    | "maxPool"
    | "averagePool"
    | "maxPoolGradient"
    | "averagePoolGradient"
    | "compare"
    | "extreme"
    | "logicalAnd"
    | "logicalOr"
    | "choose"
    | "leakyRelu"
    | UnaryFunction,
    Call
  >
>;

/** Functions of (x, out, count). */
export type UnaryFunction =
  "elu" | "exp" | "expm1" | "log" | "log1p" | "relu" | "relu6" | "rsqrt" | "selu" | "sigmoid" | "softplus" | "sqrt" | "tanh";

/** The compiled kernels over the memory of one backend. */
export interface Native extends Functions {
  /** tfjs's own convolutions and products use several threads; these functions only use the calling one. */
  readonly threads: boolean;
  /** Room for `bytes` bytes, the same at every call; what it held is lost. Throws a NengoError when there is no memory left. */
  scratch(bytes: number): number;
  /** Gives the room back. */
  release(): void;
}

/** A module with one f32x4.relaxed_madd of splats. */
const RELAXED_PROBE = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 19, 1, 17, 0],
  ...[65, 0, 253, 15, 65, 0, 253, 15, 65, 0, 253, 15, 253, 133, 2, 11],
);

/** Whether WebAssembly has fused multiply-add here (relaxed SIMD; Chrome 114 and Node 22 have it). */
export const hasRelaxedSimd = (): boolean => WebAssembly.validate(RELAXED_PROBE);

/**
 * The module, with fused multiply-add or without, compiled for memory that is shared or not: one flag of its import says which.
 * Throws a ValidationError where WebAssembly has no SIMD instructions.
 */
export async function compile(shared: boolean, relaxedSimd: boolean): Promise<WebAssembly.Module> {
  const { binary } = await (relaxedSimd ? import("./relaxedBinary.ts") : import("./binary.ts"));
  const bytes = Uint8Array.from(atob(binary), (character) => character.charCodeAt(0));
  bytes[limitsOf(bytes)] = shared ? 3 : 1;
  if (WebAssembly.validate(bytes)) return WebAssembly.compile(bytes);
  throw new ValidationError({
    owner: "completeWasmBackend",
    expected: `WebAssembly with ${relaxedSimd ? "relaxed " : ""}SIMD${shared ? " and shared memory" : ""}`,
    got: "an engine without",
    fix: "Leave the wasm backend as it is",
  });
}

/** Place of the flags in the import of "env" "memory": they follow both names, each with its length before it, and the kind. */
function limitsOf(bytes: Uint8Array): number {
  const name = [...new TextEncoder().encode("\x03env\x06memory\x02")];
  return bytes.findIndex((_, at) => name.every((byte, k) => bytes[at + k] === byte)) + name.length;
}

/** An instance over a backend's memory. */
export function instantiate(module: WebAssembly.Module, backend: WasmBackend): Native {
  const memory = memoryOf(backend);
  const functions = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Functions;
  let room = 0;
  let size = 0;
  const release = (): void => {
    if (room !== 0) backend.wasm?._free(room);
    room = size = 0;
  };
  const scratch = (bytes: number): number => {
    if (bytes <= size) return room;
    release();
    room = (backend.wasm?._malloc(bytes) ?? 0) >>> 0;
    if (room === 0) throw new NengoError(`The wasm backend has no memory left for ${bytes} bytes of working space.`);
    size = bytes;
    return room;
  };
  return { ...functions, threads: (backend.wasm?.tfjs.getThreadsCount() ?? 1) > 1, scratch, release };
}

export const isShared = (memory: WebAssembly.Memory): boolean =>
  typeof SharedArrayBuffer === "function" && memory.buffer instanceof SharedArrayBuffer;
