import { ConversionError, describe } from "../../errors.ts";
import { references, TensorReference, type Call } from "./calls.ts";
import { title, type LayerSpec } from "./layerSpec.ts";
import { isObject } from "./plain.ts";
import { makeLayer, type Dialect, type MadeLayer } from "./makeLayer.ts";

/** `x + y` and the like on tensors of a graph, which Keras 2 saves as TFOpLambda and Keras 3 as operations; by what they are called there. */
const MERGES: Readonly<Record<string, string>> = {
  add: "Add",
  subtract: "Subtract",
  sub: "Subtract",
  multiply: "Multiply",
  mul: "Multiply",
};

const ACTIVATIONS = ["relu", "relu6", "sigmoid", "tanh", "softmax", "softplus", "softsign", "silu", "elu", "selu", "gelu"];

/** Whether the spec is an operation and no layer. In `.h5` files of Keras 3 operations have no module and nothing but a name. */
export const isArithmetic = (spec: LayerSpec) =>
  spec.className === "TFOpLambda" ||
  /(^|\.)ops(\.|$)/.test(spec.module) ||
  (spec.module === "" &&
    Array.isArray(spec.inboundNodes) &&
    isObject(spec.inboundNodes[0]) &&
    Object.keys(spec.config).every((key) => key === "name"));

/** Name of the operation without its module: `tf.__operators__.add` is `add`, `TrueDivide` is `truedivide`. */
function operation(spec: LayerSpec): string {
  const name = spec.className === "TFOpLambda" ? String(spec.config.function) : spec.className;
  return (name.split(".").at(-1) ?? "").toLowerCase();
}

/**
 * A layer for an operation: two tensors are merged, a number scales or shifts a tensor.
 * @throws ConversionError for other operations
 */
export function arithmeticLayer(spec: LayerSpec, call: Call, dialect: Dialect): MadeLayer {
  const name = operation(spec);
  const operands = [...call.args, ...["x", "y", "x1", "x2"].filter((key) => key in call.kwargs).map((key) => call.kwargs[key])];
  const tensors = references(operands).length;
  const as = (className: string, config: Record<string, unknown> = {}): MadeLayer => {
    const made = makeLayer({ ...spec, className, module: "", registeredName: null, config: { name: spec.name, ...config } }, dialect, null);
    return { ...made, spec };
  };
  if (operands.length === 2 && tensors === 2 && Object.hasOwn(MERGES, name)) return as(MERGES[name]);
  const number = operands.find((operand) => typeof operand === "number");
  if (operands.length === 2 && tensors === 1 && typeof number === "number") {
    const rescaling = affine(name, number, operands[0] instanceof TensorReference);
    if (rescaling !== null) return as("Rescaling", { ...rescaling });
  }
  if (operands.length === 1 && tensors === 1 && ACTIVATIONS.includes(name)) return as("Activation", { activation: name });
  throw new ConversionError(
    {
      owner: title(spec),
      expected: "a layer, a sum, difference or product of tensors and numbers, or an activation",
      got: `the operation ${describe(spec.className === "TFOpLambda" ? spec.config.function : spec.className)}`,
      fix: "Use a layer for it in Keras",
    },
    { layer: spec.name },
  );
}

/** `x * scale + offset`, for a tensor x on the left or right of an operator and a number. */
function affine(name: string, number: number, left: boolean): { scale: number; offset: number } | null {
  switch (MERGES[name] ?? name) {
    case "Add":
      return { scale: 1, offset: number };
    case "Subtract":
      return left ? { scale: 1, offset: -number } : { scale: -1, offset: number };
    case "Multiply":
      return { scale: number, offset: 0 };
    case "truediv":
    case "truedivide":
    case "divide":
    case "div":
      return left ? { scale: 1 / number, offset: 0 } : null;
    default:
      return null;
  }
}
