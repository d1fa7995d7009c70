import { asFloat, offsetOf, sizeOf } from "../internals.ts";
import type { Kernel } from "../kernel.ts";
import type { UnaryFunction } from "../native.ts";

/** A function of each value, four at a time; int32 and bool, which tfjs's kernels read wrongly or not at all, give float32 too. */
const unary = (name: string, f: UnaryFunction): Kernel => ({
  name,
  run({ backend, native }, { x }) {
    const float = asFloat(backend, x);
    const out = backend.makeOutput(x.shape, "float32");
    native[f](offsetOf(backend, float), offsetOf(backend, out), sizeOf(x.shape));
    backend.disposeData(float.dataId);
    return out;
  },
});

/** Those that tfjs computes value by value. */
export const unaryKernels: readonly Kernel[] = [
  unary("Exp", "exp"),
  unary("Expm1", "expm1"),
  unary("Tanh", "tanh"),
  unary("Sigmoid", "sigmoid"),
  unary("Log", "log"),
  unary("Log1p", "log1p"),
  unary("Softplus", "softplus"),
  unary("Elu", "elu"),
  unary("Selu", "selu"),
  unary("Sqrt", "sqrt"),
  unary("Rsqrt", "rsqrt"),
];
