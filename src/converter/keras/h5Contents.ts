import { ConversionError, describe } from "../../errors.ts";
import type { Contents } from "./contents.ts";
import type { Hdf5File } from "./hdf5.ts";
import { parseJson } from "./plain.ts";
import type { NamedWeights, StoredWeight } from "./storedWeight.ts";

/**
 * A whole model in HDF5 as `model.save("x.h5")` of Keras 2 and 3 writes it: the config in an attribute, a group of arrays for each layer.
 * @throws ConversionError for files with weights alone and for HDF5 of other programs
 */
export function h5Contents(file: Hdf5File): Contents {
  const text = file.attribute("/", "model_config");
  if (typeof text !== "string") {
    const weightsAlone = file.attribute("/", "layer_names") !== undefined || file.hasGroup("layers");
    throw new ConversionError({
      owner: "loadKeras",
      parameter: ".h5",
      expected: "a model's config (attribute model_config)",
      got: weightsAlone ? "weights alone" : `HDF5 of another program (${file.names("/").slice(0, 5).join(", ") || "empty"})`,
      fix: weightsAlone
        ? 'Save the whole model: model.save("model.h5") or model.save("model.keras"), not save_weights'
        : 'Save the model in Keras by model.save("model.keras")',
    });
  }
  const config = parseJson("model_config", text);
  if (!file.hasGroup("model_weights")) {
    throw new ConversionError({
      owner: "loadKeras",
      parameter: ".h5",
      expected: "a group model_weights",
      got: "none",
      fix: "Save the model again",
    });
  }
  const version = file.attribute("/", "keras_version");
  return { config, weights: namedWeights(file, "model_weights"), kerasVersion: typeof version === "string" ? version : null };
}

function namedWeights(file: Hdf5File, root: string): NamedWeights {
  const layers = new Map(
    textList(file, root, "layer_names").map((layer) => {
      const group = `${root}/${layer}`;
      return [layer, textList(file, group, "weight_names").map((name) => stored(file, group, name))] as const;
    }),
  );
  return { kind: "named", of: (layer) => layers.get(layer) ?? [], all: [...layers.values()].flat() };
}

function stored(file: Hdf5File, group: string, name: string): StoredWeight {
  const weight = file.weight(`${group}/${name}`, name.replace(/:0$/, ""));
  if (weight === undefined) {
    throw new ConversionError({
      owner: `weight "${name}"`,
      expected: `an array in ${group}`,
      got: "none",
      fix: "Copy or save the file again",
    });
  }
  return weight;
}

/** An attribute that is a list of names; long ones are divided into `name0`, `name1`, ... */
function textList(file: Hdf5File, group: string, name: string): string[] {
  const whole = file.attribute(group, name);
  if (whole !== undefined) return texts(whole, group, name);
  const list: string[] = [];
  for (let part = 0; ; part++) {
    const found = file.attribute(group, `${name}${part}`);
    if (found !== undefined) list.push(...texts(found, group, name));
    else if (part > 0) return list;
    else
      throw new ConversionError({
        owner: `loadKeras ${group}`,
        parameter: name,
        expected: "a list of names",
        got: "none",
        fix: "Copy or save the file again",
      });
  }
}

function texts(value: unknown, group: string, name: string): string[] {
  // h5py writes an empty list as an array of no floats
  if (ArrayBuffer.isView(value) && value.byteLength === 0) return [];
  if (!Array.isArray(value) || !value.every((text) => typeof text === "string")) {
    throw new ConversionError({ owner: `loadKeras ${group}`, parameter: name, expected: "a list of names", got: describe(value) });
  }
  return value;
}
