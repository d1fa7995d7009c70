import { ConversionError, describe } from "../../errors.ts";
import { camel, isObject } from "./plain.ts";
import { registered } from "./registry.ts";

/** Names of Keras whose functions have another name in tfjs. */
const NAMES: Readonly<Record<string, string>> = { silu: "swish", celu: "elu", hard_swish: "hardSilu", leaky_relu: "leakyRelu" };

/**
 * The name that tfjs (or this library) knows an activation under. Keras 3 has another hard sigmoid, relu6(x + 3) / 6, than Keras 2
 * and tfjs, clip(0.2 x + 0.5).
 * @throws ConversionError for functions and layers that are none of the registered activations
 */
export function activationName(value: unknown, keras3: boolean, where: string): string {
  if (value === null || value === undefined) return "linear";
  const name =
    typeof value === "string" ? value : isObject(value) ? (typeof value.config === "string" ? value.config : value.class_name) : undefined;
  if (typeof name === "string") {
    if (name === "hard_sigmoid") return keras3 ? "hardSigmoidKeras3" : "hardSigmoid";
    const known = [NAMES[name], camel(name), name].find((candidate) => candidate !== undefined && registered(candidate));
    // A layer as activation has a config that would be lost
    if (known !== undefined && !(isObject(value) && isObject(value.config) && Object.keys(value.config).length > 0)) return known;
  }
  throw new ConversionError({
    owner: where,
    parameter: "activation",
    expected: "the name of an activation that tfjs knows",
    got: typeof name === "string" ? describe(name) : describe(value),
    fix: "Register it (class with static className and apply(x)) by tf.serialization.registerClass, or put a layer of its own behind this one in Keras",
  });
}
