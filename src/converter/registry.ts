import type { layers } from "@tensorflow/tfjs-layers";
import { ValidationError, describe } from "../errors.ts";
import type { LayerClass, LayerConverter, NamedConverter } from "./converter.ts";
import * as converters from "./converters/index.ts";

const own: readonly NamedConverter[] = Object.values(converters);
const registry = new Map<string, LayerConverter>(own.flatMap(({ names, converter }) => names.map((name) => [name, converter] as const)));

/** Converters of layer classes, by the name under which tfjs knows the class. */
export const Converter = {
  /**
   * Makes known how layers of a class are converted; another registration replaces the first.
   * @throws ValidationError where the class has no `className`, or the converter no `convert`
   */
  register<L extends layers.Layer>(Class: LayerClass<L>, converter: LayerConverter<L>): void {
    const owner = "Converter.register";
    if (typeof Class !== "function" || typeof Class.className !== "string")
      throw new ValidationError({
        owner,
        parameter: "Class",
        expected: "a class of layers with a static className",
        got: describe(Class),
      });
    if (typeof converter !== "object" || converter === null || typeof converter.convert !== "function")
      throw new ValidationError({
        owner,
        parameter: "converter",
        expected: "an object with a method convert",
        got: describe(converter),
      });
    registry.set(Class.className, converter);
  },
};

/** The converter of a layer; null where its class has none. */
export const converterOf = (layer: layers.Layer): LayerConverter | null => registry.get(layer.getClassName()) ?? null;
