import { ConversionError, describe } from "../../errors.ts";
import { isObject, plain, type Json } from "./plain.ts";

/** One layer (or model) as a file describes it. */
export interface LayerSpec {
  /** Name that tfjs accepts. */
  readonly name: string;
  /** Name in the file. */
  readonly fileName: string;
  /** Class as the file calls it, e.g. `Conv2D`. */
  readonly className: string;
  /** Name that the class was registered under in Python, e.g. `my_package>MyLayer`. */
  readonly registeredName: string | null;
  /** Python module, in files of Keras 3. */
  readonly module: string;
  readonly config: Json;
  readonly inboundNodes: unknown;
  /** Shape that a Keras 3 file says the layer was built for. */
  readonly buildShape: unknown;
}

/** What a layer is called in messages. */
export const title = (spec: { name: string; className: string }) => `layer "${spec.name}" (${spec.className})`;

/**
 * Reads `{class_name, config, ...}`.
 * @throws ConversionError where it is not that
 */
export function layerSpec(value: unknown, where: string): LayerSpec {
  if (!isObject(value) || typeof value.class_name !== "string") {
    throw new ConversionError({
      owner: where,
      expected: "a layer {class_name, config}",
      got: describe(value),
      fix: "Save the model again",
    });
  }
  const className = value.class_name;
  // Keras 2.0 wrote a Sequential's config as a bare list of layers
  const config = Array.isArray(value.config) ? { layers: value.config } : value.config;
  if (!isObject(config)) {
    throw new ConversionError({ owner: `${where} (${className})`, parameter: "config", expected: "an object", got: describe(config) });
  }
  const fileName =
    [value.name, config.name].find((text): text is string => typeof text === "string" && text !== "") ?? className.toLowerCase();
  const build = value.build_config;
  return {
    name: legalName(fileName),
    fileName,
    className,
    registeredName: typeof value.registered_name === "string" ? value.registered_name : null,
    module: typeof value.module === "string" ? value.module : "",
    config: plain(config) as Json,
    inboundNodes: value.inbound_nodes,
    buildShape: isObject(build) ? plain(build.input_shape) : null,
  };
}

/** tfjs allows letters, digits and `-_./` in the names of variables, which begin with the layer's; Keras 3 allows more. */
export const legalName = (name: string) => name.replace(/[^-\w./]/g, "_").replace(/^[^A-Za-z0-9]/, "layer_$&");

/** Whether the spec is a whole model. */
export const isModel = (spec: LayerSpec) =>
  ["Functional", "Model", "Sequential"].includes(spec.className) && Array.isArray(spec.config.layers);
